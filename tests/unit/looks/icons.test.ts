// The icons of the states, as somebody sees them who sees no colours: by shape alone.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';

const STATES = ['off', 'connecting', 'private', 'blocked'] as const;
const PAIRS = STATES.flatMap((one, at) => STATES.slice(at + 1).map((other) => [one, other] as const));
/** Points of 16 x 16 that have to be clearly ink in one and clearly ground in the other: an eighth of what is inked. */
const LEAST = 12;

const inkOf = (state: string): number[] => {
  const { data } = PNG.sync.read(readFileSync(join(import.meta.dirname, `../../../popup/icons/${state}-16.png`)));
  return Array.from({ length: data.length / 4 }, (_, point) => data[point * 4 + 3] ?? 0);
};

test.each(PAIRS)('%s and %s differ in shape at the size of a toolbar', (one, other) => {
  const [first, second] = [inkOf(one), inkOf(other)];
  const apart = first.filter((ink, point) => Math.abs(ink - (second[point] ?? 0)) > 128).length;
  expect(apart).toBeGreaterThanOrEqual(LEAST);
});
