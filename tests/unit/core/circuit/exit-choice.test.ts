// A chosen exit only narrows: whatever is chosen, a circuit keeps the three operators, the wishes and the guards, and is where the choice says, or there is none.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseCircuit,
  possibleCircuits,
  readyRelays,
  type Circuit,
} from '../../../../src/core/circuit/choose-circuit.ts';
import {
  choiceFor,
  MAX_CHOSEN_SITES,
  MAX_FAVOURITES,
  MAX_RECENT,
  meetsChoice,
  narrow,
  NO_EXIT_CHOICES,
  noteChoice,
  parseExitChoice,
  parseExitChoices,
  parseFavourites,
  placeSites,
  type ExitChoice,
  type LastingChoice,
} from '../../../../src/core/circuit/exit-choice.ts';
import { countExits, MAX_OPERATORS_OF_PLACE } from '../../../../src/core/circuit/exits-view.ts';
import { NO_GUARDS } from '../../../../src/core/circuit/guard-set.ts';
import { indexRelays } from '../../../../src/core/circuit/relay-index.ts';
import type { SelectionWishes } from '../../../../src/core/circuit/select-circuit.ts';
import { drawChosen } from '../../../../src/core/circuit/shortlist.ts';
import { assignExit, exitOfSite, noSiteExits } from '../../../../src/core/circuit/site-exits.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import type { RelayRecord } from '../../../../src/core/directory/relay-record.ts';
import { ParseError } from '../../../../src/core/state/parse.ts';

const NOW = 1_796_083_200_000;
const peerAt = (at: number): string => labelOfKey(new Uint8Array(32).fill(at + 1));
const region = fc.constantFrom('IS', 'CH', 'NL');
const operator = fc.constantFrom('oak', 'elm', 'yew', 'fir', 'ash');

const networks: fc.Arbitrary<RelayRecord[]> = fc
  .array(
    fc.record({
      ...{ operator, zoneOperator: operator, region, isExit: fc.boolean(), price: fc.constantFrom(0, 1, 50) },
      ...{ knows: fc.array(fc.nat(15), { minLength: 3 }), payee: fc.nat(30), network: fc.nat(30) },
    }),
    { minLength: 4, maxLength: 16 },
  )
  .map((relays) =>
    relays.map((each, at): RelayRecord => {
      const zone = { name: 'zone.test', operator: each.zoneOperator };
      const common = { peer: peerAt(at), operator: each.operator, region: each.region, capacity: 1000 };
      const payee = `0x${String(each.payee).padStart(40, '0')}`;
      const addresses = [`192.${each.network}.2.${at}`];
      return each.isExit
        ? { ...common, payee, exit: { addresses, zone, entries: each.knows.map(peerAt), pricePerMib: each.price } }
        : { ...common, payee, entry: { addresses, port: 443, zone: zone.name, pricePerMib: each.price } };
    }),
  );
const wishes: fc.Arbitrary<SelectionWishes> = fc.record(
  {
    exitRegions: fc.uniqueArray(region, { minLength: 1 }).map((each) => new Set(each)),
    maxPricePerMib: fc.constantFrom(0n, 1n, 51n),
    freeOnly: fc.boolean(),
    avoid: fc.uniqueArray(operator, { maxLength: 2 }).map((each) => new Set(each)),
  },
  { requiredKeys: [] },
);
const choices: fc.Arbitrary<LastingChoice> = fc.oneof(
  fc.record({ kind: fc.constant('region' as const), region }),
  fc.record({ kind: fc.constant('operator' as const), region, operator }),
  fc.constant({ kind: 'free' as const }),
);
const name = ({ proxyHost }: Circuit): string => proxyHost;

