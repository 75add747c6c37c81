// What relays say is opened in turns, whoever has how much to say. With a clock of the test, and keys that find every signature good.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createIntake } from '../../../../relay/directory/intake.ts';
import { encodeDescriptor } from '../../../../src/core/directory/descriptor.ts';
import { Directory } from '../../../../src/core/directory/directory.ts';
import type { SignedDescriptor } from '../../../../src/core/directory/open-descriptor.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import { DAY, descriptorOf, DEVNET } from '../../../support/descriptors.ts';

beforeEach(() => vi.useFakeTimers({ now: DAY * 1000 }));
afterEach(() => void vi.useRealTimers());

const peerOf = (number: number): string => {
  const key = new Uint8Array(32).fill(1);
  new DataView(key.buffer).setUint32(0, number);
  return labelOfKey(key);
};

/** Each with a payee, an operator and networks of its own. */
function entry(number: number): SignedDescriptor {
  const whole = descriptorOf({ peer: peerOf(number), payee: `0x${number.toString(16).padStart(40, '0')}` });
  const addresses = [`127.${number >> 8}.${number & 255}.1`];
  const descriptor = { ...whole, operator: `operator-${number}`, entry: { ...whole.entry!, addresses } };
  const { exit: _exit, zone: _zone, ...rest } = descriptor;
  return {
    descriptor: encodeDescriptor(rest),
    peerSignature: `0x${number.toString(16).padStart(128, '0')}`,
    payeeSignature: `0x${'00'.repeat(65)}`,
  };
}
const entries = (from: number, count: number) => Array.from({ length: count }, (_, at) => entry(from + at));

function start() {
  const directory = new Directory({ epoch: `0x${'01'.repeat(16)}`, limit: 30_000 });
  const stop = new AbortController();
  let opened = 0;
  const intake = createIntake({
    directory,
    keys: { isOfPeer: async () => Promise.resolve(true), isOfPayee: () => (opened += 1) > 0 },
    chainId: DEVNET.chainId,
    now: Date.now,
    onOwn: () => undefined,
    isOwn: () => false,
    signal: stop.signal,
  });
  const has = (...numbers: number[]) => numbers.filter((number) => directory.get(peerOf(number)) !== undefined).length;
  return { directory, intake, stop, has, opened: () => opened };
}

test('one answer with thousands keeps another’s ten waiting for ten turns, and not for thousands', async () => {
  const { directory, intake, has, opened } = start();
  const flood = intake.take(entries(0, 3000));
  await vi.advanceTimersByTimeAsync(5000);
  expect(directory.size).toBeLessThanOrEqual(200 + 501);
  const before = directory.size;
  const few = intake.take(entries(10_000, 10));
  await vi.advanceTimersByTimeAsync(250);
  expect(has(...Array.from({ length: 10 }, (_, at) => 10_000 + at))).toBe(10);
  expect(await few).toEqual({ fresh: 10, untimely: 0, refused: 0, left: 0 });
  // The flood has had its own half of the turns.
  expect(directory.size - before).toBeGreaterThan(15);
  expect(directory.size - before).toBeLessThan(40);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await flood).toMatchObject({ fresh: 3000, left: 0 });
  expect(opened()).toBe(3010);
});

test('what a relay says of itself is the first of its answer, however much it repeats of others', async () => {
  const { directory, intake, has } = start();
  void intake.take(entries(0, 3000));
  await vi.advanceTimersByTimeAsync(5000);
  const before = directory.size;
  void intake.take(entries(10_000, 1000), { by: peerOf(10_999) });
  await vi.advanceTimersByTimeAsync(50);
  expect(has(10_999)).toBe(1);
  expect(directory.size - before).toBeLessThan(10);
});

test('many answers with the same are opened once, at the same rate', async () => {
  const { directory, intake, opened } = start();
  const answers = Array.from({ length: 6 }, async () => intake.take(entries(0, 1000)));
  await vi.advanceTimersByTimeAsync(5000);
  expect(opened()).toBeLessThanOrEqual(200 + 501);
  await vi.advanceTimersByTimeAsync(15_000);
  const taken = await Promise.all(answers);
  expect(directory.size).toBe(1000);
  expect(taken.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(1000);
  expect(opened()).toBe(1000);
});

test('what has not had its turn in time is left', async () => {
  const { directory, intake } = start();
  const taking = intake.take(entries(0, 3000), { withinMs: 2000 });
  await vi.advanceTimersByTimeAsync(3000);
  const { fresh, left } = await taking;
  expect(fresh + left).toBe(3000);
  expect(directory.size).toBe(fresh);
  expect(fresh).toBeGreaterThan(300);
  expect(fresh).toBeLessThanOrEqual(200 + 202);
});

test('at the end of the relay nothing waits', async () => {
  const { intake, stop } = start();
  const taking = intake.take(entries(0, 3000));
  const ended = expect(taking).rejects.toThrow('over');
  await vi.advanceTimersByTimeAsync(100);
  stop.abort(new Error('over'));
  await vi.advanceTimersByTimeAsync(100);
  await ended;
});
