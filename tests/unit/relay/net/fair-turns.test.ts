// A rate that several share, with a clock of the test.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFairTurns } from '../../../../relay/net/fair-turns.ts';

const stopping = () => new AbortController();
beforeEach(() => vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Takes `count` turns one after another, and writes its name at each. */
async function take(turns: { next(): Promise<unknown> }, name: string, count: number, into: string[]): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await turns.next();
    into.push(name);
  }
}

test('who wants a thousand leaves every other turn to who wants three', async () => {
  const turns = createFairTurns(1, 100, stopping().signal);
  const order: string[] = [];
  void take(turns, 'many', 1000, order);
  await vi.advanceTimersByTimeAsync(500);
  const before = order.length;
  void take(turns, 'few', 3, order);
  await vi.advanceTimersByTimeAsync(100);
  expect(order.slice(before).filter((name) => name === 'few')).toHaveLength(3);
  expect(order.slice(before, before + 7).join()).toMatch(/^(many,)?few,many,few,many,few/);
});

test('however many there are, no more than the rate and what may come at once', async () => {
  const turns = createFairTurns(20, 100, stopping().signal);
  const order: string[] = [];
  for (let each = 0; each < 50; each += 1) void take(turns, String(each), 1000, order);
  await vi.advanceTimersByTimeAsync(3000);
  expect(order.length).toBeGreaterThan(300);
  expect(order.length).toBeLessThanOrEqual(320);
  // Nobody has had two more than another.
  const counts = Array.from({ length: 50 }, (_, each) => order.filter((name) => name === String(each)).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test('a turn that is given back is somebody else’s', async () => {
  const turns = createFairTurns(1, 1, stopping().signal);
  await turns.next();
  const order: string[] = [];
  void take(turns, 'second', 2, order);
  await vi.advanceTimersByTimeAsync(500);
  expect(order).toEqual([]);
  turns.giveBack();
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['second']);
  // And it is one turn.
  await vi.advanceTimersByTimeAsync(400);
  expect(order).toEqual(['second']);
});

test('at the end nobody waits any longer', async () => {
  const end = stopping();
  const turns = createFairTurns(1, 1, end.signal);
  await turns.next();
  const waiting = turns.next();
  end.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect((async () => turns.next())()).rejects.toThrow('over');
  expect(vi.getTimerCount()).toBe(0);
});
