// A fuzzing: relays of every role, others who use them, and in turns valid traffic and such as nobody should send. Called by main.ts and tests/integration/fuzz.test.ts.

import { setTimeout as delay } from 'node:timers/promises';
import { HALF_OPEN_IDLE_MS } from '../../relay/net/join-tunnel.ts';
import { percentile, useFor } from '../attacks/victims.ts';
import { readMetrics, type Sample } from '../soak/samples.ts';
import { leftBehind } from '../soak/verdict.ts';
import { SURFACES } from './all.ts';
import { startFuzzer, type FuzzerProcess } from './fuzzer-process.ts';
import type { Done } from './hands.ts';
import { openFuzzScene, type FuzzScene } from './scene.ts';
import { FUZZ_LIMITS, judgeFuzz, type FuzzLimits } from './verdict.ts';

export type FuzzInit = {
  seed: number;
  inputs: number;
  /** Part of a surface's name; left out: all. */
  only?: string;
  /** Turns of valid traffic and fuzzing. */
  turns: number;
  /** How long others are watched alone first, and of valid traffic in each turn, ms. */
  aloneMs: number;
  validMs: number;
  limits?: FuzzLimits;
  /**
   * Relays are held against what they were before anybody came, and have as long to be so again as tunnels have whose client vanished after its end. Else against what they were after the first valid
   * traffic, which leaves such tunnels too, and half a minute.
   */
  isPatient?: boolean;
  /** Whether to end after the turn that goes on. */
  stopped?: () => boolean;
  say?: (line: string) => void;
};

export type Fuzzed = {
  seed: number;
  faults: string[];
  done: Done[];
  /** ms of fuzzing, without the valid traffic. */
  ms: number;
  /** Inputs of the valid traffic and what it took, ms. */
  valid: { inputs: number; ms: number };
  p99: { alone: number; valid: number; fuzzed: number };
  p50: { alone: number; valid: number; fuzzed: number };
  requests: { valid: number; fuzzed: number };
  before: Sample[];
  after: Sample[];
  /** The highest of each relay while it went on. */
  most: Sample[];
  /** Faults of the fuzzer's own libraries, by name. */
  own: Record<string, number>;
};

/** Others ask for something small, for so long from one address: a page's worth, and within an entry's limit of new connections of one. */
const VISIT_MS = 1_000;
/** A connection that said nothing goes after 15 s at most (TLS at the exit), and its end is seen. */
const SETTLE_MS = 30_000;
/** Of those that ended their half and vanished, too. */
const PATIENT_SETTLE_MS = HALF_OPEN_IDLE_MS + SETTLE_MS;
const SETTLE_STEP_MS = 200;
const SAMPLE_MS = 2_000;

export async function fuzz(init: FuzzInit): Promise<Fuzzed> {
  const starting = startFuzzer();
  try {
    const scene = await openFuzzScene(starting.then(({ entry }) => entry));
    try {
      const fuzzer = await starting;
      fuzzer.aim(scene.target);
      return await fuzzScene(init, fuzzer, scene);
    } finally {
      await scene.close();
    }
  } finally {
    await (await starting).stop();
  }
}

