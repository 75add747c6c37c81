// What the person wishes of relays: read with limits, never broken by a choice, and all that the short list is drawn of; guards that break a wish are passed over and kept.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseCircuit,
  fitsWishes,
  possibleCircuits,
  readyRelays,
  type Circuit,
} from '../../../../src/core/circuit/choose-circuit.ts';
import {
  GUARDS_IN_USE,
  makeRoom,
  MAX_GUARDS,
  NO_GUARDS,
  tendGuards,
  type GuardSet,
} from '../../../../src/core/circuit/guard-set.ts';
import { indexRelays, type IndexedEntry } from '../../../../src/core/circuit/relay-index.ts';
import {
  MAX_AVOIDED,
  MAX_PRICE_PER_GB,
  MAX_REGIONS,
  NO_WISHES,
  parseRelayWishes,
  toSelectionWishes,
  type RelayWishes,
} from '../../../../src/core/circuit/relay-wishes.ts';
import { MAX_OPERATORS_SHOWN, relaysView } from '../../../../src/core/circuit/relays-view.ts';
import { mayBegin } from '../../../../src/core/circuit/select-circuit.ts';
import { drawShortlist } from '../../../../src/core/circuit/shortlist.ts';
import type { RelayRecord } from '../../../../src/core/directory/relay-record.ts';
import { isDearer } from '../../../../src/core/payment/price.ts';
import { ParseError } from '../../../../src/core/state/parse.ts';
import { drawsOf, peerLabel, plainDirectory, plainRelay } from '../../../support/fakes/directory.ts';

const NOW = 1_800_000_000_000;
const wishing = (wishes: Partial<RelayWishes>): RelayWishes => ({ ...NO_WISHES, ...wishes });

const region = fc.constantFrom('DE', 'FR', 'IS');
const some = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.uniqueArray(each, { maxLength: 2 });
const anyWishes: fc.Arbitrary<RelayWishes> = fc.record({
  exitRegions: some(region),
  entryRegions: some(region),
  maxPricePerGb: fc.option(fc.bigInt(0n, 250_000n).map(String), { nil: undefined }),
  freeOnly: fc.boolean(),
  avoid: some(fc.constantFrom('operator-1', 'operator-2', 'zone-a', peerLabel(3), peerLabel(4))),
});

