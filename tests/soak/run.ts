// A soak: clients of every kind through real relays, some of which are restarted, sampled all the while. Called by main.ts and tests/long/soak.test.ts.

import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../chaos/kills/random.ts';
import { download, KINDS, operate, type Kind } from './operations.ts';
import { startPatternOrigin } from './origin.ts';
import { startSoakRelays } from './relays.ts';
import { sample, type Sample } from './samples.ts';
import { openTunnel } from './tunnel.ts';
import { judge, leftBehind, LIMITS, type Growth, type Limits } from './verdict.ts';

export type SoakInit = {
  seed: number;
  ms: number;
  limits?: Limits;
  /** Between two restarts, ms. */
  restartMs?: number;
  sampleMs?: number;
  /** What restarted relays give their tunnels; the relay's own 5 s where it is left out. */
  drainSeconds?: number;
  /** How long an idle tunnel is idle, ms. */
  idleMs?: [number, number];
  say?: (line: string) => void;
};

export type Soak = {
  seed: number;
  ms: number;
  operations: Record<Kind, { whole: number; broken: number; wrong: number }>;
  bytes: number;
  restarts: string[];
  growth: Growth[];
  faults: string[];
  before: Sample[];
  after: Sample[];
  samples: Sample[];
};

/** Clients that transfer, and clients whose tunnels are idle: what two shared cores carry without being the limit all the time. */
const BUSY_CLIENTS = 6;
const IDLE_CLIENTS = 20;
const BUSY: readonly Kind[] = ['download', 'upload', 'small', 'small', 'cut'];
/** Between two operations of a busy client, ms: people read. */
const PAUSE_MS = 50;
/** A tunnel that a client has left is closed by both relays well within this. */
const SETTLE_MS = 10_000;
const SETTLE_STEP_MS = 200;
const CONTROL_BYTES = 100_000;
/** A failure that repeats need not be told a thousand times. */
const MOST_TOLD = 20;

export async function soak(init: SoakInit): Promise<Soak> {
  const { seed, ms, limits = LIMITS, restartMs = 20_000, sampleMs = 2_000, idleMs = [2_000, 15_000], say } = init;
  const origin = await startPatternOrigin();
  // A run that could not see a changed byte would be worth nothing: one is changed in each.
  const spoiler = await startPatternOrigin({ spoil: true });
  let start = performance.now();
  const relays = await startSoakRelays(init.drainSeconds).catch(async (error: unknown) => {
    await Promise.all([origin.stop(), spoiler.stop()]);
    throw error;
  });
  try {
    const settings = { authority: origin.authority, idleMs };
    const operations = Object.fromEntries(
      KINDS.map((kind) => [kind, { whole: 0, broken: 0, wrong: 0 }]),
    ) as Soak['operations'];
    const [wrong, lost, restarts, samples]: [string[], string[], string[], Sample[]] = [[], [], [], []];
    let bytes = 0;
    const sampleAll = (): Promise<Sample[]> =>
      Promise.all(relays.all.filter(({ isDown }) => !isDown).map(({ name, process }) => sample(name, process, start)));
    const before = await sampleAll();
    say?.(`relays ready after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    start = performance.now();
    const isOver = (): boolean => performance.now() - start >= ms;

    const client = async (index: number, kinds: readonly Kind[]): Promise<void> => {
      const random = createRandom(seed + 1000 * (index + 1));
      while (!isOver()) {
        const kind = random.pick(kinds);
        const { circuit, undisturbed } = relays.draw(random);
        const at = performance.now() - start;
        const { result, why = '', bytes: carried } = await operate(kind, circuit, random, settings);
        operations[kind][result] += 1;
        bytes += carried;
        const text = `${kind} at ${(at / 1000).toFixed(1)} s by ${circuit.entry.name} and ${circuit.exit.name}: ${why}`;
        if (result === 'wrong' && wrong.length < MOST_TOLD) wrong.push(text);
        if (result === 'broken' && undisturbed() && lost.length < MOST_TOLD) lost.push(text);
        await delay(random.between(0, PAUSE_MS));
      }
    };
    const restarter = async (): Promise<void> => {
      const random = createRandom(seed);
      for (;;) {
        const wait = random.between(restartMs / 2, restartMs * 1.5);
        // Nobody is restarted that could not come back before the end.
        if (performance.now() - start + wait > ms * 0.9) return;
        await delay(wait);
        restarts.push(await relays.restart(random));
      }
    };
    const sampler = async (): Promise<void> => {
      while (!isOver()) {
        // A relay that is just being ended says nothing.
        samples.push(...(await sampleAll().catch(() => [])));
        await delay(sampleMs);
        if (samples.length % 100 < relays.all.length)
          say?.(
            `${((performance.now() - start) / 60_000).toFixed(1)} min, ${(bytes / 1e9).toFixed(2)} GB, ${restarts.length} restarts`,
          );
      }
    };
    await Promise.all([
      ...Array.from({ length: BUSY_CLIENTS }, (_, index) => client(index, BUSY)),
      ...Array.from({ length: IDLE_CLIENTS }, (_, index) => client(BUSY_CLIENTS + index, ['idle'])),
      restarter(),
      sampler(),
    ]);

    const control = await openTunnel(relays.draw(createRandom(seed)).circuit, spoiler.authority, 'h2');
    const isSeen = (await download(control, CONTROL_BYTES)).result === 'wrong';
    control.cut();

    say?.(`load ended after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    // What clients have left ends at the relays a round trip later.
    let after = await sampleAll();
    const settled = (): boolean => leftBehind(before, after).length === 0;
    for (let waited = 0; waited < SETTLE_MS && !settled(); waited += SETTLE_STEP_MS) {
      await delay(SETTLE_STEP_MS);
      after = await sampleAll();
    }
    const whole = Object.values(operations).reduce((sum, one) => sum + one.whole, 0);
    const steady = relays.all.filter((relay) => relay.steady).map(({ name }) => name);
    const { growth, faults } = judge({ samples, steady, before, after, wrong, lost, whole }, limits);
    if (!isSeen) faults.push('a byte was changed on purpose, and nobody saw it');
    for (const relay of relays.all)
      if (/uncaught|unhandled/i.test(relay.process.output())) faults.push(`${relay.name}: its log has an exception`);
    say?.(`ended after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return { seed, ms, operations, bytes, restarts, growth, faults, before, after, samples };
  } finally {
    await relays.clean();
    await Promise.all([origin.stop(), spoiler.stop()]);
  }
}
