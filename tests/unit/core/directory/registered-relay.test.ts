// What several servers tell of the registry is put together: no server takes away what another tells, and how each differs is counted.

import { expect, test } from 'vitest';
import { uniteRelays, type RegisteredRelay } from '../../../../src/core/directory/registered-relay.ts';

const relay = (peer: string, more: Partial<RegisteredRelay> = {}): RegisteredRelay => ({
  peer,
  payee: '0x01',
  leavesAt: undefined,
  addresses: { workers: [], relays: [] },
  ...more,
});
const at = (...ports: number[]): Partial<RegisteredRelay> => ({
  addresses: { workers: [], relays: ports.map((port) => ({ address: '192.0.2.1', port })) },
});

test('the same from both is there once, and nobody differs', () => {
  const list = [relay('a'), relay('b')];
  expect(uniteRelays([list, [...list].reverse()])).toEqual({ relays: list, differing: [0, 0] });
});

test('what one alone tells is taken', () => {
  expect(uniteRelays([[relay('a'), relay('b')], [relay('a')]])).toEqual({
    relays: [relay('a'), relay('b')],
    differing: [1, 0],
  });
  expect(uniteRelays([[], [relay('a')]])).toEqual({ relays: [relay('a')], differing: [0, 1] });
});

test('one key of two payees is two claims', () => {
  const claims = [relay('a'), relay('a', { payee: '0x02' })];
  expect(uniteRelays([claims, claims]).relays).toEqual(claims);
});

test('addresses of both are kept, and whoever stays by one of them stays', () => {
  const { relays, differing } = uniteRelays([
    [relay('a', { ...at(1, 2), leavesAt: 9 }), relay('b', { leavesAt: 9 })],
    [relay('a', at(2, 3)), relay('b', { leavesAt: 10 })],
  ]);
  expect(relays).toEqual([relay('a', at(1, 2, 3)), relay('b', { leavesAt: 10 })]);
  expect(differing).toEqual([2, 2]);
});

test('nothing of nobody', () => {
  expect(uniteRelays([])).toEqual({ relays: [], differing: [] });
});
