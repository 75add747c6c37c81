// A program of a peer, run in the foreground as long as the bench, its output kept for the one line that says why it ended.

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { DevnetError } from '../../devnet/errors.ts';
import type { Lifeline } from '../../devnet/lifeline.ts';

/** The slowest is squid, which reads its certificate and its configuration: below a second on an idle machine. */
const START_MS = 20_000;
const STOP_MS = 5000;
const POLL_MS = 25;
const LAST_CHARACTERS = 2000;

export type Program = { pid: number; output: () => string; stop: () => Promise<void> };

export type ProgramInit = {
  words: readonly [string, ...string[]];
  lifeline: Lifeline;
  folder: string;
  /** Ready when something listens there. */
  listens?: { address: string; port: number };
  env?: Record<string, string>;
};

export async function startProgram({ words, lifeline, folder, listens, env }: ProgramInit): Promise<Program> {
  const [command, ...rest] = words;
  const child = spawn(command, rest, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for the bench, which ends its peers.
    detached: true,
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-LAST_CHARACTERS)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('error', (error) => (output += error.message));
  const { pid = -1 } = child;
  if (pid > 0) lifeline.holdPid(pid);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null || pid < 0;
  const stop = async (): Promise<void> => {
    if (!isOver()) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    lifeline.dropPid(pid);
  };
  const deadline = Date.now() + START_MS;
  while (listens !== undefined && !(await answers(listens))) {
    if (isOver() || Date.now() > deadline) {
      await stop();
      throw new DevnetError('relay-died', `${command} does not listen: ${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { pid, output: () => output, stop };
}

function answers({ address, port }: { address: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
