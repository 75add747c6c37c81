// The short form of `npm run fuzz`: every surface of relays of every role, a thousand inputs, and their decoders. FUZZ_SEED draws others. How much slower others are served is what the long form measures.

import { expect, test } from 'vitest';
import { fuzzDecoders } from '../fuzz/decoders.ts';
import { fuzz } from '../fuzz/run.ts';
import { FUZZ_LIMITS } from '../fuzz/verdict.ts';

/** The same at each commit, so that a red test is the commit's. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_129);
/** Some seconds of them. */
const INPUTS = 1_000;
const DECODED = 23_000;
const MS = 500;

test(`relays stay, hold no more and name every refusal, whatever comes (FUZZ_SEED=${SEED})`, async () => {
  console.log(`fuzzing: FUZZ_SEED=${SEED}`);
  const limits = { ...FUZZ_LIMITS, times: Infinity };
  const { faults, done } = await fuzz({ seed: SEED, inputs: INPUTS, turns: 1, aloneMs: MS, validMs: MS, limits });
  expect(faults).toEqual([]);
  expect(done.reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThanOrEqual(INPUTS);
});

test(`decoders refuse by their own errors alone (FUZZ_SEED=${SEED})`, async () => {
  const { faults, refused } = await fuzzDecoders(SEED, DECODED);
  expect(faults).toEqual([]);
  // A mutation that every reader takes, or none, would prove nothing.
  for (const count of Object.values(refused)) expect(count).toBeGreaterThan(DECODED / 1_000);
});
