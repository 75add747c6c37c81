// When a certificate is renewed and how long a failure is waited for.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renewalTime, retryMs } from '../../../../relay/certificates/renewal-time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const quarter = { notBefore: 0, notAfter: 90 * DAY_MS, since: 0 };

test('after two thirds of its life, some a little earlier', () => {
  expect(renewalTime(quarter, undefined, 0)).toBe(60 * DAY_MS);
  expect(renewalTime(quarter, undefined, 0.999)).toBeGreaterThan(58 * DAY_MS);
});

test('within the window that the authority suggests', () => {
  const window = { start: 40 * DAY_MS, end: 42 * DAY_MS };
  expect(renewalTime(quarter, window, 0)).toBe(40 * DAY_MS);
  expect(renewalTime(quarter, window, 0.5)).toBe(41 * DAY_MS);
});

test('a window that is over is followed after six hours, also by a clock that differs', () => {
  const over = { start: -2 * DAY_MS, end: -DAY_MS };
  expect(renewalTime(quarter, over, 0.5)).toBe(6 * HOUR_MS);
  expect(renewalTime({ ...quarter, since: DAY_MS }, over, 0.5)).toBe(DAY_MS + 6 * HOUR_MS);
});

test('never after its end, and never twice at once', () => {
  const instant = fc.integer({ min: 0, max: 10 * 365 * DAY_MS });
  const life = fc.integer({ min: 60_000, max: 365 * DAY_MS });
  fc.assert(
    fc.property(instant, life, fc.double({ min: 0, max: 0.999, noNaN: true }), (notBefore, length, draw) => {
      const at = renewalTime({ notBefore, notAfter: notBefore + length, since: notBefore }, undefined, draw);
      expect(at).toBeLessThan(notBefore + length);
      const pushed = renewalTime(
        { notBefore, notAfter: notBefore + length, since: notBefore },
        { start: 0, end: 1 },
        draw,
      );
      expect(pushed).toBeGreaterThan(notBefore);
      expect(pushed).toBeLessThan(notBefore + length);
    }),
  );
});

test('failures are waited for longer and longer, up to an hour, and as long as was asked, up to a day', () => {
  expect(
    [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => retryMs(failures, undefined, 0.999_999) / 1000).map(Math.round),
  ).toEqual([5, 20, 80, 320, 1280, 3600, 3600, 3600]);
  expect(retryMs(1, undefined, 0)).toBe(2500);
  expect(retryMs(1, 7_200_000, 0)).toBe(7_200_000);
  expect(retryMs(1, 400 * DAY_MS, 0)).toBe(DAY_MS);
});
