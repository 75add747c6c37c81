// What a speed test is made of and what comes of it. It measures you, the entry and the exit, and no site: the exit itself sends and takes the bytes
// (docs/protocol/speed-test.md). Run by background/activity/speed-test.ts.

/** On a line of 100 Mbit/s they take a second, and cost what a page or two do. */
export const DOWN_BYTES = 7_000_000;
export const UP_BYTES = 3_000_000;
/** After one that may have to open the connection. */
export const ROUND_TRIPS = 5;
/** A direction that takes longer ends: 7 MB in 30 s are 2 Mbit/s, and what came until then is enough to say so. */
export const DIRECTION_MS = 30_000;

export const SPEED_FAILURES = [
  /** No circuit is up. */
  'no-circuit',
  /** The circuit was another when it ended: the figures are of none. */
  'circuit-changed',
  'cancelled',
  /** The exit is of a version that has no speed test. */
  'not-offered',
  /** The exit wants a pause. */
  'too-often',
  'no-answer',
] as const;
export type SpeedFailure = (typeof SPEED_FAILURES)[number];

export type SpeedView =
  | { is: 'none' }
  /** `run` tells this one from those that another worker ran. `bytes`: that have passed. */
  | { is: 'running'; run: string; phase: 'latency' | 'down' | 'up'; bytes: number }
  /** `upBitsPerSecond`: null where it did not end in time. */
  | { is: 'done'; run: string; latencyMs: number; downBitsPerSecond: number; upBitsPerSecond: number | null }
  | { is: 'failed'; run: string; why: SpeedFailure };

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1);
  return (low + high) / 2;
}

/** @param ms of nothing, as clocks tell of what is very short, counts as the least that they tell */
export function bitsPerSecond(bytes: number, ms: number): number {
  return Math.round((bytes * 8 * 1000) / Math.max(1, ms));
}
