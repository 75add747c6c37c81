// A clock that is wrong is known by several others, and no single one can make anybody believe it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clocks } from '../../../../src/core/directory/clocks.ts';

const NOW = 1_796_083_200_000;
const HOURS = 3600;

function clocksOf(offsets: number[]): Clocks {
  const clocks = new Clocks();
  offsets.forEach((offset, who) => clocks.said(String(who), NOW / 1000 + offset, NOW));
  return clocks;
}

test('two that agree are enough where nobody says otherwise', () => {
  expect(clocksOf([]).wrongBy).toBeUndefined();
  expect(clocksOf([2 * HOURS]).wrongBy).toBeUndefined();
  expect(clocksOf([2 * HOURS, 2 * HOURS + 30]).wrongBy).toBe(2 * HOURS + 30);
  expect(clocksOf([-2 * HOURS, -2 * HOURS + 30]).wrongBy).toBe(-2 * HOURS + 30);
  expect(clocksOf([300, -300, 500]).wrongBy).toBeUndefined();
});

test('the last word of each counts', () => {
  const clocks = clocksOf([2 * HOURS, 2 * HOURS]);
  clocks.said('0', NOW / 1000, NOW);
  expect(clocks.wrongBy).toBeUndefined();
});

test('fewer than half, whatever they say, change nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { maxLength: 8 }),
      (honest, lying) => {
        const all = [...honest, ...lying.slice(0, honest.length - 1)];
        expect(clocksOf(all).wrongBy).toBeUndefined();
      },
    ),
  );
});
