// The short form of `npm run soak`: the same load, relays and restarts for some seconds. Not in `npm test`: a download that a restart breaks off was seen to look complete to the client of the soak, and
// why is not found yet (docs/operators.md).

import { expect, test } from 'vitest';
import { soak } from '../soak/run.ts';

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
