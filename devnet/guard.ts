// Ends what the devnet started when the devnet itself is gone, even by SIGKILL. It runs as a process of its own: its standard input
// is a pipe from the parent, which the system closes when the parent dies. Only pids and folders named there are touched.
//
// Lines in: `+pid N`, `-pid N`, `+folder PATH`, `-folder PATH`. No other input has a meaning.

import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What is told to end gets this long before it is killed. */
const GRACE_MS = 3000;
const CHECK_MS = 100;

const pids = new Set<number>();
const folders = new Set<string>();

// Whoever ends a whole session must not end this one first: it outlives its parent by design, and by seconds only.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [verb = '', ...rest] = line.split(' ');
  const value = rest.join(' ');
  if (verb === '+pid') pids.add(Number(value));
  if (verb === '-pid') pids.delete(Number(value));
  if (verb === '+folder') folders.add(value);
  if (verb === '-folder') folders.delete(value);
});
input.on('close', () => {
  send('SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  const timer = setInterval(() => {
    if ([...pids].some(isAlive) && Date.now() < deadline) return;
    clearInterval(timer);
    send('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  }, CHECK_MS);
});

function send(signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      pids.delete(pid);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