async function fuzzScene(init: FuzzInit, fuzzer: FuzzerProcess, scene: FuzzScene): Promise<Fuzzed> {
  const { seed, turns, aloneMs, validMs, isPatient = false, say = () => undefined } = init;
  const start = performance.now();
  const quotas = quotasOf(init);
  const ended: string[] = [];
  const relays = Object.entries(scene.relays);
  for (const [name, relay] of relays) void relay.ended.then(() => ended.push(name));
  const visits = new Visits(scene);
  const alone = await visits.during(delay(aloneMs));
  const untouched = await settled(scene, start, SETTLE_MS);
  const valid = { inputs: 0, ms: 0, took: [] as number[] };
  const fuzzed = { ms: 0, took: [] as number[] };
  const all = new Map<string, Done>();
  const own: Record<string, number> = {};
  let before: Sample[] = [];
  const most = new Map<string, Sample>();
  const watching = watch(scene, start, most);
  try {
    for (let turn = 0; turn < turns && ended.length === 0 && init.stopped?.() !== true; turn += 1) {
      const share = (quota: number): number =>
        Math.ceil((quota * (turn + 1)) / turns) - Math.ceil((quota * turn) / turns);
      const part = Object.fromEntries(Object.entries(quotas).map(([name, quota]) => [name, share(quota)]));
      const from = Object.fromEntries([...all].map(([name, { next }]) => [name, next]));

      const calmAt = performance.now();
      const calm = fuzzer.work({ seed, isValid: true, quotas: endless(part), from, ms: validMs });
      valid.took.push(...(await visits.during(calm)));
      valid.ms += performance.now() - calmAt;
      valid.inputs += (await calm).done.reduce((sum, { sent }) => sum + sent, 0);
      if (turn === 0) before = isPatient ? untouched : await settled(scene, start, SETTLE_MS);

      const at = performance.now();
      const work = fuzzer.work({ seed, isValid: false, quotas: part, from });
      fuzzed.took.push(...(await visits.during(work)));
      fuzzed.ms += performance.now() - at;
      const { done, faults } = await work;
      for (const each of done) all.set(each.surface, together(all.get(each.surface), each));
      for (const [name, count] of Object.entries(faults)) own[name] = (own[name] ?? 0) + count;
      const sent = [...all.values()].reduce((sum, one) => sum + one.sent, 0);
      say(`turn ${turn + 1} of ${turns}: ${sent} inputs in ${(fuzzed.ms / 1000).toFixed(0)} s`);
    }
  } finally {
    watching.abort();
  }
  await fuzzer.stop();
  const after =
    ended.length === 0 ? await settled(scene, start, isPatient ? PATIENT_SETTLE_MS : SETTLE_MS, before) : [];
  const done = [...all.values()];
  const p99 = { valid: percentile(valid.took, 0.99), fuzzed: percentile(fuzzed.took, 0.99) };
  const faults = judgeFuzz(
    {
      ...{ done, before, after, p99, failures: visits.failures },
      internal: ended.length === 0 ? await internalFaults(scene) : 0,
      relays: relays.map(([name, relay]) => ({
        ...{ name, lines: relay.lines, output: relay.output(), hasEnded: ended.includes(name) },
      })),
    },
    init.limits ?? FUZZ_LIMITS,
  );
  return {
    ...{ seed, faults, done, ms: fuzzed.ms, valid: { inputs: valid.inputs, ms: valid.ms }, before, after, own },
    p99: { alone: percentile(alone, 0.99), ...p99 },
    p50: { alone: percentile(alone, 0.5), valid: percentile(valid.took, 0.5), fuzzed: percentile(fuzzed.took, 0.5) },
    requests: { valid: valid.took.length, fuzzed: fuzzed.took.length },
    most: [...most.values()],
  };
}

/** Of each surface its part. */
function quotasOf({ inputs, only = '' }: FuzzInit): Record<string, number> {
  const chosen = Object.entries(SURFACES).filter(([name]) => name.includes(only));
  const weights = chosen.reduce((sum, [, { weight }]) => sum + weight, 0);
  return Object.fromEntries(chosen.map(([name, { weight }]) => [name, Math.ceil((inputs * weight) / weights)]));
}

/** JSON has no infinity. */
function endless(quotas: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(quotas).map((name) => [name, Number.MAX_SAFE_INTEGER]));
}

function together(one: Done | undefined, other: Done): Done {
  if (one === undefined) return other;
  const answered = { ...one.answered };
  for (const [word, count] of Object.entries(other.answered)) answered[word] = (answered[word] ?? 0) + count;
  return {
    ...{ ...other, answered, quota: one.quota + other.quota },
    ...{ sent: one.sent + other.sent, broken: one.broken + other.broken },
  };
}

/** The others. */
class Visits {
  readonly failures: string[] = [];
  readonly #scene: FuzzScene;
  #visit = 0;

  constructor(scene: FuzzScene) {
    this.#scene = scene;
  }

  /** What their requests take until it is over, ms. */
  async during(work: Promise<unknown>): Promise<number[]> {
    const took: number[] = [];
    const state = { isOver: false };
    const over = work.finally(() => (state.isOver = true));
    // Told by whoever waits for the work.
    over.catch(() => undefined);
    while (!state.isOver) {
      const { circuit, target } = this.#scene;
      const address = `127.77.${(this.#visit += 1) % 250}.1`;
      const { ms, failures } = await useFor(circuit, target.authority, VISIT_MS, { least: 1, address });
      took.push(...ms);
      this.failures.push(...failures);
    }
    await over;
    return took;
  }
}

/** Relays when those who came are gone again; after a while as they are. */
async function settled(scene: FuzzScene, start: number, ms: number, before?: Sample[]): Promise<Sample[]> {
  const deadline = performance.now() + ms;
  for (;;) {
    const samples = await scene.look(start);
    const isQuiet = leftBehind(before ?? samples, samples).length === 0;
    if (isQuiet || performance.now() > deadline) return samples;
    await delay(SETTLE_STEP_MS);
  }
}

function watch(scene: FuzzScene, start: number, most: Map<string, Sample>): AbortController {
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      for (const one of await scene.look(start)) {
        const known = most.get(one.relay);
        most.set(one.relay, known === undefined || one.rss > known.rss ? one : known);
      }
      await delay(SAMPLE_MS, undefined, { signal: stop.signal });
    }
  };
  // A relay that has ended is judged by its end.
  look().catch(() => undefined);
  return stop;
}

async function internalFaults(scene: FuzzScene): Promise<number> {
  const all = await Promise.all(Object.values(scene.relays).map(readMetrics));
  return all.reduce((sum, metrics) => sum + (metrics.get('exit_requests_failed_total{code="internal"}') ?? 0), 0);
}
