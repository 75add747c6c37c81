// A site keeps its exit, k exits share the sites, and a new identity meets none of the exits of before.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assignExit,
  assignFree,
  dropExit,
  exitsInUse,
  exitOfSite,
  newIdentityFor,
  newIdentityForAll,
  noSiteExits,
  otherExits,
  parseSiteExits,
  SITE_SLOTS,
  type SiteExits,
} from '../../../../src/core/circuit/site-exits.ts';
import { ParseError } from '../../../../src/core/state/parse.ts';
import { peerLabel } from '../../../support/fakes/directory.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';
const site = (number: number): string => `site-${number}.test`;

/** As its caller does: the first exit that may be taken. */
function visit(state: SiteExits, name: string): SiteExits {
  if (exitOfSite(state, name) !== undefined) return state;
  const taken = otherExits(state, name);
  let next = 0;
  while (taken.has(peerLabel(next))) next += 1;
  return assignExit(state, name, peerLabel(next));
}

const visitAll = (state: SiteExits, names: string[]): SiteExits => names.reduce(visit, state);
const exitsOf = (state: SiteExits, names: string[]): (string | undefined)[] =>
  names.map((name) => exitOfSite(state, name));
const names = Array.from({ length: 400 }, (_, index) => site(index));

describe('the exits of sites', () => {
  test('are k, stay, and share the sites about evenly', () => {
    const state = visitAll(noSiteExits(SECRET), names);
    expect(visitAll(state, names)).toEqual(state);
    const counts = new Map<string | undefined, number>();
    for (const exit of exitsOf(state, names)) counts.set(exit, (counts.get(exit) ?? 0) + 1);
    expect(counts.size).toBe(SITE_SLOTS);
    counts.forEach((count) => expect(count).toBeGreaterThan(names.length / SITE_SLOTS / 1.5));
  });

  test('are given out of those that there are circuits to, each to one slot, those of the identity before last', () => {
    const exits = [0, 1, 2, 3].map(peerLabel);
    const state = assignFree(noSiteExits(SECRET), exits.slice(0, 2));
    expect(state.slots).toEqual([peerLabel(0), peerLabel(1), undefined, undefined]);
    expect(assignFree(state, exits.slice(0, 2)), 'none is left').toBe(state);
    expect(assignFree(state, exits).slots, 'nobody is moved').toEqual(exits);
    const anew = newIdentityForAll(assignFree(noSiteExits(SECRET), exits), OTHER);
    const fresh = [4, 5, 6].map(peerLabel);
    expect(assignFree(anew, [...exits, ...fresh]).slots).toEqual([...fresh, peerLabel(0)]);
  });

  test('of sites that pages are open of are that of the first circuit, by which they have gone so far', () => {
    const open = names.slice(0, 2);
    const begun = assignFree(noSiteExits(SECRET), [peerLabel(0)], open);
    expect(exitsOf(begun, open)).toEqual([peerLabel(0), peerLabel(0)]);
    const more = assignFree(begun, [0, 1, 2, 3].map(peerLabel), names.slice(0, 8));
    expect(exitsOf(more, open)).toEqual([peerLabel(0), peerLabel(0)]);
    // Nobody who has one is moved, and a slot that nobody looks at gets one that nobody has.
    expect(exitsInUse(assignFree(begun, [0, 1, 2, 3].map(peerLabel), open)).size).toBeGreaterThan(2);
  });

  test('of a site of its own are not one that it has seen', () => {
    const state = newIdentityFor(assignFree(noSiteExits(SECRET, 1), [peerLabel(0)]), site(1));
    expect(exitOfSite(assignFree(state, [peerLabel(0)]), site(1))).toBeUndefined();
    expect(exitOfSite(assignFree(state, [peerLabel(0), peerLabel(1)]), site(1))).toBe(peerLabel(1));
  });

  test('stand nowhere by the name of the site', () => {
    expect(JSON.stringify(visitAll(noSiteExits(SECRET), names))).not.toContain('site-');
  });

  test('change for one site alone when it gets a new identity, to an exit that it has not seen', () => {
    let state = visitAll(noSiteExits(SECRET), names);
    const before = exitsOf(state, names);
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 20; round += 1) {
      seen.add(exitOfSite(state, site(7)));
      state = newIdentityFor(state, site(7));
      expect(exitOfSite(state, site(7))).toBeUndefined();
      state = visit(state, site(7));
      expect(seen.has(exitOfSite(state, site(7)))).toBe(false);
    }
    const rest = names.filter((name) => name !== site(7));
    expect(exitsOf(state, rest)).toEqual(before.filter((_, index) => index !== 7));
  });

  test('are all new after a new identity for all, and sites are grouped otherwise', () => {
    const first = visit(newIdentityFor(visitAll(noSiteExits(SECRET), names), site(1)), site(1));
    const second = visitAll(newIdentityForAll(first, OTHER), names);
    const old = new Set(exitsOf(first, names));
    expect(exitsOf(second, names).filter((exit) => old.has(exit))).toEqual([]);
    const together = (state: SiteExits): boolean[] =>
      names.map((name) => exitOfSite(state, name) === exitOfSite(state, site(0)));
    expect(together(second)).not.toEqual(together(first));
    expect(second.own).toEqual({});
  });

  test('are chosen again when one is gone, and only those', () => {
    const state = visitAll(noSiteExits(SECRET), names);
    const lost = exitOfSite(state, site(0))!;
    const dropped = dropExit(state, lost);
    expect(exitsOf(dropped, names)).toEqual(exitsOf(state, names).map((exit) => (exit === lost ? undefined : exit)));
  });

  test('keep every limit and read back as themselves, whatever is done', () => {
    const act = fc.record({
      what: fc.constantFrom('visit', 'one', 'all', 'drop'),
      name: fc.oneof(fc.nat(30).map(site), fc.constantFrom('__proto__', 'constructor', 'toString')),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        let state = noSiteExits(SECRET);
        for (const { what, name } of acts) {
          if (what === 'visit') state = visit(state, name);
          else if (what === 'one') state = newIdentityFor(state, name);
          else if (what === 'all') state = newIdentityForAll(state, state.secret === SECRET ? OTHER : SECRET);
          else state = dropExit(state, exitOfSite(state, name) ?? peerLabel(0));
          expect(parseSiteExits(structuredClone(state))).toEqual(state);
          // Through JSON, which knows no undefined inside of a list.
          expect(parseSiteExits(JSON.parse(JSON.stringify(state)))).toEqual(state);
        }
      }),
    );
    let state = noSiteExits(SECRET);
    for (let round = 0; round < 500; round += 1) state = visit(newIdentityFor(state, site(round)), site(round));
    expect(parseSiteExits(state)).toEqual(state);
  });

  test.each([
    ['nothing', undefined],
    ['no secret', { ...noSiteExits('x') }],
    ['no slots', { ...noSiteExits(SECRET, 0) }],
    ['too many slots', { ...noSiteExits(SECRET, 17) }],
    ['a slot that is no peer', { ...noSiteExits(SECRET), slots: ['oak'] }],
    ['a past without end', { ...noSiteExits(SECRET), past: Array.from({ length: 65 }, (_, at) => peerLabel(at)) }],
    ['a site without its exits', { ...noSiteExits(SECRET), own: { 'a.test': {} } }],
  ])('are refused by name when stored wrongly: %s', (_, value) => {
    expect(() => parseSiteExits(value)).toThrow(ParseError);
  });
});
