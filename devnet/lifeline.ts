// The parent's side of guard.ts: whatever is named here ends with this process, however this process ends.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const GUARD = fileURLToPath(new URL('./guard.ts', import.meta.url));

export type Lifeline = {
  holdPid(pid: number): void;
  dropPid(pid: number): void;
  holdFolder(path: string): void;
  /** A network namespace: ends what runs in it, then removes it. */
  holdNamespace(name: string): void;
  /** Ends the guard, which ends and removes what is still held. */
  close(): Promise<void>;
};

export function createLifeline(): Lifeline {
  const child = spawn(process.execPath, [GUARD], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('error', () => undefined);
  // Writing to a guard that is gone must not take the devnet with it.
  child.stdin.on('error', () => undefined);
  const tell = (line: string): void => {
    child.stdin.write(`${line}\n`);
  };
  return {
    holdPid: (pid) => tell(`+pid ${pid}`),
    dropPid: (pid) => tell(`-pid ${pid}`),
    holdFolder: (path) => tell(`+folder ${path}`),
    holdNamespace: (name) => tell(`+netns ${name}`),
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
