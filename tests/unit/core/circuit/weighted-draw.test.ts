// Every element as often as its weight, and none without a weight.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawIndex, drawOne, tableOf } from '../../../../src/core/circuit/weighted-draw.ts';

const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a draw finds the element whose part of the sum it falls into', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 20 }), draws, (weights, draw) => {
      const spread = weights.flatMap((weight, index) => Array.from({ length: weight }, () => index));
      expect(drawIndex(tableOf(weights), draw)).toBe(spread[Math.floor(draw * spread.length)]);
    }),
  );
});

test('nothing is found where nothing has a weight', () => {
  expect(drawIndex(tableOf([]), 0)).toBeUndefined();
  expect(drawIndex(tableOf([0, 0]), 0.5)).toBeUndefined();
  expect(drawOne(['a', 'b', 'c'], (text) => (text === 'b' ? 1 : 0), 0.999)).toBe('b');
});
