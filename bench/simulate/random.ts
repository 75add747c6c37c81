// Random numbers from a seed, the same on every machine. Never for anything but simulations and tests.

import type { Draw } from '../../src/core/circuit/relay-facts.ts';

/** sfc32 (Chris Doty-Humphrey, PractRand): quick, and long enough for some 10^9 numbers. */
export function drawsOf(seed: number): Draw {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 16; warm += 1) next();
  return next;
}

/** Around `median`, with a long tail upwards. */
export function logNormal(draw: Draw, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return median * Math.exp(sigma * normal);
}
