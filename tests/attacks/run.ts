// One attack as it is measured: others are served without it and with it, in turns, and the attacker is a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Scene } from './scene.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile, useFor } from './victims.ts';

export type Measured = {
  name: string;
  /** Of a small request, ms. */
  p50: { without: number; during: number };
  p99: { without: number; during: number };
  requests: { without: number; during: number };
  failures: string[];
  /** Resident memory after it, and how much of it came in it; bytes, entry and exit. */
  rss: [number, number];
  grew: [number, number];
  /** Processor time of entry and exit for each second of the attack. */
  cpu: [number, number];
};

/** What one attack left behind is not to be the next one's: both relays idle for a moment, and an entry's burst for a network (`newPerSecond`, ten seconds' worth) is whole again. */
const LOOK_MS = 250;
const IDLE_SHARE = 0.1;
const REFILL_MS = 10_000;

async function untilCalm(scene: Scene): Promise<void> {
  await delay(REFILL_MS);
  for (let from = await scene.look(); ;) {
    await delay(LOOK_MS);
    const to = await scene.look();
    const busiest = Math.max(...to.map(({ cpu }, index) => cpu - from[index]!.cpu)) / (LOOK_MS / 1000);
    if (busiest < IDLE_SHARE) return;
    from = to;
  }
}

/** @param calm waits before each round until the relays are: for figures, not for faults */
export async function measure(
  scene: Scene,
  name: string,
  { ms, rounds, calm }: { ms: number; rounds: number; calm: boolean },
): Promise<Measured> {
  const { circuit, target } = scene;
  const [without, during, failures]: [number[], number[], string[]] = [[], [], []];
  const before = await scene.look();
  const cpu: [number, number] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    if (calm) await untilCalm(scene);
    const alone = await useFor(circuit, target.authority, ms);
    without.push(...alone.ms);
    failures.push(...alone.failures.map((text) => `without: ${text}`));
    const attacker = spawn(process.execPath, [join(import.meta.dirname, 'attacker.ts'), name, JSON.stringify(target)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(attacker, 'exit');
    await once(attacker.stdout, 'data');
    const [from, at] = [await scene.look(), performance.now()];
    const harmed = await useFor(circuit, target.authority, ms);
    const seconds = (performance.now() - at) / 1000;
    during.push(...harmed.ms);
    failures.push(...harmed.failures);
    const to = await scene.look();
    for (const index of [0, 1] as const) cpu[index] += (to[index].cpu - from[index].cpu) / seconds / rounds;
    attacker.kill('SIGTERM');
    // One that does not end is its own fault, and not the relays'.
    const timer = setTimeout(() => attacker.kill('SIGKILL'), 1_000);
    await ended;
    clearTimeout(timer);
  }
  const after = await scene.look();
  const both = (share: number) => ({ without: percentile(without, share), during: percentile(during, share) });
  return {
    ...{ name, p50: both(0.5), p99: both(0.99), failures, cpu },
    requests: { without: without.length, during: during.length },
    rss: [after[0].rss, after[1].rss],
    grew: [after[0].rss - before[0].rss, after[1].rss - before[1].rss],
  };
}
