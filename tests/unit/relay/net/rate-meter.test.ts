// A limit of bytes in a second: never more than it over any time, and never less than it where somebody wants all of it.

import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RateMeter } from '../../../../relay/net/rate-meter.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A burst, what one ms more of a timer brings for each wait, and the last chunk. */
const SLACK_MS = 60;

test('over any time no more passes than the rate, a burst and one chunk; and a busy one has nearly all of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 64 * 1024, max: 100 * 2 ** 20 }),
      fc.array(fc.integer({ min: 1, max: 262_064 }), { minLength: 5, maxLength: 60 }),
      async (rate, chunks) => {
        const meter = new RateMeter(rate);
        const since = performance.now();
        let passed = 0;
        for (const bytes of chunks) {
          passed += bytes;
          if (meter.pass('down', bytes)) continue;
          const waited = meter.wait();
          await vi.advanceTimersToNextTimerAsync();
          expect(await waited).toBe(true);
          const took = performance.now() - since;
          expect(passed).toBeLessThanOrEqual((rate * (took + SLACK_MS)) / 1000);
          expect(took).toBeLessThanOrEqual((passed / rate) * 1000 + chunks.length * 2 + SLACK_MS);
        }
      },
    ),
  );
});

test('another rate holds for those who wait already, and Infinity lets them go', async () => {
  const onWait = vi.fn();
  const meter = new RateMeter(1000, onWait);
  expect(meter.pass('up', 1_000_000)).toBe(false);
  const settled = vi.fn();
  const waiting = meter.wait().then(settled);
  await vi.advanceTimersByTimeAsync(1000);
  expect(settled).not.toHaveBeenCalled();
  meter.change(1_000_000);
  await vi.advanceTimersByTimeAsync(500);
  expect(settled).not.toHaveBeenCalled();
  meter.change(Infinity);
  await waiting;
  expect(onWait).toHaveBeenCalledTimes(1);
  expect(meter.pass('up', 2 ** 40)).toBe(true);
  meter.change(1000);
  expect(meter.pass('down', 100)).toBe(false);
});