describe('stored wishes', () => {
  test('read back as they were, through storage and messages', () => {
    fc.assert(
      fc.property(anyWishes, (wishes) => {
        expect(parseRelayWishes(JSON.parse(JSON.stringify(wishes)))).toEqual(wishes);
      }),
    );
  });

  test('are read, or refused by name, whatever they are', () => {
    const shaped = fc.record({
      exitRegions: fc.oneof(fc.array(fc.string({ maxLength: 3 })), fc.anything()),
      entryRegions: fc.array(region),
      maxPricePerGb: fc.oneof(fc.bigInt().map(String), fc.anything()),
      freeOnly: fc.oneof(fc.boolean(), fc.anything()),
      avoid: fc.oneof(fc.array(fc.string({ maxLength: 120 })), fc.anything()),
    });
    fc.assert(
      fc.property(fc.oneof(shaped, fc.anything()), (value) => {
        try {
          const wishes = parseRelayWishes(value);
          expect(parseRelayWishes(wishes)).toEqual(wishes);
          expect(wishes.avoid.every((each) => each.length <= 100)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  const codes = Array.from({ length: 26 * 26 }, (_, at) => String.fromCharCode(65 + at / 26, 65 + (at % 26)));
  const names = Array.from({ length: MAX_AVOIDED + 1 }, (_, at) => `operator-${at}`);
  test.each<[string, object, boolean]>([
    ['as many regions as there are', { exitRegions: codes.slice(0, MAX_REGIONS) }, true],
    ['more regions than there are', { exitRegions: codes.slice(0, MAX_REGIONS + 1) }, false],
    ['a region in small letters', { entryRegions: ['de'] }, false],
    ['a region twice', { entryRegions: ['DE', 'DE'] }, false],
    ['as many avoided as may be', { avoid: names.slice(1) }, true],
    ['more avoided than may be', { avoid: names }, false],
    ['an operator of markup, which is text', { avoid: ['<b>alder</b>'] }, true],
    ['an operator with a space', { avoid: ['a b'] }, false],
    ['an operator that is too long', { avoid: ['a'.repeat(101)] }, false],
    ['a price of nothing', { maxPricePerGb: '0' }, true],
    ['the highest price', { maxPricePerGb: String(MAX_PRICE_PER_GB) }, true],
    ['a higher one', { maxPricePerGb: String(MAX_PRICE_PER_GB + 1n) }, false],
    ['a price with an exponent', { maxPricePerGb: '1e30' }, false],
    ['a price below nothing', { maxPricePerGb: '-1' }, false],
    ['a price that is a number', { maxPricePerGb: 5 }, false],
  ])('%s', (_, wishes, isRead) => {
    const read = () => parseRelayWishes({ ...NO_WISHES, ...wishes });
    if (isRead) expect(read()).toEqual({ ...NO_WISHES, ...wishes });
    else expect(read).toThrow(ParseError);
  });

  test('a price by the gigabyte lets through exactly what is not dearer', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_PRICE_PER_GB), fc.bigInt(-2n, 2n), (limit, near) => {
        const { maxPricePerMib } = toSelectionWishes(wishing({ maxPricePerGb: String(limit) }));
        const price = maxPricePerMib! + near < 0n ? 0n : maxPricePerMib! + near;
        expect(price <= maxPricePerMib!).toBe(!isDearer(price, limit));
      }),
    );
  });
});

/** Relays apart from each other, each entry and exit, of arbitrary region, price and zone. */
const networks: fc.Arbitrary<RelayRecord[]> = fc
  .array(fc.record({ region, price: fc.constantFrom(0, 40, 100), zone: fc.constantFrom('zone-a', 'zone-b') }), {
    maxLength: 8,
  })
  .map((relays) =>
    relays.map((each, number) => ({
      ...{ peer: peerLabel(number), operator: `operator-${number}`, region: each.region, capacity: 1000 },
      payee: `0x${String(number).padStart(40, '0')}`,
      entry: { addresses: [`10.${number}.0.1`], port: 443, zone: 'zone.test', pricePerMib: each.price },
      exit: {
        addresses: [`10.${number}.0.1`],
        zone: { name: 'zone.test', operator: each.zone },
        entries: relays.map((_, at) => peerLabel(at)),
        pricePerMib: each.price,
      },
    })),
  );

function expectWished({ entry, exit }: Circuit, records: readonly RelayRecord[], wishes: RelayWishes): void {
  const [from, to] = [entry, exit].map(({ peer }) => records.find((record) => record.peer === peer)!);
  const price = BigInt(from!.entry!.pricePerMib + to!.exit!.pricePerMib);
  if (wishes.exitRegions.length > 0) expect(wishes.exitRegions).toContain(to!.region);
  if (wishes.entryRegions.length > 0) expect(wishes.entryRegions).toContain(from!.region);
  if (wishes.maxPricePerGb !== undefined) expect(isDearer(price, BigInt(wishes.maxPricePerGb))).toBe(false);
  if (wishes.freeOnly) expect(price).toBe(0n);
  for (const name of [from!.peer, to!.peer, from!.operator, to!.operator, to!.exit!.zone.operator])
    expect(wishes.avoid).not.toContain(name);
}

describe('a choice', () => {
  test('never breaks a wish, whatever the guards were chosen by; and there is one where one is possible', () => {
    let chosen = 0;
    fc.assert(
      fc.property(networks, anyWishes, anyWishes, fc.nat(), (records, before, wishes, seed) => {
        const relays = readyRelays(records);
        const draw = drawsOf(seed);
        const old = chooseCircuit(relays, NO_GUARDS, NOW, draw, { relays: toSelectionWishes(before) });
        const { circuit } = chooseCircuit(relays, old.guards, NOW, draw, { relays: toSelectionWishes(wishes) });
        if (circuit !== undefined) {
          chosen += 1;
          expectWished(circuit, records, wishes);
          expect(fitsWishes(records, toSelectionWishes(wishes))(circuit)).toBe(true);
        }
        const fresh = chooseCircuit(relays, NO_GUARDS, NOW, draw, { relays: toSelectionWishes(wishes) }).circuit;
        expect(fresh !== undefined).toBe(possibleCircuits(records, toSelectionWishes(wishes)).length > 0);
      }),
      { numRuns: 1000 },
    );
    expect(chosen).toBeGreaterThan(100);
  });

  test('a circuit of which a relay is not known any more is not known to fit', () => {
    const [one, two, three] = fc.sample(
      networks.filter((relays) => relays.length >= 3),
      { numRuns: 1, seed: 1 },
    )[0]!;
    const [circuit] = possibleCircuits([one!, two!, three!]);
    expect(fitsWishes([one!, two!, three!], {})(circuit!)).toBe(true);
    expect(
      fitsWishes(
        [one!, two!, three!].filter(({ peer }) => peer !== circuit!.exit.peer),
        {},
      )(circuit!),
    ).toBe(false);
  });

  test('a guard of which no exit fits is not taken in for it', () => {
    // Of 20 entries one has an exit in Iceland.
    const facts = [...plainDirectory(20), plainRelay(50, [7], { region: 'IS' })];
    const index = indexRelays(facts);
    const wishes = toSelectionWishes(wishing({ exitRegions: ['IS'] }));
    const guards = tendGuards(NO_GUARDS, index, NOW, drawsOf(3), (entry) => mayBegin(index, entry, wishes));
    expect(guards.map(({ peer }) => peer)).toEqual([peerLabel(7)]);
  });
});

describe('guards that break a wish', () => {
  const index = indexRelays([
    ...plainDirectory(20),
    ...plainDirectory(5, 30).map((relay) => ({ ...relay, region: 'IS' })),
  ]);
  const inIceland = ({ region: where }: IndexedEntry): boolean => where === 'IS';
  const full = ((): GuardSet => {
    let set = tendGuards(NO_GUARDS, index, NOW, drawsOf(1), (entry) => !inIceland(entry));
    for (let number = 0; set.length < MAX_GUARDS; number += 1)
      set = [...set, { ...set[0]!, peer: peerLabel(number) }].filter(
        ({ peer }, at, all) => all.findIndex((each) => each.peer === peer) === at,
      );
    return set;
  })();

  test('stay, where there is room for as many as are in use', () => {
    const few = full.slice(0, MAX_GUARDS - GUARDS_IN_USE);
    expect(makeRoom(few, index, inIceland)).toBe(few);
  });

  test('of a full set, go from the end, no more than are needed', () => {
    expect(makeRoom(full, index, inIceland)).toEqual(full.slice(0, MAX_GUARDS - GUARDS_IN_USE));
    expect(makeRoom(full, index, ({ peer }) => peer === full[5]!.peer)).toEqual([...full.slice(0, 4), full[5]]);
    expect(makeRoom(full, index, ({ peer }) => peer === full[0]!.peer || peer === full[3]!.peer)).toBe(full);
  });

  test('one that is not in the directory now is not known to break any', () => {
    const gone = full.map((guard, at) => (at >= 4 ? { ...guard, peer: peerLabel(500 + at) } : guard));
    expect(makeRoom(gone, index, inIceland)).toBe(gone);
  });
});

describe('the short list', () => {
  // 300 relays, 40 of them in a small country.
  const facts = plainDirectory(300).map((relay, at) => ({ ...relay, region: at % 8 === 0 ? 'IS' : 'DE' }));
  const index = indexRelays(facts);
  const regionOf = (peer: string) => index.relays.get(peer)!.region;
  const wishes = toSelectionWishes(wishing({ exitRegions: ['IS'] }));

  test('is of what is wished: the two dozen exits of each entry are of the small country', () => {
    const guards = tendGuards(NO_GUARDS, index, NOW, drawsOf(2));
    const list = drawShortlist(index, guards, new Set(), NOW, drawsOf(3), wishes);
    const entries = list.slice(0, MAX_GUARDS);
    const exits = list.slice(MAX_GUARDS);
    expect(entries.slice(0, 2)).toEqual(guards.map(({ peer }) => peer));
    expect(exits.length).toBeGreaterThanOrEqual(24);
    expect(exits.every((peer) => regionOf(peer) === 'IS')).toBe(true);
  });

  test('has the guards in it that break a wish, with others in reserve that do not', () => {
    const guards = tendGuards(NO_GUARDS, index, NOW, drawsOf(2), ({ region: where }) => where === 'DE');
    const wished = toSelectionWishes(wishing({ entryRegions: ['IS'] }));
    const list = drawShortlist(index, guards, new Set(), NOW, drawsOf(3), wished);
    expect(list.slice(0, 2)).toEqual(guards.map(({ peer }) => peer));
    expect(list.slice(2, MAX_GUARDS).every((peer) => regionOf(peer) === 'IS')).toBe(true);
  });
});

describe('what the person is shown', () => {
  test('counts by region, and what the wishes allow', () => {
    const facts = [0, 1, 2, 3].map((number) =>
      plainRelay(number, [0, 1, 2, 3], {
        region: number === 0 ? 'IS' : 'DE',
        ...(number === 1 && { entry: { capacity: 1, pricePerMib: 50n } }),
      }),
    );
    const view = relaysView(indexRelays(facts), wishing({ exitRegions: ['IS'], avoid: ['operator-2', 'gone'] }));
    expect(view.exitRegions).toEqual([
      { name: 'DE', relays: 3 },
      { name: 'IS', relays: 1 },
    ]);
    expect(view.operators.map(({ name }) => name)).toEqual([
      'gone',
      'operator-0',
      'operator-1',
      'operator-2',
      'operator-3',
    ]);
    expect(view).toMatchObject({
      ...{ all: { entries: 4, exits: 4 }, free: { entries: 3, exits: 4 }, fitting: { entries: 2, exits: 1 } },
    });
    expect(relaysView(indexRelays(facts), 'lost')).toMatchObject({ wishes: 'lost', fitting: { entries: 0, exits: 0 } });
  });

  test('is bounded, and has those that are avoided in it', () => {
    const view = relaysView(indexRelays(plainDirectory(300)), wishing({ avoid: ['operator-299'] }));
    expect(view.operators).toHaveLength(MAX_OPERATORS_SHOWN + 1);
    expect(view.operators.map(({ name }) => name)).toContain('operator-299');
    expect(view.moreOperators).toBe(99);
  });
});