describe('a circuit to a chosen exit', () => {
  test('is one that the wishes allow, of three operators, where the choice says, and by a guard that there was', () => {
    let chosen = 0;
    fc.assert(
      fc.property(
        networks,
        wishes,
        choices,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (records, wished, choice, draw) => {
          const relays = readyRelays(records);
          const { guards } = chooseCircuit(relays, NO_GUARDS, NOW, () => draw, { relays: wished });
          const found = chooseCircuit(relays, guards, NOW, () => draw, {
            ...{ relays: wished, keepsGuards: true },
            fits: (circuit) => meetsChoice(circuit, choice, records),
          });
          // No further entry is met for it.
          expect(found.guards).toEqual(guards);
          const allowed = possibleCircuits(records, wished);
          const byGuards = allowed.filter(({ entry }) => guards.some(({ peer }) => peer === entry.peer));
          const there = byGuards.filter((circuit) => meetsChoice(circuit, choice, records));
          const { circuit } = found;
          // Where one can be had, one is had.
          expect(circuit === undefined).toBe(there.length === 0);
          if (circuit === undefined) return;
          chosen += 1;
          expect(there.map(name)).toContain(circuit.proxyHost);
          const exit = records.find(({ peer }) => peer === circuit.exit.peer)!;
          const entry = records.find(({ peer }) => peer === circuit.entry.peer)!;
          expect(new Set([entry.operator, exit.operator, exit.exit!.zone.operator]).size).toBe(3);
          if (choice.kind !== 'free') expect(exit.region).toBe(choice.region);
          if (choice.kind === 'operator') expect(exit.operator).toBe(choice.operator);
          if (choice.kind === 'free') expect(entry.entry!.pricePerMib + exit.exit!.pricePerMib).toBe(0);
          if (wished.exitRegions !== undefined) expect(wished.exitRegions).toContain(exit.region);
          for (const avoided of wished.avoid ?? []) expect([entry.operator, exit.operator]).not.toContain(avoided);
        },
      ),
      { numRuns: 500 },
    );
    expect(chosen).toBeGreaterThan(20);
  });

  test('narrowing never allows what the wishes do not, and allows all of it that is there', () => {
    fc.assert(
      fc.property(networks, wishes, choices, (records, wished, choice) => {
        const narrowed = possibleCircuits(records, narrow(wished, choice)).map(name);
        const allowed = possibleCircuits(records, wished).filter((each) => meetsChoice(each, choice, records));
        expect(new Set(narrowed)).toEqual(new Set(allowed.map(name)));
      }),
      { numRuns: 1000 },
    );
  });

  test('what is rather taken is taken before a spare of another entry, and not before another exit', () => {
    const zone = { name: 'zone.test', operator: 'zone' };
    const record = (at: number, where: string): RelayRecord => ({
      ...{
        peer: peerAt(at),
        operator: `o${at}`,
        region: where,
        capacity: 1000,
        payee: `0x${String(at).padStart(40, '0')}`,
      },
      ...(at < 2
        ? { entry: { addresses: [`192.${at}.2.1`], port: 443, zone: zone.name, pricePerMib: 1 } }
        : { exit: { addresses: [`192.${at}.2.1`], zone, entries: [peerAt(0), peerAt(1)], pricePerMib: 1 } }),
    });
    const records = [record(0, 'DE'), record(1, 'DE'), record(2, 'IS'), record(3, 'IS'), record(4, 'CH')];
    const relays = readyRelays(records);
    const { guards } = chooseCircuit(relays, NO_GUARDS, NOW, () => 0);
    const rather = ({ exit: { region: at } }: Circuit): boolean => at === 'IS';
    const all = possibleCircuits(records);
    const beside = all.filter(({ exit: { peer } }) => peer === peerAt(2)).slice(0, 1);
    for (const draw of [0, 0.5, 0.99]) {
      expect(chooseCircuit(relays, guards, NOW, () => draw, { rather }).circuit?.exit.region).toBe('IS');
      expect(chooseCircuit(relays, guards, NOW, () => draw, { rather, beside }).circuit?.exit.peer).toBe(peerAt(3));
    }
    const alone = readyRelays(records.filter(({ peer }) => peer !== peerAt(3)));
    expect(chooseCircuit(alone, guards, NOW, () => 0, { rather, beside }).circuit?.exit.region).toBe('CH');
  });
});

