// The bench runs in a network namespace of its own: no port of another program is in the way, no packet can leave the machine, and what slow-path.ts does to
// its loopback is done to nobody else.

import { execFileSync, spawn } from 'node:child_process';
import { createLifeline } from '../../devnet/lifeline.ts';

const INSIDE = 'CONET_BENCH_NAMESPACE';

/** The namespace that this process was started in by `runInside`. */
export const ownNamespace = (): string | undefined => process.env[INSIDE];

/** Runs this same program again, inside. Resolves with its exit code. */
export async function runInside(): Promise<number> {
  const name = `conet-bench-${process.pid}`;
  const lifeline = createLifeline();
  lifeline.holdNamespace(name);
  try {
    ip('netns', 'add', name);
    inside(name, 'ip', 'link', 'set', 'lo', 'up');
    // A browser that sees nothing but a loopback takes itself for offline.
    inside(name, 'ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
    inside(name, 'ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'up0');
    for (const end of ['up0', 'up1']) inside(name, 'ip', 'link', 'set', end, 'up');
    // Each connection finds out about its path by itself: what the kernel remembers of the last one would favour whoever comes later.
    inside(name, 'sysctl', '-qw', 'net.ipv4.tcp_no_metrics_save=1');
    const child = spawn('ip', ['netns', 'exec', name, process.execPath, ...process.argv.slice(1)], {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: name },
    });
    // Ctrl-C reaches the program inside as well; this one stays until it has cleaned up.
    process.on('SIGINT', () => undefined);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    await lifeline.close();
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function inside(name: string, ...command: string[]): void {
  ip('netns', 'exec', name, ...command);
}
