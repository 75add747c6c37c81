// Which country holds for a site: what was chosen for now, and else its rule's; and to how many of them ways stand ready.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  choiceFor,
  choicesThatHold,
  forgetSites,
  MAX_CHOSEN_SITES,
  noteChoice,
  NO_EXIT_CHOICES,
  parseExitChoices,
  type ExitChoice,
} from '../../../../src/core/circuit/exit-choice.ts';
import { MAX_READY_COUNTRIES, neededNow, newlyWished, withRules } from '../../../../src/core/circuit/exit-wishes.ts';
import type { SiteRule } from '../../../../src/core/routing/policy.ts';

const rule = (host: string, exit: string): SiteRule => ({ host, mode: 'exit', exit });
const region = (code: string) => ({ kind: 'region', region: code }) as const;
const RULES = [rule('a.test', 'IS'), rule('b.test', 'CH'), rule('c.test', 'NL'), rule('d.test', 'IS')];

describe('what holds for a site', () => {
  test('is what its rule says, and nothing where it says none', () => {
    const held = withRules(NO_EXIT_CHOICES, [...RULES, { host: 'e.test', mode: 'always' }]);
    expect(choiceFor(held, 'a.test')).toEqual(region('IS'));
    expect(choiceFor(held, 'e.test')).toBeUndefined();
    expect(choiceFor(held, undefined)).toBeUndefined();
  });

  test('is what was chosen, where something was; nothing where that has ended; and the rule again once it is said anew', () => {
    const chosen = noteChoice(NO_EXIT_CHOICES, 'a.test', region('CH'));
    expect(choiceFor(withRules(chosen, RULES), 'a.test')).toEqual(region('CH'));
    for (const kind of ['any', 'fastest'] as const) {
      const ended = noteChoice(chosen, 'a.test', { kind });
      expect(choiceFor(withRules(ended, RULES), 'a.test')).toBeUndefined();
      expect(choiceFor(withRules(ended, RULES), 'b.test')).toEqual(region('CH'));
      expect(choiceFor(withRules(forgetSites(ended, ['a.test']), RULES), 'a.test')).toEqual(region('IS'));
    }
    expect(choiceFor(withRules(forgetSites(chosen, ['a.test']), RULES), 'a.test')).toEqual(region('IS'));
  });

  test('reads back as it was stored, also by a version that knew no rules with a country, and is bounded', () => {
    const choice: fc.Arbitrary<ExitChoice> = fc.constantFrom(
      ...([{ kind: 'any' }, { kind: 'fastest' }, { kind: 'free' }, region('IS')] as const),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 40 }), choice)), (made) => {
        const state = made.reduce((all, [at, each]) => noteChoice(all, `s${at}.test`, each), NO_EXIT_CHOICES);
        expect(parseExitChoices(JSON.parse(JSON.stringify(state)))).toEqual(state);
        expect(state.aside.length).toBeLessThanOrEqual(MAX_CHOSEN_SITES);
        expect(state.aside.filter((site) => choiceFor(state, site) !== undefined)).toEqual([]);
      }),
    );
    expect(parseExitChoices({ sites: {}, recent: [] })).toEqual(NO_EXIT_CHOICES);
    const long = Array.from({ length: MAX_CHOSEN_SITES + 1 }, () => 'a.test');
    expect(() => parseExitChoices({ sites: {}, recent: [], aside: long })).toThrow();
  });
});

describe('what a way stands ready for', () => {
  const countries = (open: string[], most?: number) =>
    choicesThatHold(neededNow(NO_EXIT_CHOICES, RULES, open, most)).map((each) => 'region' in each && each.region);

  test('are the countries of sites that are open, however many, and else a few', () => {
    expect(countries([])).toHaveLength(MAX_READY_COUNTRIES);
    expect(countries(['c.test'])).toContain('NL');
    expect(countries(['c.test'])).toHaveLength(MAX_READY_COUNTRIES);
    expect(new Set(countries(['a.test', 'b.test', 'c.test']))).toEqual(new Set(['IS', 'CH', 'NL']));
    expect(countries(['c.test', 'other.test'], 0)).toEqual(['NL']);
  });

  test('are all sites of such a country, and whatever was chosen', () => {
    const chosen = noteChoice(NO_EXIT_CHOICES, 'c.test', region('NZ'));
    const { sites } = neededNow(chosen, RULES, ['d.test'], 0);
    expect(sites).toEqual({ 'a.test': region('IS'), 'd.test': region('IS'), 'c.test': region('NZ') });
  });
});

test('a rule is said anew where its country is another than before', () => {
  expect(newlyWished(RULES, RULES)).toEqual([]);
  expect(newlyWished([], [rule('a.test', 'IS'), { host: 'b.test', mode: 'always' }])).toEqual(['a.test']);
  expect(newlyWished(RULES, [rule('a.test', 'CH'), { host: 'a.test', mode: 'always', exit: 'IS' }])).toEqual([
    'a.test',
  ]);
  expect(newlyWished([rule('a.test', 'IS')], [{ host: 'a.test', mode: 'always' }])).toEqual([]);
});
