// How likely each relay is to be chosen: by the capacity that it claims, up to a bound, and an exit also by the latency that this client
// measured. Both bounds are there because relays may lie: about capacity in so many words, about latency by standing near.

import type { IndexedEntry, IndexedExit } from './relay-index.ts';

/**
 * Bytes per second beyond which a claim brings nothing more. One relay process moves 150-165 MB/s (design §7): a claim of more than half
 * as much again is a better machine than any that was measured, or a lie.
 */
export const MAX_WEIGHED_CAPACITY = 250_000_000;

/** Milliseconds at which latency neither helps nor harms, and what is taken for exits that were never asked: two hops within a continent. */
export const USUAL_LATENCY_MS = 100;

/** Between the farthest exit and the nearest lies a factor of four: enough to be felt, too little to buy clients by standing near them. */
const LEAST_FACTOR = 0.5;
const GREATEST_FACTOR = 2;

export function weighEntry({ entry }: IndexedEntry): number {
  return Math.min(entry.capacity, MAX_WEIGHED_CAPACITY);
}

export function weighExit({ exit, latencyMs }: IndexedExit): number {
  return Math.min(exit.capacity, MAX_WEIGHED_CAPACITY) * latencyFactor(latencyMs);
}

/** A latency that is none (negative, not a number) counts as never measured. */
function latencyFactor(latencyMs: number | undefined): number {
  if (latencyMs === undefined || !(latencyMs >= 0)) return 1;
  return Math.min(GREATEST_FACTOR, Math.max(LEAST_FACTOR, USUAL_LATENCY_MS / latencyMs));
}
