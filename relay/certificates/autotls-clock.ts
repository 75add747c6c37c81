// Time and chance of autotls-zone.ts, passed in so that a test can have a clock that is wrong, or a renewal now.

import { setTimeout as delay } from 'node:timers/promises';

export type AutotlsClock = {
  /** ms since the epoch. */
  now(): number;
  /** 0 <= draw < 1 */
  draw(): number;
  /** Ends early, and quietly, with the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: AutotlsClock = {
  now: () => Date.now(),
  draw: () => Math.random(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal, ref: true }).catch(() => undefined);
  },
};
