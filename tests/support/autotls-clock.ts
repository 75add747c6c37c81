// A clock that a test sets: time goes on as it does, and what the relay sleeps for is seen, and over when the test says so.

import type { AutotlsClock } from '../../relay/certificates/autotls-clock.ts';

export type TestClock = AutotlsClock & {
  /** All sleeps so far, ms. */
  readonly sleeps: readonly number[];
  /** The next sleep that begins, or one that is under way. */
  asleep(): Promise<number>;
  /** Sets the clock on, and wakes everybody: they look at it anew. */
  advance(ms: number): void;
};

export function createTestClock(offsetMs = 0): TestClock {
  let offset = offsetMs;
  const sleeps: number[] = [];
  const sleeping = new Set<() => void>();
  const waiting = new Set<(ms: number) => void>();
  return {
    sleeps,
    now: () => Date.now() + offset,
    draw: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleeping.delete(wake);
          resolve();
        };
        sleeps.push(ms);
        sleeping.add(wake);
        signal.addEventListener('abort', wake, { once: true });
        for (const tell of waiting) tell(ms);
        waiting.clear();
      }),
    asleep: () =>
      sleeping.size > 0 ? Promise.resolve(sleeps.at(-1)!) : new Promise((resolve) => void waiting.add(resolve)),
    advance: (ms) => {
      offset += ms;
      for (const wake of [...sleeping]) wake();
    },
  };
}
