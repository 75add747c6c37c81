import { describe, expect, it } from 'vitest';
import { directHosts } from '../../../../src/core/routing/direct-hosts.ts';
import type { RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { plainPolicy } from '../../../support/routing.ts';

function direct(normalHosts: string[], change: Partial<RoutingPolicy> = {}): string[] {
  return directHosts({ ...plainPolicy, normalHosts, ...change });
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
});
