// A program of the system for a test: started, waited for by a line that it writes, ended by its process id.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline';

export type Program = {
  /** Everything that it wrote so far. */
  output(): string;
  stop(): Promise<void>;
};

/** Programs of some packages lie where only root's path leads. */
const PATH = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin`;

/** @param ready a line that it writes, to either stream, when it can be used */
export async function startProgram(
  command: string,
  words: readonly string[],
  ready: RegExp,
  env: Record<string, string> = {},
): Promise<Program> {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH, ...env } });
  const ended = once(child, 'close');
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    void ended.then(() => reject(new Error(`${command} ended:\n${text}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        text += `${line}\n`;
        if (ready.test(line)) resolve();
      });
    }
  });
  return {
    output: () => text,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs to its end; what it wrote. */
export async function runProgram(command: string, words: readonly string[]): Promise<string> {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PATH } });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return text;
}

/** A port that nobody had a moment ago, for programs that cannot be told to let the system choose. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    port = port + 1 < OWN.end ? port + 1 : OWN.start;
    const server = createServer();
    const listening = once(server, 'listening');
    server.listen(port, host);
    try {
      await listening;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Below those that the system gives out by itself, and for each worker of the tests its own: who is told of one still finds it free when it listens. */
const FIRST = 10_000;
const OF_ONE = 1_500;
const WORKERS = 14;
const start = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS) * OF_ONE;
const OWN = { start, end: start + OF_ONE };
let port = start + Math.floor(Math.random() * OF_ONE);
