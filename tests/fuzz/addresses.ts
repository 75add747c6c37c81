// Whence the fuzzer comes.

import type { Random } from '../chaos/kills/random.ts';

/** Loopback, beside the networks that relays, victims and origins of tests have. */
export function drawAddress(random: Random): string {
  return `127.${random.between(100, 250)}.${random.between(0, 255)}.${random.between(1, 254)}`;
}
