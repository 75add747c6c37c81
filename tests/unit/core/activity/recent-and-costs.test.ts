// The last minute, second by second, and what tabs and entries came to.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_COSTS, parseCosts, unitsOf, withCost } from '../../../../src/core/activity/costs.ts';
import { RECENT_SECONDS, RecentSeconds } from '../../../../src/core/activity/recent-seconds.ts';
import { ParseError } from '../../../../src/core/state/parse.ts';

const total = (seconds: number[]) => seconds.reduce((sum, bytes) => sum + bytes, 0);

describe('the last minute', () => {
  test('spreads an answer over the seconds that it took', () => {
    const recent = new RecentSeconds();
    recent.add({ bytes: 4_000, from: 96_500, to: 99_500 });
    const seconds = recent.until(100_500);
    expect(seconds).toHaveLength(RECENT_SECONDS);
    expect(seconds.slice(-6)).toEqual([0, 1_000, 1_000, 1_000, 1_000, 0]);
  });

  test('of an answer that took longer shows the share of the minute alone', () => {
    const recent = new RecentSeconds();
    recent.add({ bytes: 600_000, from: 0, to: 599_000 });
    expect(total(recent.until(599_000))).toBe(60_000);
  });

  test('forgets what is older, and what a clock that was set back would put into the future', () => {
    const recent = new RecentSeconds();
    recent.add({ bytes: 1_000, from: 100_000, to: 100_000 });
    expect(total(recent.until(159_999))).toBe(1_000);
    expect(total(recent.until(160_000))).toBe(0);
    recent.add({ bytes: 1_000, from: 900_000, to: 900_000 });
    expect(total(recent.until(500_000))).toBe(0);
    expect(total(recent.until(900_000))).toBe(0);
  });

  test('never shows more than came, whatever the times are', () => {
    const time = fc.integer({ min: 0, max: 200_000 });
    const news = fc.record({ bytes: fc.nat(1e6), from: time, to: time });
    fc.assert(
      fc.property(fc.array(news), time, (all, now) => {
        const recent = new RecentSeconds();
        for (const one of all) recent.add(one);
        const shown = recent.until(now);
        expect(shown.every((bytes) => bytes >= 0)).toBe(true);
        // Each second is rounded.
        expect(total(shown)).toBeLessThanOrEqual(total(all.map(({ bytes }) => bytes)) + RECENT_SECONDS);
      }),
    );
  });
});

describe('costs', () => {
  const MIB = 1024 * 1024;
  const PRICE = { entry: 32n, exit: 73n };

  test('are bytes at the price that held then, split by who gets it', () => {
    let costs = withCost(NO_COSTS, { peer: 'alder', tab: 1, bytes: 2 * MIB }, undefined);
    costs = withCost(costs, { peer: 'alder', tab: 1, bytes: 2 * MIB }, PRICE);
    costs = withCost(costs, { peer: 'alder', tab: -1, bytes: MIB }, PRICE);
    expect(costs).toEqual({ tabs: { 1: 210 }, entries: { alder: { bytes: 5 * MIB, atEntry: 96, atExit: 219 } } });
    expect(parseCosts(JSON.parse(JSON.stringify(costs)))).toEqual(costs);
  });

  test('of a tab that was free all along are nothing, and the least bit is not', () => {
    expect(withCost(NO_COSTS, { peer: 'alder', tab: 1, bytes: MIB }, undefined).tabs).toEqual({});
    expect(unitsOf(0)).toBe('0');
    expect(unitsOf(withCost(NO_COSTS, { peer: 'alder', tab: 1, bytes: 1 }, PRICE).tabs['1']!)).toBe('1');
  });

  test('are of as many tabs and entries as can be read again', () => {
    let costs = NO_COSTS;
    for (let at = 0; at < 700; at += 1) costs = withCost(costs, { peer: `p${at}`, tab: at, bytes: MIB }, PRICE);
    expect(Object.keys(parseCosts(costs).tabs)).toHaveLength(500);
    expect(costs.tabs['699']).toBe(105);
  });

  test.each([
    ['less than nothing', { tabs: { 1: -1 }, entries: {} }],
    ['no number', { tabs: { 1: '1' }, entries: {} }],
    ['half an entry', { tabs: {}, entries: { a: { bytes: 1 } } }],
    ['too many tabs', { tabs: Object.fromEntries(Array.from({ length: 501 }, (_, at) => [at, 1])), entries: {} }],
  ])('with %s cannot be read', (_, value) => {
    expect(() => parseCosts(value)).toThrow(ParseError);
  });
});
