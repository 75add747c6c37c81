// The guards of a client: stable while relays come and go, not to be displaced by newcomers, and read back with care.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addGuard,
  GUARD_LIFE_MAX_MS,
  GUARD_LIFE_MIN_MS,
  GUARD_UNLISTED_MS,
  GUARDS_IN_USE,
  hasExit,
  MAX_GUARDS,
  NO_GUARDS,
  parseGuardSet,
  tendGuards,
  type GuardSet,
} from '../../../../src/core/circuit/guard-set.ts';
import { areApart } from '../../../../src/core/circuit/pairing.ts';
import { indexRelays } from '../../../../src/core/circuit/relay-index.ts';
import { ParseError } from '../../../../src/core/state/parse.ts';
import { directories, drawsOf, peerLabel, plainDirectory, plainRelay } from '../../../support/fakes/directory.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const peersOf = (set: GuardSet): string[] => set.map(({ peer }) => peer);
const full = indexRelays(plainDirectory(30));
const fresh = (seed = 1): GuardSet => tendGuards(NO_GUARDS, full, NOW, drawsOf(seed));

describe('a guard set', () => {
  test('is made of entries that are apart from each other, whatever the directory', () => {
    fc.assert(
      fc.property(directories, fc.nat(), (facts, seed) => {
        const index = indexRelays(facts);
        const set = tendGuards(NO_GUARDS, index, NOW, drawsOf(seed));
        expect(set.length).toBeLessThanOrEqual(GUARDS_IN_USE);
        if (index.entries.some((entry) => hasExit(index, entry))) expect(set.length).toBeGreaterThan(0);
        const relays = set.map(({ peer }) => index.relays.get(peer)!);
        relays.forEach((one, at) => relays.slice(at + 1).forEach((other) => expect(areApart(one, other)).toBe(true)));
        expect(parseGuardSet(structuredClone(set))).toEqual(set);
      }),
    );
  });

  test('stays as it is under churn: other relays that leave and come change nothing before a guard expires', () => {
    const days = fc.array(fc.record({ leave: fc.uniqueArray(fc.nat(29)), join: fc.nat(40) }), { maxLength: 59 });
    fc.assert(
      fc.property(days, fc.nat(), (churn, seed) => {
        const draw = drawsOf(seed);
        const first = tendGuards(NO_GUARDS, full, NOW, draw);
        let set = first;
        churn.forEach(({ leave, join }, day) => {
          const gone = new Set(leave.map(peerLabel).filter((peer) => !peersOf(first).includes(peer)));
          const facts = [...plainDirectory(30).filter(({ peer }) => !gone.has(peer)), ...plainDirectory(join, 100)];
          set = tendGuards(set, indexRelays(facts), NOW + (day + 1) * DAY, draw);
        });
        expect(set).toEqual(first);
      }),
      { numRuns: 50 },
    );
  });

  test('is not displaced by relays that an attacker adds, however many and however large they say they are', () => {
    const entry = { capacity: 1e15, pricePerMib: 0n };
    const attack = Array.from({ length: 2000 }, (_, number) =>
      plainRelay(1000 + number, [999 + number, 1001 + number], { entry }),
    );
    const index = indexRelays([...plainDirectory(30), ...attack]);
    for (let seed = 0; seed < 20; seed += 1) {
      expect(tendGuards(fresh(seed), index, NOW + 30 * DAY, drawsOf(seed + 1))).toEqual(fresh(seed));
    }
  });

  test('keeps a relay that leaves for a while, and replaces one that has gone for good', () => {
    const [first, second] = fresh() as [GuardSet[number], GuardSet[number]];
    const without = indexRelays(plainDirectory(30).filter(({ peer }) => peer !== first.peer));
    const draw = drawsOf(2);
    const gone = tendGuards([first, second], without, NOW + DAY, draw);
    expect(gone).toEqual([{ ...first, unlistedSince: NOW + DAY }, second]);
    expect(tendGuards(gone, without, NOW + DAY + GUARD_UNLISTED_MS - 1, draw)).toEqual(gone);
    expect(tendGuards(gone, full, NOW + 5 * DAY, draw)).toEqual([first, second]);
    const after = tendGuards(gone, without, NOW + DAY + GUARD_UNLISTED_MS, draw);
    expect(peersOf(after)).toEqual([second.peer, expect.not.stringContaining(first.peer)]);
  });

  test('lives as long as was drawn for each guard', () => {
    const lives = Array.from({ length: 300 }, (_, seed) => fresh(seed)[0]!.expiresAt - NOW);
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(GUARD_LIFE_MIN_MS);
    expect(Math.max(...lives)).toBeLessThanOrEqual(GUARD_LIFE_MAX_MS);
    expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(55 * DAY);
    const [first, second] = fresh() as [GuardSet[number], GuardSet[number]];
    const next = Math.min(first.expiresAt, second.expiresAt);
    expect(tendGuards(fresh(), full, next - 1, drawsOf(3))).toEqual(fresh());
    expect(tendGuards(fresh(), full, next, drawsOf(3))).not.toEqual(fresh());
  });

  test('of a clock that was ahead does not outlive its time', () => {
    const set = tendGuards(NO_GUARDS, full, NOW + 10_000 * DAY, drawsOf(4));
    const tended = tendGuards(set, full, NOW, drawsOf(5));
    expect(peersOf(tended)).toEqual(peersOf(set));
    tended.forEach(({ addedAt, expiresAt }) => {
      expect(addedAt).toBe(NOW);
      expect(expiresAt).toBeLessThanOrEqual(NOW + GUARD_LIFE_MAX_MS);
    });
  });

  test('grows only to its limit, and never by what does not fit', () => {
    let set: GuardSet = fresh();
    for (let round = 0; round < 10; round += 1) set = addGuard(set, full, NOW, drawsOf(round));
    expect(set).toHaveLength(MAX_GUARDS);
    expect(new Set(peersOf(set)).size).toBe(MAX_GUARDS);
    expect(peersOf(set).slice(0, 2)).toEqual(peersOf(fresh()));
    expect(addGuard(NO_GUARDS, full, NOW, drawsOf(1), () => false)).toBe(NO_GUARDS);
    const wanted = [peerLabel(3), peerLabel(4), peerLabel(5)];
    const wished = tendGuards(NO_GUARDS, full, NOW, drawsOf(1), ({ peer }) => wanted.includes(peer));
    expect(peersOf(wished).filter((peer) => wanted.includes(peer))).toHaveLength(GUARDS_IN_USE);
    // A wish that is taken back finds the set as it was.
    expect(tendGuards(wished, full, NOW, drawsOf(1), () => false)).toEqual(wished);
  });

  test('is drawn by capacity', () => {
    const facts = [1, 2, 3].map((number) =>
      plainRelay(number, [1, 2, 3], { entry: { capacity: number * 1e6, pricePerMib: 0n } }),
    );
    const index = indexRelays(facts);
    const draw = drawsOf(6);
    const firsts = Array.from({ length: 20_000 }, () => tendGuards(NO_GUARDS, index, NOW, draw)[0]!.peer);
    const shares = [1, 2, 3].map(
      (number) => firsts.filter((peer) => peer === peerLabel(number)).length / firsts.length,
    );
    [1 / 6, 2 / 6, 3 / 6].forEach((share, at) => expect(shares[at]).toBeCloseTo(share, 1.7));
  });
});

