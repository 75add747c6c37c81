// The short form of `npm run soak`: the same load, relays and restarts for some seconds, and the proof that the verdict can fail.

import { describe, expect, test } from 'vitest';
import { soak } from '../soak/run.ts';
import type { Sample } from '../soak/samples.ts';
import { judge, type Facts } from '../soak/verdict.ts';

const SEED = Number(process.env['SEED'] ?? 20261129);
const SHORT = { seed: SEED, sampleMs: 500, idleMs: [300, 1000] as [number, number] };
/** A process that is seconds old still grows: what a short run can see is a leak of the fast kind. */
const YOUNG = { memoryPercent: 60, descriptorsPercent: 60 };

test(`nothing is lost, changed or left behind under mixed load and a restart (seed ${SEED})`, async () => {
  const { faults, operations, restarts, growth } = await soak({
    ...SHORT,
    ms: 6_000,
    restartMs: 1_000,
    drainSeconds: 1,
    limits: YOUNG,
  });
  expect(faults, JSON.stringify(growth)).toEqual([]);
  expect(restarts.length).toBeGreaterThan(0);
  for (const counts of Object.values(operations)) expect(counts.whole).toBeGreaterThan(0);
});

describe('the verdict', () => {
  const at = (index: number, more: Partial<Sample> = {}): Sample => ({
    ...{ relay: 'r', at: index, rss: 100e6, inUse: 30e6, descriptors: 50, tunnels: 0, connections: 0 },
    ...{ answerMs: 1, active: 0.1, cpu: 1 },
    ...more,
  });
  const facts = (change: (index: number) => Partial<Sample>, more: Partial<Facts> = {}): Facts => ({
    ...{ samples: Array.from({ length: 50 }, (_, index) => at(index, change(index))), steady: ['r'] },
    ...{ before: [at(0)], after: [at(51)], wrong: [], lost: [], whole: 1 },
    ...more,
  });

  test.each<[string, Facts, RegExp | undefined]>([
    ['flat', facts(() => ({})), undefined],
    ['growth in the warm-up', facts((index) => ({ rss: index < 10 ? 50e6 : 100e6 })), undefined],
    ['4 % more memory', facts((index) => ({ rss: 100e6 + index * 1e5 })), undefined],
    ['20 % more memory', facts((index) => ({ rss: 100e6 + index * 5e5 })), /rss grew/],
    ['descriptors that grow', facts((index) => ({ descriptors: 50 + index })), /descriptors grew/],
    ['a tunnel that is left', facts(() => ({}), { after: [at(51, { tunnels: 1 })] }), /1 tunnels/],
    ['descriptors that are left', facts(() => ({}), { after: [at(51, { descriptors: 60 })] }), /60 descriptors/],
    ['a transfer that was lost', facts(() => ({}), { lost: ['x'] }), /cut without a restart/],
    ['no samples', { ...facts(() => ({})), samples: [] }, /grew by NaN/],
  ])('%s', (_, given, fault) => {
    const { faults } = judge(given);
    if (fault === undefined) expect(faults).toEqual([]);
    else expect(faults.join('\n')).toMatch(fault);
  });
});
