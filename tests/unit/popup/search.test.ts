// The search of the options page: a place is found by all of its words, in any case and with or without accents, and by nothing that it has not.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listed, places } from '../../../popup/full/places.ts';
import { findPlaces, type Place } from '../../../popup/full/search.ts';
import { parseRoute, hashOf } from '../../../popup/route.ts';

const routes = (query: string, among: readonly Place[] = places()): string[] =>
  findPlaces(among, query).map(({ route }) => route);

describe('the search', () => {
  test('finds a view by its name first, and then those whose labels and other names have it', () => {
    expect(routes('wallet')[0]).toBe('wallet');
    expect(routes('dark')).toEqual(['settings']);
    expect(findPlaces(places(), 'dark')[0]?.hit).toBe('Dark');
    expect(routes('rpc')).toEqual(['wallet/servers']);
    expect(routes('bootstrap')).toEqual(['relays/begin']);
    expect(routes('wipe')).toEqual(['settings/stored']);
  });

  test('needs every word, in any order', () => {
    expect(routes('here stored')).toEqual(['settings/stored']);
    expect(routes('stored zebra')).toEqual([]);
  });

  test('does not mind case, accents and spaces', () => {
    const among: Place[] = [{ route: 'settings', title: 'Réglages', words: ['Thème sombre'] }];
    expect(routes('  REGLAGES ', among)).toEqual(['settings']);
    expect(routes('thème', among)).toEqual(['settings']);
    expect(routes('theme  sombre', among)).toEqual(['settings']);
  });

  test('finds in languages without spaces', () => {
    const among: Place[] = [{ route: 'wallet', title: '钱包', words: ['余额 充值'] }];
    expect(routes('余额', among)).toEqual(['wallet']);
  });

  test('nothing was asked, nothing is found; no text makes it throw', () => {
    expect(routes('')).toEqual([]);
    expect(routes('   ')).toEqual([]);
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (query) => void routes(query)));
  });

  test('every place is found by its own title, and leads to a view', () => {
    for (const { route, title } of places()) {
      expect(routes(title)).toContain(route);
      expect(parseRoute(hashOf(route))).toBe(route);
    }
    expect(listed().length).toBeGreaterThan(5);
  });
});
