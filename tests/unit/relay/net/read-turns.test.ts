// Readers that wait for their other side: one alone goes on at once, and of many each has its turn.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurn } from '../../../../relay/net/read-turns.ts';

test('one alone goes on at once, again and again', async () => {
  let reads = 0;
  for (let made = 1; made <= 20; made += 1) {
    inTurn(() => (reads += 1));
    expect(reads).toBe(made);
    await turn();
    await turn();
  }
});

test('of sixty that want on all the time, few do in one turn, each as often as the others, and who comes once soon has theirs', async () => {
  const reads = Array.from({ length: 60 }, () => 0);
  let inThisTurn = 0;
  let most = 0;
  const wants = reads.map((_, index) => (): void => {
    reads[index]! += 1;
    inThisTurn += 1;
    most = Math.max(most, inThisTurn);
    // Its other side takes what was read at once.
    queueMicrotask(() => inTurn(wants[index]!));
  });
  for (const want of wants) inTurn(want);
  for (let made = 0; made < 300; made += 1) {
    inThisTurn = 0;
    await turn();
  }
  expect(most).toBeLessThanOrEqual(8);
  expect(Math.max(...reads) - Math.min(...reads)).toBeLessThanOrEqual(1);
  expect(Math.min(...reads)).toBeGreaterThan(5);
  const turns: number[] = [];
  inTurn(() => void turns.push(turns.length));
  for (let made = 0; made < 60 / 4 + 1; made += 1) await turn();
  expect(turns).toHaveLength(1);
});

test('asked for twice, it reads once', async () => {
  let [reads, others] = [0, 0];
  for (let made = 0; made < 8; made += 1) inTurn(() => (others += 1));
  const read = (): void => void (reads += 1);
  inTurn(read);
  inTurn(read);
  for (let made = 0; made < 20; made += 1) await turn();
  expect([reads, others]).toEqual([1, 8]);
});
