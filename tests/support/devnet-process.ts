// The devnet's programs as a person runs them: processes of their own, their output read, ended by signals.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Program = {
  pid: number;
  /** Everything written so far, both streams. */
  output: () => string;
  /** The first line of standard output that fits; rejects when the program ends before. */
  line(fits: (line: string) => boolean): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
};

/** @param env on top of this process's own; `CONET_DEVNET_FOLDER` keeps its state and logs apart from a person's demo */
export function runDevnetProgram(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Program {
  const path = fileURLToPath(new URL(`../../devnet/${file}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  const wake = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const each of wake) each();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? -1);
      for (const each of wake) each();
    });
  });
  return {
    pid: child.pid ?? -1,
    output: () => `${stdout}${stderr}`,
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = stdout.split('\n').slice(0, -1).find(fits);
          if (found !== undefined) {
            wake.delete(look);
            resolve(found);
          } else if (child.exitCode !== null || child.signalCode !== null) {
            wake.delete(look);
            reject(new Error(`${file} ended first:\n${stdout}${stderr}`));
          }
        };
        wake.add(look);
        look();
      }),
    kill: (signal) => child.kill(signal),
    ended,
  };
}

/** True while a process of that pid exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
