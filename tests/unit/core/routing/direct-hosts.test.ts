import { describe, expect, it } from 'vitest';
import { directHosts } from '../../../../src/core/routing/direct-hosts.ts';
import { parseHost } from '../../../../src/core/routing/host.ts';
import type { RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { SERVICE_HOSTS } from '../../../../src/core/routing/service-hosts.ts';
import { plainPolicy } from '../../../support/routing.ts';

function all(normalHosts: string[], change: Partial<RoutingPolicy> = {}): string[] {
  return directHosts({ ...plainPolicy, normalHosts, ...change });
}

/** Without what is there for the browser itself. */
function direct(normalHosts: string[], change: Partial<RoutingPolicy> = {}): string[] {
  return all(normalHosts, change).filter((host) => !SERVICE_HOSTS.includes(host));
}

describe('directHosts', () => {
  it('holds the hosts of normal tabs, sorted, each once, the widest only', () => {
    expect(direct(['b.example', 'a.example', 'b.example', 'www.a.example', '93.184.216.34', '[2606:2800::1]'])).toEqual(
      ['93.184.216.34', '[2606:2800::1]', 'a.example', 'b.example'],
    );
  });

  it('I7: leaves out what is open in a private tab, above or below it', () => {
    const change = { privateHosts: ['shop.example', 'a.news.example', '93.184.216.34'] };
    expect(
      direct(['shop.example', 'pay.shop.example', 'news.example', 'b.news.example', '93.184.216.34'], change),
    ).toEqual(['b.news.example']);
  });

  it('leaves out local hosts, which have rules of their own', () => {
    expect(direct(['localhost', 'nas', 'printer.local', '10.0.0.1', '[::1]', 'internal'])).toEqual([]);
  });

  it('leaves out relays, what is below them and what is above: a rule on it would close the worker its way', () => {
    expect(
      direct(['zone.test', 'x.zone.test', 'zone.example', 'relays.zone.example'], {
        relayZones: ['zone.test', 'relays.zone.example'],
      }),
    ).toEqual([]);
  });

  it('leaves out text that is no host, and hosts with a final dot', () => {
    expect(direct(['', 'a b', 'exämple.com', 'dot.example.', 'both.example', 'both.example.', '1.2.3'])).toEqual([]);
  });

  it('holds the browser’s own services, each a whole name', () => {
    expect(all([])).toEqual([...SERVICE_HOSTS].sort());
    for (const host of SERVICE_HOSTS)
      expect(parseHost(host)).toMatchObject({ kind: 'name', name: host, rooted: false });
  });

  it('I7: leaves out a service that a private tab uses itself, or whose maker’s site it has open', () => {
    for (const privateHosts of [['accounts.google.com'], ['google.com']]) {
      expect(all([], { privateHosts })).not.toContain('accounts.google.com');
    }
    expect(all([], { privateHosts: ['www.google.com'] })).toContain('accounts.google.com');
  });

  it('holds two thousand hosts of normal tabs and no more, and the services whatever there are', () => {
    const many = Array.from({ length: 2500 }, (_, index) => `a${index}.example`);
    expect(direct(many)).toHaveLength(2000);
    expect(all(many)).toEqual(expect.arrayContaining([...SERVICE_HOSTS]));
  });
});