describe('a stored guard set', () => {
  const guard = { peer: peerLabel(1), addedAt: NOW, expiresAt: NOW + GUARD_LIFE_MIN_MS, unlistedSince: undefined };

  test('is read back', () => {
    expect(parseGuardSet([guard])).toEqual([guard]);
    expect(parseGuardSet([{ ...guard, unlistedSince: NOW + 1 }])).toEqual([{ ...guard, unlistedSince: NOW + 1 }]);
    expect(parseGuardSet([])).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['an object', {}],
    ['a list of texts', ['x']],
    ['too many', Array.from({ length: MAX_GUARDS + 1 }, (_, index) => ({ ...guard, peer: peerLabel(index) }))],
    ['one twice', [guard, guard]],
    ['no peer', [{ ...guard, peer: 'oak' }]],
    ['a guard for ever', [{ ...guard, expiresAt: NOW + GUARD_LIFE_MAX_MS + 1 }]],
    ['a guard for a day', [{ ...guard, expiresAt: NOW + DAY }]],
    ['a time that is none', [{ ...guard, addedAt: Number.NaN }]],
    ['a time before time', [{ ...guard, addedAt: -1, expiresAt: GUARD_LIFE_MIN_MS }]],
    ['unlisted before it was there', [{ ...guard, unlistedSince: NOW - 1 }]],
  ])('is refused by name: %s', (_, value) => {
    expect(() => parseGuardSet(value)).toThrow(ParseError);
  });

  test('is read or refused by name, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          parseGuardSet(value);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
    );
  });
});
