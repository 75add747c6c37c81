// A circuit out of a directory: the rules hold whatever the directory and the wishes are, and wishes narrow the choice.

import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { NO_GUARDS, addGuard, tendGuards, type GuardSet } from '../../../../src/core/circuit/guard-set.ts';
import type { RelayFacts } from '../../../../src/core/circuit/relay-facts.ts';
import { indexRelays, type RelayIndex } from '../../../../src/core/circuit/relay-index.ts';
import {
  fitsEntry,
  selectCircuit,
  type Selection,
  type SelectionWishes,
} from '../../../../src/core/circuit/select-circuit.ts';
import { directories, drawsOf, peerLabel, plainDirectory, plainRelay } from '../../../support/fakes/directory.ts';

const NOW = 1_800_000_000_000;

/** Written apart from the code that is tested: the first 16 bits of IPv4, the first 32 of IPv6. */
function networks(facts: RelayFacts): string[] {
  return facts.addresses.map((text) => {
    const address = ipaddr.process(text);
    return address.kind() === 'ipv4'
      ? address.toString().split('.').slice(0, 2).join('.')
      : address.toNormalizedString().split(':').slice(0, 2).join(':');
  });
}

function expectRules({ entry, exit }: Selection): void {
  expect(new Set([entry.operator, exit.operator, exit.exit.zone.operator]).size).toBe(3);
  expect(entry.peer).not.toBe(exit.peer);
  expect(entry.payee.toLowerCase()).not.toBe(exit.payee.toLowerCase());
  expect(networks(entry).filter((network) => networks(exit).includes(network))).toEqual([]);
  expect(exit.exit.entries).toContain(entry.peer);
}

