// The most tunnels that began in one second of the last minute.

import { expect, test } from 'vitest';
import { Bursts } from '../../../../relay/data/bursts.ts';

test('is the largest second of the last minute, and is forgotten after it', () => {
  const bursts = new Bursts();
  expect(bursts.largest(0)).toBe(0);
  for (let n = 0; n < 40; n += 1) bursts.count(1_500);
  // As many, one after another.
  for (let second = 2; second < 42; second += 1) bursts.count(second * 1000);
  expect(bursts.largest(42_000)).toBe(40);
  expect(bursts.largest(61_000)).toBe(40);
  expect(bursts.largest(62_000)).toBe(1);
  expect(bursts.largest(200_000)).toBe(0);
});
