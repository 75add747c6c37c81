import { expect, test } from 'vitest';
import { LimitsSchema } from '../../../../relay/config/limits.ts';
import { ceilingsOf, Pressure, readSystem, readUsage } from '../../../../relay/operations/pressure.ts';
import { parse } from 'valibot';

const MIB = 2 ** 20;

function setUp(ceilings = { memory: 1000 * MIB, descriptors: 100 }) {
  const state = { memory: 0, descriptors: 0, now: 0, looks: 0 };
  const pressure = new Pressure(
    ceilings,
    () => ((state.looks += 1), { memory: state.memory, descriptors: state.descriptors }),
    () => state.now,
  );
  return { state, pressure };
}

test('room ends at either limit, and comes back', () => {
  const { state, pressure } = setUp();
  expect(pressure.shortage()).toBeUndefined();
  const at = (change: Partial<typeof state>) => {
    Object.assign(state, change, { now: state.now + 500 });
    return pressure.shortage();
  };
  expect(at({ memory: 1000 * MIB })).toBe('no-memory');
  expect(at({ memory: 999 * MIB })).toBeUndefined();
  expect(at({ descriptors: 100 })).toBe('no-descriptors');
  expect(at({ descriptors: 99 })).toBeUndefined();
  pressure.change({ memory: 500 * MIB, descriptors: 100 });
  expect(pressure.shortage()).toBe('no-memory');
});

test('it looks now and then, and at once where what it gave could have reached the limit', () => {
  const { state, pressure } = setUp();
  for (let count = 0; count < 30; count += 1) pressure.shortage();
  expect(state.looks).toBe(1);
  // Each place took three: a flood within one look would go past the limit.
  state.descriptors = 100;
  let given = 0;
  while (given < 50 && pressure.shortage() === undefined) given += 1;
  expect(given).toBeLessThan(10);
  // Full: refusals cost no look each.
  const { looks } = state;
  for (let count = 0; count < 1000; count += 1) pressure.shortage();
  expect(state.looks).toBe(looks);
});

test('limits that are left out are shares of what the system gives; without a word of it memory has none', () => {
  const limits = parse(LimitsSchema, {});
  expect(ceilingsOf(limits, { memory: 2000 * MIB, descriptors: 1000 })).toEqual({
    memory: 1600 * MIB,
    descriptors: 900,
  });
  expect(ceilingsOf(limits, { memory: undefined, descriptors: 1000 }).memory).toBe(Infinity);
  const set = parse(LimitsSchema, { memoryMiB: 300, fileDescriptors: 77 });
  expect(ceilingsOf(set, { memory: 2000 * MIB, descriptors: 1000 })).toEqual({ memory: 300 * MIB, descriptors: 77 });
});

test('the readings of this machine are such', () => {
  expect(readUsage().descriptors).toBeGreaterThan(5);
  const before = readUsage().memory;
  const kept = Buffer.alloc(64 * MIB, 1);
  expect(readUsage().memory - before).toBeGreaterThan(60 * MIB);
  expect(kept.length).toBe(64 * MIB);
  expect(readSystem().descriptors).toBeGreaterThanOrEqual(256);
});
