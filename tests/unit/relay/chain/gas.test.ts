import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { feesFor, feesToReplace, freeNonce, gasLimit } from '../../../../relay/chain/gas.ts';

const GWEI = 1_000_000_000n;
const wei = fc.bigInt({ min: 0n, max: 1000n * GWEI });

describe('what is paid for gas', () => {
  test('never above the cap, always enough for the next block, and waits where that cannot be', () => {
    fc.assert(
      fc.property(wei, wei, wei, (baseFee, tip, cap) => {
        const fees = feesFor({ baseFee, tip }, cap);
        if (fees === undefined) {
          expect(baseFee + tip).toBeGreaterThan(cap);
          return;
        }
        expect(fees.maxFeePerGas).toBeLessThanOrEqual(cap);
        expect(fees.maxFeePerGas).toBeGreaterThanOrEqual(baseFee + tip);
        expect(fees.maxPriorityFeePerGas).toBe(tip);
      }),
    );
  });

  test('a replacement raises both prices by more than a tenth, as nodes ask, within the cap', () => {
    fc.assert(
      fc.property(wei, wei, wei, wei, wei, (maxFeePerGas, part, baseFee, tip, cap) => {
        const before = { maxFeePerGas, maxPriorityFeePerGas: part < maxFeePerGas ? part : maxFeePerGas };
        const fees = feesToReplace(before, { baseFee, tip }, cap);
        if (fees === undefined) return;
        expect(fees.maxFeePerGas * 10n).toBeGreaterThan(before.maxFeePerGas * 11n);
        expect(fees.maxPriorityFeePerGas * 10n).toBeGreaterThan(before.maxPriorityFeePerGas * 11n);
        expect(fees.maxFeePerGas).toBeGreaterThanOrEqual(fees.maxPriorityFeePerGas);
        expect(fees.maxFeePerGas).toBeLessThanOrEqual(cap);
        expect(fees.maxFeePerGas).toBeGreaterThanOrEqual(baseFee + tip);
      }),
    );
    const before = { maxFeePerGas: GWEI, maxPriorityFeePerGas: GWEI };
    expect(feesToReplace(before, { baseFee: 1n, tip: 1n }, GWEI)).toBeUndefined();
    expect(feesToReplace(before, { baseFee: 1n, tip: 1n }, 2n * GWEI)).toBeDefined();
  });

  test('an estimate gets a quarter on top', () => {
    expect(gasLimit(100_000n)).toBe(125_000n);
  });
});

test('a nonce is the lowest that is free: gaps first, none below the chain’s count, none twice', () => {
  expect(freeNonce(5, new Set())).toBe(5);
  expect(freeNonce(5, new Set([5, 6, 8]))).toBe(7);
  expect(freeNonce(5, new Set([3, 4]))).toBe(5);
  fc.assert(
    fc.property(fc.nat(50), fc.uniqueArray(fc.nat(100)), (count, taken) => {
      const nonce = freeNonce(count, new Set(taken));
      expect(nonce).toBeGreaterThanOrEqual(count);
      expect(taken).not.toContain(nonce);
      for (let below = count; below < nonce; below += 1) expect(taken).toContain(below);
    }),
  );
});
