import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBeat } from '../../../../relay/chain/beat.ts';
import { createSerial, eachInTurn } from '../../../../relay/chain/serial.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const times = { busyMs: 10, idleMs: 1000 };

test('soon again while something is under way, slowly while not, at once when asked, never twice at a time', async () => {
  let rounds = 0;
  let busy = true;
  let running = 0;
  const beat = createBeat(async () => {
    expect((running += 1)).toBe(1);
    rounds += 1;
    await new Promise((done) => setTimeout(done, 5));
    running -= 1;
    return busy;
  }, times);
  expect(rounds).toBe(1);
  await vi.advanceTimersByTimeAsync(16);
  expect(rounds).toBe(2);
  busy = false;
  await vi.advanceTimersByTimeAsync(900);
  expect(rounds).toBe(2);
  // Asked for while one is on: one more, and not two.
  beat.soon();
  beat.soon();
  expect(rounds).toBe(3);
  beat.soon();
  await vi.advanceTimersByTimeAsync(20);
  expect(rounds).toBe(4);
  const stopped = beat.stop();
  await vi.advanceTimersByTimeAsync(5000);
  await stopped;
  beat.soon();
  expect(rounds).toBe(4);
});

test('an end waits for the round that is on', async () => {
  let ended = false;
  const beat = createBeat(async () => {
    await new Promise((done) => setTimeout(done, 50));
    ended = true;
    return false;
  }, times);
  const stopped = beat.stop();
  await vi.advanceTimersByTimeAsync(50);
  await stopped;
  expect(ended).toBe(true);
});

test('in turn: none begins before the one before has ended, and a failure holds up nobody', async () => {
  const inTurn = createSerial();
  const seen: string[] = [];
  const work = (name: string, fails = false) =>
    inTurn(async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const all = await Promise.allSettled([work('a', true), work('b')]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('each in turn: all are done though one fails, and the first failure is told', async () => {
  const done: number[] = [];
  const work = eachInTurn([1, 2, 3], async (n) => {
    await Promise.resolve();
    if (n < 3) throw new Error(String(n));
    done.push(n);
  });
  await expect(work).rejects.toThrow('1');
  expect(done).toEqual([3]);
});
