// Ends what the devnet started when the devnet itself is gone, even by SIGKILL. It runs as a process of its own: its standard input
// is a pipe from the parent, which the system closes when the parent dies. Only what is named there is touched.
//
// Lines in: `+pid N`, `-pid N`, `+folder PATH`, `-folder PATH`, `+netns NAME`. No other input has a meaning.

import { spawnSync } from 'node:child_process';
import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What is told to end gets this long before it is killed. */
const GRACE_MS = 3000;
const CHECK_MS = 100;
/** Where iproute2 keeps the files that a namespace sees in the place of those of /etc (ip-netns(8)). */
const ETC_NETNS = '/etc/netns';

const pids = new Set<number>();
const folders = new Set<string>();
const namespaces = new Set<string>();

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
  if (verb === '+netns') namespaces.add(value);
});
input.on('close', () => {
  send('SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  const timer = setInterval(() => {
    if ([...pids].some(isAlive) && Date.now() < deadline) return;
    clearInterval(timer);
    send('SIGKILL');
    for (const name of namespaces) removeNamespace(name);
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

/** Ends what still runs in it, whoever started that, and removes it with its files. */
function removeNamespace(name: string): void {
  const { stdout, error } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  if (error) return;
  for (const pid of stdout.split('\n').filter(Boolean)) killQuietly(Number(pid));
  spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  rmSync(join(ETC_NETNS, name), { recursive: true, force: true });
  try {
    // Only when no other namespace has files there.
    rmdirSync(ETC_NETNS);
  } catch {
    return;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
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
