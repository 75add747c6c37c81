import { expect, test } from 'vitest';
import { createRateLimit } from '../../../../relay/net/rate-limit.ts';

test('a burst passes, then the steady rate, and idle time never saves up more than a burst', () => {
  const limit = createRateLimit(3, 2);
  const passed = (now: number, tries: number): number =>
    Array.from({ length: tries }, () => limit.take(now)).filter(Boolean).length;
  expect(passed(0, 10)).toBe(3);
  expect(passed(499, 10)).toBe(0);
  expect(passed(500, 10)).toBe(1);
  expect(passed(1_500, 10)).toBe(2);
  expect(passed(1_000_000, 10)).toBe(3);
});