describe('what was chosen', () => {
  test('reads back as it was, and holds for its site or for all; the last few are kept, and the oldest site goes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.option(fc.constantFrom('a.test', 'b.test', '__proto__'), { nil: undefined }), choices)),
        (made) => {
          let state = NO_EXIT_CHOICES;
          for (const [site, choice] of made) {
            state = noteChoice(state, site === '__proto__' ? 'c.test' : site, choice);
            expect(choiceFor(state, site === '__proto__' ? 'c.test' : site)).toEqual(choice);
          }
          expect(parseExitChoices(JSON.parse(JSON.stringify(state)))).toEqual(state);
          expect(state.recent.length).toBeLessThanOrEqual(MAX_RECENT);
          expect(state.recent.slice(0, 1)).toEqual(made.slice(-1).map(([, choice]) => choice));
        },
      ),
    );
    let many = NO_EXIT_CHOICES;
    for (let at = 0; at <= MAX_CHOSEN_SITES; at += 1) many = noteChoice(many, `s${at}.test`, { kind: 'free' });
    expect(Object.keys(many.sites)).toHaveLength(MAX_CHOSEN_SITES);
    expect(choiceFor(many, 's0.test')).toBeUndefined();
    expect(choiceFor(NO_EXIT_CHOICES, 'constructor')).toBeUndefined();
  });

  test.each<ExitChoice>([{ kind: 'any' }, { kind: 'fastest' }])('$kind ends what held, and is not kept', (choice) => {
    const held = noteChoice(noteChoice(NO_EXIT_CHOICES, 'a.test', { kind: 'free' }), undefined, { kind: 'free' });
    expect(choiceFor(noteChoice(held, 'a.test', choice), 'a.test')).toBeUndefined();
    expect(choiceFor(noteChoice(held, undefined, choice), undefined)).toBeUndefined();
    expect(noteChoice(held, undefined, choice).recent).toEqual(held.recent);
  });

  test.each([
    [undefined],
    ['IS'],
    [{ kind: 'region' }],
    [{ kind: 'region', region: 'Iceland' }],
    [{ kind: 'region', region: 'is' }],
    [{ kind: 'region', region: 'IS', operator: 'elm' }],
    [{ kind: 'operator', region: 'IS' }],
    [{ kind: 'operator', region: 'IS', operator: '' }],
    [{ kind: 'operator', region: 'IS', operator: 'a\u202eb' }],
    [{ kind: 'operator', region: 'IS', operator: 'a'.repeat(101) }],
    [{ kind: 'free', region: 'IS' }],
    [{ kind: 'everywhere' }],
  ])('%j is none', (value) => {
    expect(() => parseExitChoice(value)).toThrow(ParseError);
    expect(() => parseExitChoices({ all: value ?? null, sites: {}, recent: [] })).toThrow(ParseError);
  });
});

test('favourites are codes of countries, each once, and not too many', () => {
  expect(parseFavourites(['IS', 'CH', 'IS'])).toEqual(['IS', 'CH']);
  for (const wrong of ['IS', [7], ['Iceland'], Array.from({ length: MAX_FAVOURITES + 1 }, () => 'IS')])
    expect(() => parseFavourites(wrong)).toThrow(ParseError);
});

test('a site with a choice goes by an exit there, the others stay as they are', () => {
  const circuit = (exit: number, at: string): Circuit => ({
    ...{ proxyHost: `p${exit}`, proxyPort: 1, exit: { peer: peerAt(exit), operator: 'elm', region: at } },
    entry: { peer: peerAt(0), operator: 'oak', region: 'DE', host: 'e', port: 1 },
  });
  const before = assignExit(noSiteExits('0'.repeat(32)), 'a.test', peerAt(1));
  const chosen = noteChoice(NO_EXIT_CHOICES, 'a.test', { kind: 'region', region: 'IS' });
  const placed = placeSites(before, [circuit(1, 'CH'), circuit(2, 'IS')], chosen, []);
  expect(exitOfSite(placed, 'a.test')).toBe(peerAt(2));
  expect(placed.slots).toEqual(before.slots);
  // Where no circuit leads there it keeps what it has: nothing is better.
  expect(placeSites(before, [circuit(1, 'CH')], chosen, [])).toEqual(before);
});

