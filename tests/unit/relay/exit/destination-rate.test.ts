import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DestinationRate } from '../../../../relay/exit/destination-rate.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('an address is opened as often as ten seconds allow, others are not held up, and then it is forgotten', () => {
  const rate = new DestinationRate(0.5);
  const taken = (address: string): number =>
    Array.from({ length: 100 }, () => rate.take(address)).filter(Boolean).length;
  expect(taken('192.0.2.1')).toBe(5);
  expect(taken('192.0.2.2')).toBe(5);
  vi.advanceTimersByTime(9_999);
  expect(rate.take('192.0.2.1')).toBe(false);
  vi.advanceTimersByTime(1);
  expect(taken('192.0.2.1')).toBe(5);
});

test('nothing is kept where there is no limit, and nothing for longer than the window', () => {
  const rate = new DestinationRate(undefined);
  for (let count = 0; count < 1000; count += 1) expect(rate.take('192.0.2.1')).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  rate.change(1);
  rate.take('192.0.2.1');
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('so many different addresses in one window are nobody’s pages', () => {
  const rate = new DestinationRate(1000);
  for (let count = 0; count < 100_000; count += 1) rate.take(`10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`);
  expect(rate.take('192.0.2.1')).toBe(false);
  expect(rate.take('10.0.0.1')).toBe(true);
});
