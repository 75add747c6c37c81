// A site keeps its circuit whatever host of it is asked, the other circuits stand behind it, and nothing that is asked of one circuit goes by another.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slotOf } from '../../../../src/core/circuit/site-exits.ts';
import type { CircuitProxies, SiteRoutes } from '../../../../src/core/routing/policy.ts';
import { siteOfHost } from '../../../../src/core/routing/site-of-host.ts';
import { proxiesForSite } from '../../../../src/core/routing/site-routes.ts';

const circuits: CircuitProxies = [
  { host: 'a.relays.test', port: 1 },
  { host: 'b.relays.test', port: 1 },
  { host: 'c.relays.test', port: 2 },
];
const SECRET = '0123456789abcdef0123456789abcdef';
const routes = (more: Partial<SiteRoutes> = {}): SiteRoutes => ({ secret: SECRET, slots: [0, 1, 2], own: {}, ...more });
const firstOf = (sites: SiteRoutes | undefined, host: string | undefined): string =>
  proxiesForSite({ circuits, sites }, circuits, host)[0].host;

describe('the site of a host', () => {
  test.each([
    ['www.shop.example', 'shop.example'],
    ['shop.example', 'shop.example'],
    ['news.bbc.co.uk', 'bbc.co.uk'],
    ['bbc.co.uk', 'bbc.co.uk'],
    ['a.b.com.br', 'b.com.br'],
    ['t.co', 't.co'],
    ['co.uk', 'co.uk'],
    ['localhost', 'localhost'],
    ['192.0.2.7', '192.0.2.7'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['Shop.Example.', 'shop.example'],
    ['not a host', 'not a host'],
  ])('%s is %s', (host, site) => {
    expect(siteOfHost(host)).toBe(site);
  });
});

describe('the circuit of a site', () => {
  test('is the first where the browser tells no sites apart, and where nobody knows the site', () => {
    expect(firstOf(undefined, 'shop.example')).toBe('a.relays.test');
    expect(firstOf(routes({ slots: [2] }), undefined)).toBe('a.relays.test');
  });

  test('is that of its slot, for each of its hosts', () => {
    const seen = new Set<string>();
    for (let index = 0; index < 60; index += 1) {
      const site = `site-${index}.example`;
      const slot = slotOf(routes(), site);
      expect(firstOf(routes(), site)).toBe(circuits[slot]?.host);
      expect(firstOf(routes(), `www.${site}`)).toBe(circuits[slot]?.host);
      seen.add(firstOf(routes(), site));
    }
    expect(seen.size, 'all three are used').toBe(3);
  });

  test('is its own where it was moved, and only then', () => {
    const moved = routes({ slots: [0], own: { 'shop.example': 2 } });
    expect(firstOf(moved, 'www.shop.example')).toBe('c.relays.test');
    expect(firstOf(moved, 'news.example')).toBe('a.relays.test');
    expect(firstOf(moved, 'constructor')).toBe('a.relays.test');
  });

  test('has all the others behind it, whatever the routes say', () => {
    const anyRoutes = fc.record({
      secret: fc.constant(SECRET),
      slots: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }),
      own: fc.dictionary(fc.constantFrom('shop.example', '__proto__', 'x.test'), fc.nat({ max: 5 })),
    });
    fc.assert(
      fc.property(anyRoutes, fc.oneof(fc.domain(), fc.string()), (sites, host) => {
        const order = proxiesForSite({ circuits, sites }, circuits, host);
        expect([...order].sort((a, b) => a.host.localeCompare(b.host))).toEqual(circuits);
      }),
    );
  });

  test('leaves a question to one circuit alone', () => {
    const one: CircuitProxies = [circuits[1]!];
    expect(proxiesForSite({ circuits, sites: routes({ slots: [2] }) }, one, 'shop.example')).toEqual(one);
  });
});