describe('what there is to choose from', () => {
  const zone = { name: 'zone.test', operator: 'zone' };
  const facts = (count: number, regions: number) => {
    const entry = {
      peer: peerAt(0),
      operator: 'oak',
      region: 'DE',
      payee: `0x${'ee'.repeat(20)}`,
      addresses: ['10.1.0.1'],
    };
    const exits = Array.from({ length: count }, (_, at) => ({
      ...{ peer: `exit${at}`, operator: `op${at % (count / 2)}`, addresses: [`2001:${(at + 1).toString(16)}::1`] },
      region: String.fromCharCode(65 + Math.floor((at % regions) / 26), 65 + ((at % regions) % 26)),
      payee: `0x${at.toString(16).padStart(40, '0')}`,
      exit: { capacity: 10, pricePerMib: at % 10 === 0 ? 0n : 5n, zone, entries: [peerAt(0)] },
    }));
    return [{ ...entry, entry: { capacity: 10, pricePerMib: 0n } }, ...exits];
  };

  test('two thousand exits in a hundred countries are counted fast, and bounded', () => {
    const index = indexRelays(facts(2000, 100));
    const since = performance.now();
    const { places, free } = countExits(index, NO_GUARDS, {});
    expect(performance.now() - since).toBeLessThan(500);
    expect(places).toHaveLength(100);
    expect(free).toBe(200);
    expect(places.reduce((sum, { exits }) => sum + exits, 0)).toBe(2000);
    expect(JSON.stringify(places).length).toBeLessThan(100_000);
    const one = countExits(indexRelays(facts(500, 1)), NO_GUARDS, {}).places[0]!;
    expect(one.operators).toHaveLength(MAX_OPERATORS_OF_PLACE);
    expect(one.operators.length + one.moreOperators).toBe(250);
  });

  test('what the wishes do not allow, or cannot be read, is none to choose', () => {
    const index = indexRelays(facts(20, 2));
    const counted = (wished: SelectionWishes | undefined) =>
      countExits(index, NO_GUARDS, wished).places.map(({ region: at, all, exits }) => [at, all, exits]);
    expect(counted({ exitRegions: new Set(['AB']) })).toEqual([
      ['AA', 10, 0],
      ['AB', 10, 10],
    ]);
    expect(counted(undefined)).toEqual([
      ['AA', 10, 0],
      ['AB', 10, 0],
    ]);
  });

  test('what no guard leads to is none to choose', () => {
    const [one, ...rest] = facts(20, 2);
    const other = { ...one!, peer: peerAt(1), operator: 'ash', payee: `0x${'dd'.repeat(20)}`, addresses: ['10.2.0.1'] };
    const index = indexRelays([one!, other, ...rest]);
    const by = (peer: string) => [{ peer, addedAt: NOW, expiresAt: NOW + 1, unlistedSince: undefined }];
    expect(countExits(index, by(peerAt(0)), {}).places.map(({ exits }) => exits)).toEqual([10, 10]);
    expect(countExits(index, by(peerAt(1)), {}).places.map(({ exits }) => exits)).toEqual([0, 0]);
  });

  test('the short list gets a few exits of what is chosen for each guard, and no other', () => {
    const index = indexRelays(facts(2000, 100));
    const guard = { peer: peerAt(0), addedAt: NOW, expiresAt: NOW + 1, unlistedSince: undefined };
    const drawn = drawChosen(index, [guard], Math.random, { exitRegions: new Set(['AB']) });
    expect(new Set(drawn).size).toBe(4);
    expect(drawn.map((peer) => index.relays.get(peer)?.region)).toEqual(['AB', 'AB', 'AB', 'AB']);
  });
});
