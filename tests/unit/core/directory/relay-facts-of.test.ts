// From descriptors to circuits: who serves a zone, and whose entries an exit dials, is believed only where both say so.

import { expect, test } from 'vitest';
import { indexRelays } from '../../../../src/core/circuit/relay-index.ts';
import { NO_GUARDS, tendGuards } from '../../../../src/core/circuit/guard-set.ts';
import { selectCircuit } from '../../../../src/core/circuit/select-circuit.ts';
import type { RelayDescriptor } from '../../../../src/core/directory/descriptor.ts';
import { keyPrefixOf, labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import { relayFactsOf } from '../../../../src/core/directory/relay-facts-of.ts';
import { DAY, descriptorOf } from '../../../support/descriptors.ts';

const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);

function relay(number: number, roles: Pick<RelayDescriptor, 'entry' | 'exit' | 'zone'>): RelayDescriptor {
  const peer = labelOfKey(key(number));
  const payee = `0x${String(number).padStart(2, '0').repeat(20)}` as const;
  const { entry: _, exit: __, zone: ___, ...rest } = descriptorOf({ peer, payee });
  return { ...rest, operator: `operator-${number}`, ...roles };
}

const whole = descriptorOf({ peer: labelOfKey(key(1)), payee: `0x${'00'.repeat(20)}` });
const entry = relay(1, { entry: { ...whole.entry!, addresses: ['192.0.2.1'] } });
const zone = relay(3, { zone: { name: 'served.example', addresses: ['203.0.113.1'] } });
const exit = relay(2, {
  exit: {
    ...{ ...whole.exit!, addresses: ['198.51.100.1'], zone: 'served.example' },
    ...{ entries: [keyPrefixOf(entry.peer)!], zoneRelay: keyPrefixOf(zone.peer)! },
  },
});

const exitOf = (descriptors: RelayDescriptor[]) =>
  relayFactsOf(descriptors).find(({ peer }) => peer === exit.peer)?.exit;

test('a circuit is chosen from descriptors', () => {
  const index = indexRelays(relayFactsOf([entry, exit, zone]));
  const draw = (): number => 0.5;
  const guards = tendGuards(NO_GUARDS, index, DAY * 1000, draw);
  const chosen = selectCircuit(index, guards, {}, draw);
  expect(chosen).toMatchObject({
    entry: { peer: entry.peer, operator: 'operator-1' },
    exit: { peer: exit.peer, exit: { zone: { name: 'served.example', operator: 'operator-3' } } },
  });
});

test('an exit is none where nobody it names serves its zone', () => {
  expect(exitOf([entry, exit])).toBeUndefined();
  expect(
    exitOf([entry, exit, { ...zone, zone: { name: 'other.example', addresses: ['203.0.113.1'] } }]),
  ).toBeUndefined();
});

test('whoever else says that the zone is theirs changes nothing', () => {
  const stranger = relay(4, { zone: { name: 'served.example', addresses: ['203.0.113.9'] } });
  expect(exitOf([stranger, entry, exit, zone])?.zone.operator).toBe('operator-3');
});

test('who has the first bytes of another’s key makes it nobody’s, and does not take its place', () => {
  const twin = Uint8Array.from(key(1));
  twin[31] = 0xff;
  const impostor = { ...entry, peer: labelOfKey(twin), operator: 'impostor' };
  expect(exitOf([entry, exit, zone])?.entries).toEqual([entry.peer]);
  expect(exitOf([entry, impostor, exit, zone])?.entries).toEqual([]);
  const zoneTwin = Uint8Array.from(key(3));
  zoneTwin[31] = 0xff;
  expect(exitOf([entry, exit, zone, { ...zone, peer: labelOfKey(zoneTwin), operator: 'impostor' }])).toBeUndefined();
});

test('a relay that is named as an entry and is none is no entry', () => {
  expect(exitOf([{ ...zone, peer: entry.peer }, exit, zone])?.entries).toEqual([]);
});