/** As its caller does: a guard more where none of the set will do. */
function select(index: RelayIndex, wishes: SelectionWishes, seed: number): Selection | undefined {
  const draw = drawsOf(seed);
  const tended = tendGuards(NO_GUARDS, index, NOW, draw);
  const first = selectCircuit(index, tended, wishes, draw);
  if (typeof first !== 'string') return first;
  const more = addGuard(tended, index, NOW, draw, (entry) => fitsEntry(entry, wishes));
  const second = selectCircuit(index, more, wishes, draw);
  return typeof second === 'string' ? undefined : second;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const regions = maybe(fc.uniqueArray(fc.constantFrom('DE', 'FR', 'US'), { minLength: 1 }).map((list) => new Set(list)));
const peers = maybe(fc.uniqueArray(fc.nat(11).map(peerLabel)).map((list) => new Set(list)));
const anyWishes = fc
  .record({
    entryRegions: regions,
    exitRegions: regions,
    maxPricePerMib: maybe(fc.constantFrom(0n, 50n, 120n)),
    freeOnly: maybe(fc.boolean()),
    avoid: maybe(fc.uniqueArray(fc.constantFrom('oak', 'elm', peerLabel(3))).map((list) => new Set<string>(list))),
    down: peers,
    otherExits: peers,
  })
  .map(
    (wishes) => Object.fromEntries(Object.entries(wishes).filter(([, wish]) => wish !== undefined)) as SelectionWishes,
  );

describe('a selected circuit', () => {
  test('breaks no rule, whatever the directory', () => {
    let found = 0;
    fc.assert(
      fc.property(directories, fc.oneof(fc.constant({}), anyWishes), fc.nat(), (facts, wishes, seed) => {
        const selection = select(indexRelays(facts), wishes, seed);
        if (selection === undefined) return;
        found += 1;
        expectRules(selection);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(200);
  });

  test('honours every wish', () => {
    fc.assert(
      fc.property(directories, anyWishes, fc.nat(), (facts, wishes, seed) => {
        const selection = select(indexRelays(facts), wishes, seed);
        if (selection === undefined) return;
        const { entry, exit } = selection;
        const price = entry.entry.pricePerMib + exit.exit.pricePerMib;
        expect(wishes.entryRegions?.has(entry.region)).not.toBe(false);
        expect(wishes.exitRegions?.has(exit.region)).not.toBe(false);
        expect(price <= (wishes.maxPricePerMib ?? price)).toBe(true);
        if (wishes.freeOnly === true) expect(price).toBe(0n);
        const hands = [entry.peer, exit.peer, entry.operator, exit.operator, exit.exit.zone.operator];
        expect(hands.filter((hand) => wishes.avoid?.has(hand))).toEqual([]);
        expect([entry, exit].filter(({ peer }) => wishes.down?.has(peer))).toEqual([]);
        expect(wishes.otherExits?.has(exit.peer)).not.toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('is found through any guard that has an exit', () => {
    // Exits dial entry 0 only; the guards are drawn, and one of them is 0 or the circuit is not there.
    const facts = [0, 1, 2, 3].map((number) => plainRelay(number, [0]));
    const index = indexRelays(facts);
    const guards: GuardSet = [1, 0].map((number) => ({
      peer: peerLabel(number),
      addedAt: NOW,
      expiresAt: NOW + 1,
      unlistedSince: undefined,
    }));
    for (let seed = 0; seed < 20; seed += 1) {
      expect(selectCircuit(index, guards, {}, drawsOf(seed))).toMatchObject({ entry: { peer: peerLabel(0) } });
    }
    expect(selectCircuit(index, guards.slice(0, 1), {}, drawsOf(0))).toBe('no-exit');
    expect(selectCircuit(index, [], {}, drawsOf(0))).toBe('no-guard');
  });

  test('passes over a guard that is down, and uses only as many as are to be in use', () => {
    const index = indexRelays(plainDirectory(20));
    const draw = drawsOf(1);
    const guards = addGuard(tendGuards(NO_GUARDS, index, NOW, draw), index, NOW, draw);
    const entries = (down: string[]): string[] => {
      const chosen = Array.from({ length: 200 }, () => selectCircuit(index, guards, { down: new Set(down) }, draw));
      return [...new Set(chosen.map((each) => (typeof each === 'string' ? each : each.entry.peer)))].sort();
    };
    const [first, second, third] = guards.map(({ peer }) => peer) as [string, string, string];
    expect(entries([])).toEqual([first, second].sort());
    expect(entries([first])).toEqual([second, third].sort());
    expect(entries([first, second, third])).toEqual(['no-guard']);
  });
});

describe('an exit', () => {
  const share = (change: Partial<RelayFacts>): number => {
    const facts = plainDirectory(12).map((relay) => (relay.peer === peerLabel(5) ? { ...relay, ...change } : relay));
    const index = indexRelays(facts);
    const guards: GuardSet = [{ peer: peerLabel(0), addedAt: NOW, expiresAt: NOW + 1, unlistedSince: undefined }];
    const draw = drawsOf(7);
    const chosen = Array.from({ length: 20_000 }, () => selectCircuit(index, guards, {}, draw) as Selection);
    return chosen.filter(({ exit }) => exit.peer === peerLabel(5)).length / chosen.length;
  };
  const { exit } = plainRelay(
    5,
    Array.from({ length: 12 }, (_, index) => index),
  );

  test('is chosen by its weight', () => {
    expect(share({})).toBeCloseTo(1 / 11, 2);
    expect(share({ exit: { ...exit!, capacity: 5e6 } })).toBeCloseTo(5 / 15, 1.5);
  });

  test('gains and loses no more by latency than a factor of two', () => {
    expect(share({ latencyMs: 1 })).toBeCloseTo(2 / 12, 1.5);
    expect(share({ latencyMs: 60_000 })).toBeCloseTo(0.5 / 10.5, 2);
    expect(share({ latencyMs: Number.NaN })).toBeCloseTo(1 / 11, 2);
  });

  test('gains nothing by a claim beyond the bound', () => {
    expect(share({ exit: { ...exit!, capacity: 1e15 } })).toBeCloseTo(
      share({ exit: { ...exit!, capacity: 2.5e8 } }),
      5,
    );
  });
});
