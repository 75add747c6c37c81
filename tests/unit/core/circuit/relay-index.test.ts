// What a directory is made ready as: relays that make no sense are left out alone, and pairs are told by rules that need no index.

import { describe, expect, test } from 'vitest';
import { areApart, mayPair } from '../../../../src/core/circuit/pairing.ts';
import type { RelayFacts } from '../../../../src/core/circuit/relay-facts.ts';
import { indexRelays, type IndexedEntry, type IndexedExit } from '../../../../src/core/circuit/relay-index.ts';
import { fitsEntry } from '../../../../src/core/circuit/select-circuit.ts';
import { peerLabel, plainDirectory, plainRelay } from '../../../support/fakes/directory.ts';

const links = [0, 1, 2];
const { entry, exit } = plainRelay(1, links);
const indexed = (facts: RelayFacts): IndexedEntry & IndexedExit =>
  indexRelays([facts]).relays.get(facts.peer) as IndexedEntry & IndexedExit;

describe('an index', () => {
  test('has every entry, every exit, and the exits of each entry', () => {
    const index = indexRelays(plainDirectory(5));
    expect([index.relays.size, index.entries.length, index.exits.length]).toEqual([5, 5, 5]);
    expect(index.exitsOf.get(peerLabel(2))).toHaveLength(5);
  });

  test.each<[string, Partial<RelayFacts>]>([
    ['no address', { addresses: [] }],
    ['an address that is none', { addresses: ['192.0.2.1', 'oak'] }],
    ['addresses without end', { addresses: Array.from({ length: 17 }, (_, index) => `192.0.2.${index}`) }],
  ])('leaves out a relay with %s, and no other', (_, change) => {
    const index = indexRelays([...plainDirectory(3), plainRelay(9, links, change)]);
    expect([...index.relays.keys()]).toEqual([0, 1, 2].map(peerLabel));
  });

  test.each<[string, Partial<RelayFacts>]>([
    ['no capacity', { exit: { ...exit!, capacity: 0 } }],
    ['a capacity without end', { exit: { ...exit!, capacity: Infinity } }],
    ['a price below nothing', { exit: { ...exit!, pricePerMib: -1n } }],
    ['links without end', { exit: { ...exit!, entries: Array.from({ length: 1001 }, (_, at) => peerLabel(at)) } }],
    ['a zone of its own', { exit: { ...exit!, zone: { name: 'zone.test', operator: 'operator-9' } } }],
  ])('takes a relay for no exit with %s, and for an entry still', (_, change) => {
    const index = indexRelays([plainRelay(9, links, change)]);
    expect([index.entries.length, index.exits.length]).toEqual([1, 0]);
  });

  test('takes the first of two relays with one peer id', () => {
    const index = indexRelays([plainRelay(1, links), plainRelay(1, links, { operator: 'other' })]);
    expect(index.relays.get(peerLabel(1))?.operator).toBe('operator-1');
  });
});

describe('two relays', () => {
  const plain = indexed(plainRelay(1, links));
  const other = (change: Partial<RelayFacts>): IndexedEntry & IndexedExit => indexed(plainRelay(2, links, change));

  test('may pair when nothing joins them', () => {
    expect(mayPair(plain, other({}))).toBe(true);
  });

  test.each<[string, Partial<RelayFacts>]>([
    ['operator', { operator: 'operator-1' }],
    ['payee, in other letters', { payee: plain.payee.toUpperCase().replace('0X', '0x') }],
    ['/16', { addresses: ['2001:db8::1', '1.1.255.9'] }],
    ['/16, written as IPv6', { addresses: ['::ffff:1.1.255.9'] }],
  ])('may not with the same %s', (_, change) => {
    expect(mayPair(plain, other(change))).toBe(false);
    expect(areApart(plain, other(change))).toBe(false);
  });

  test('may not with the same /32 of IPv6', () => {
    const one = indexed(plainRelay(1, links, { addresses: ['2001:db8:1::1'] }));
    expect(mayPair(one, other({ addresses: ['2001:db8:ffff::1'] }))).toBe(false);
    expect(mayPair(one, other({ addresses: ['2001:db9:1::1'] }))).toBe(true);
  });

  test('may not when the entry runs the zone, or the exit has no link to it', () => {
    expect(mayPair(plain, other({ exit: { ...exit!, zone: { name: 'zone.test', operator: 'operator-1' } } }))).toBe(
      false,
    );
    expect(mayPair(plain, other({ exit: { ...exit!, entries: [peerLabel(0)] } }))).toBe(false);
  });
});

test('an entry that is dearer than the whole circuit may be is no guard', () => {
  const dear = indexed(plainRelay(1, links, { entry: { ...entry!, pricePerMib: 101n } }));
  expect(fitsEntry(dear, { maxPricePerMib: 100n })).toBe(false);
  expect(fitsEntry(dear, { maxPricePerMib: 101n })).toBe(true);
  expect(fitsEntry(dear, { freeOnly: true })).toBe(false);
});
