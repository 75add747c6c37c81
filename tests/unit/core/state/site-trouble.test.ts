// When a site counts as one that turns the exit away.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  forgetTab,
  isRefusal,
  noteAnswer,
  NO_TROUBLES,
  parseSiteTroubles,
  refusalsOf,
  REFUSALS_FOR_HELP,
  type SiteTroubles,
} from '../../../../src/core/state/site-trouble.ts';

const headers = (values: Record<string, string>) => (name: string) => values[name];
const refusedTimes = (times: number, site = 'shop.test') =>
  Array.from({ length: times }).reduce((state: typeof NO_TROUBLES) => noteAnswer(state, 1, site, true), NO_TROUBLES);

describe('an answer', () => {
  test.each([
    [403, {}, true],
    [429, {}, true],
    [503, { 'cf-mitigated': 'challenge' }, true],
    [202, { 'x-amzn-waf-action': 'challenge' }, true],
    [405, { 'x-amzn-waf-action': 'captcha' }, true],
    // Not found, broken, asking for a login: that has nothing to do with where one comes from.
    [200, {}, false],
    [401, {}, false],
    [404, {}, false],
    [500, {}, false],
    [503, { 'cf-mitigated': 'none' }, false],
  ])('%i %o turns away: %s', (status, values, refused) => {
    expect(isRefusal(status, headers(values as Record<string, string>))).toBe(refused);
  });
});

describe('help', () => {
  test('is offered after three pages in a row, and not before', () => {
    expect(refusalsOf(refusedTimes(REFUSALS_FOR_HELP - 1), 1, 'shop.test')).toBeUndefined();
    expect(refusalsOf(refusedTimes(REFUSALS_FOR_HELP), 1, 'shop.test')).toBe(3);
    expect(refusalsOf(refusedTimes(5), 1, 'shop.test')).toBe(5);
  });

  test('is for that tab and that site alone', () => {
    const state = refusedTimes(4);
    expect(refusalsOf(state, 2, 'shop.test')).toBeUndefined();
    expect(refusalsOf(state, 1, 'news.test')).toBeUndefined();
    expect(refusalsOf(state, 1, undefined)).toBeUndefined();
  });

  test('ends with the first page that comes, with another site, and with the tab', () => {
    const state = refusedTimes(4);
    expect(noteAnswer(state, 1, 'shop.test', false)).toEqual(NO_TROUBLES);
    expect(refusalsOf(noteAnswer(state, 1, 'news.test', true), 1, 'news.test')).toBeUndefined();
    expect(forgetTab(state, 1)).toEqual(NO_TROUBLES);
    expect(forgetTab(state, 7)).toBe(state);
  });

  test('is never offered without three refusals in a row by that site', () => {
    const answer = fc.record({
      tab: fc.constantFrom(1, 2),
      site: fc.constantFrom('a.test', 'b.test'),
      refused: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 30 }), (answers) => {
        const state = answers.reduce<SiteTroubles>(
          (all, { tab, site, refused }) => noteAnswer(all, tab, site, refused),
          NO_TROUBLES,
        );
        const last = answers.filter(({ tab }) => tab === 1).slice(-REFUSALS_FOR_HELP);
        const inRow = last.length === 3 && last.every(({ site, refused }) => refused && site === 'a.test');
        expect(refusalsOf(state, 1, 'a.test') !== undefined).toBe(inRow);
        expect(parseSiteTroubles(JSON.parse(JSON.stringify(state)))).toEqual(state);
      }),
    );
  });
});
