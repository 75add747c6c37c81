// PAC and blocking rules together, as Chrome runs them: neither is enough alone, and what counts is what a request does under both.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockingRules,
  lockdownRules,
  RESOURCE_TYPES,
  transitionalRules,
} from '../../../../src/core/routing/blocking-rules.ts';
import { compilePac, DEAD_PROXY } from '../../../../src/core/routing/compile-pac.ts';
import { decideRoute, isKnownNormal } from '../../../../src/core/routing/decide-route.ts';
import { areRelated, parseHost, parseHosts } from '../../../../src/core/routing/host.ts';
import { isCheckHost, isLocalHost, LOCAL_IPV4, LOCAL_URL_PATTERNS } from '../../../../src/core/routing/local-hosts.ts';
import type { RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { isAllowed, type ModelRequest } from '../../../support/dnr.ts';
import { pacHost, runPac } from '../../../support/pac.ts';
import { activePolicy, canonicalHost, CHECK_HOSTS, NOW, plainPolicy, poolHost } from '../../../support/routing.ts';
import { runs } from '../../../support/length.ts';

const RUNS = runs(3000);
const SELF = 'abcdefghijklmnopabcdefghijklmnop';
const surroundings = { extensionId: SELF, resourceTypes: RESOURCE_TYPES };

const pageRequest: fc.Arbitrary<ModelRequest> = fc.record({
  host: fc.oneof(poolHost, canonicalHost),
  tabId: fc.integer({ min: -1, max: 8 }),
  initiator: fc.option(fc.oneof(poolHost, canonicalHost), { nil: undefined }),
  type: fc.constantFrom(...RESOURCE_TYPES),
});

/** What becomes of a request in Chrome: `BLOCKED`, or the PAC's answer. */
function inChrome(policy: RoutingPolicy, request: ModelRequest): string {
  if (!isAllowed(blockingRules(policy, surroundings), request)) return 'BLOCKED';
  return String(runPac(compilePac(policy), NOW)(pacHost(request.host)));
}

/** Whether anything speaks for a document being private: no host of its own, or one in relation to a private one, or open nowhere. */
function isNormalOnly(policy: RoutingPolicy, initiator: string | undefined): boolean {
  const host = initiator === undefined ? undefined : parseHost(initiator);
  if (host === undefined) return false;
  const isRelated = (texts: readonly string[]) => parseHosts(texts).some((other) => areRelated(host, other));
  return isRelated(policy.normalHosts) && !parseHosts(policy.privateHosts).some((other) => areRelated(host, other));
}

describe('PAC and blocking rules of Chrome together', () => {
  it('I1: send nothing of a private or unknown tab direct, and nothing without a tab that is not of normal tabs alone', () => {
    fc.assert(
      fc.property(activePolicy, pageRequest, (policy, request) => {
        const normal =
          request.tabId === -1
            ? isNormalOnly(policy, request.initiator)
            : isKnownNormal(policy, { by: 'tab', tab: request.tabId });
        if (!normal) expect(inChrome(policy, request)).not.toBe('DIRECT');
      }),
      { numRuns: RUNS },
    );
  });

  it('let no page of any tab reach a relay directly, and let the worker reach its own', () => {
    fc.assert(
      fc.property(activePolicy, pageRequest, (policy, request) => {
        const { kind, ...rest } = decideRoute(policy, { host: request.host, from: { by: 'tab', tab: 99 } }, NOW);
        if (kind !== 'block' || !('reason' in rest) || rest.reason !== 'relay-host') return;
        expect(inChrome(policy, request)).not.toBe('DIRECT');
        const own = inChrome(policy, { ...request, tabId: -1, initiator: SELF, type: 'websocket' });
        expect(own === 'DIRECT').toBe(policy.relayHosts.includes(request.host));
      }),
      { numRuns: RUNS },
    );
  });

  it('I5: send the circuit check through the circuit, whoever asks and whatever is open', () => {
    fc.assert(
      fc.property(activePolicy, pageRequest, fc.constantFrom(...CHECK_HOSTS), (policy, request, host) => {
        const ways = policy.circuits.map((proxy) => `HTTPS ${proxy.host}:${proxy.port}`).join('; ');
        const answer = ways === '' ? DEAD_PROXY : ways;
        expect(inChrome(policy, { ...request, host })).toBe(answer);
      }),
      { numRuns: RUNS },
    );
  });

  it('send a normal tab direct to its own site, below it, and to hosts of the local network', () => {
    for (const host of ['normal.example', 'cdn.normal.example', '127.0.0.1', 'nas', 'printer.local', '[::1]']) {
      for (const type of RESOURCE_TYPES) {
        expect([host, inChrome(plainPolicy, { host, tabId: 2, initiator: 'normal.example', type })]).toEqual([
          host,
          'DIRECT',
        ]);
        expect(inChrome(plainPolicy, { host, tabId: 1, initiator: undefined, type })).toBe('BLOCKED');
        expect(inChrome(plainPolicy, { host, tabId: 3, initiator: 'normal.example', type })).toBe('BLOCKED');
      }
    }
  });

  it('tell the service workers of normal sites from those of private ones', () => {
    const policy = {
      ...plainPolicy,
      normalHosts: ['normal.example', 'shop.example'],
      privateHosts: ['pay.shop.example'],
    };
    const fromWorkerOf = (initiator: string) =>
      inChrome(policy, { host: 'normal.example', tabId: -1, initiator, type: 'xmlhttprequest' });
    expect(fromWorkerOf('normal.example')).toBe('DIRECT');
    for (const initiator of ['shop.example', 'pay.shop.example', 'private.example', 'xnormal.example']) {
      expect([initiator, fromWorkerOf(initiator)]).toEqual([initiator, 'BLOCKED']);
    }
  });

  it('I2: close everything to all but known normal tabs in a lockdown', () => {
    fc.assert(
      fc.property(activePolicy, pageRequest, (policy, request) => {
        const rules = lockdownRules(policy, surroundings);
        const normal =
          request.tabId === -1
            ? isNormalOnly(policy, request.initiator)
            : isKnownNormal(policy, { by: 'tab', tab: request.tabId });
        if (!normal) expect(isAllowed(rules, request)).toBe(false);
        for (const type of ['xmlhttprequest', 'websocket']) {
          expect(isAllowed(rules, { ...request, tabId: -1, initiator: SELF, type })).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('I2: take no page for the worker that the extension loads into a tab, its own held page again or a link', () => {
    fc.assert(
      fc.property(activePolicy, pageRequest, (policy, { host, tabId }) => {
        const request = { host, tabId, initiator: SELF, type: 'main_frame' };
        if (isKnownNormal(policy, { by: 'tab', tab: tabId })) return;
        expect(isAllowed(lockdownRules(policy, surroundings), request)).toBe(false);
        expect(inChrome(policy, request)).not.toBe('DIRECT');
      }),
      { numRuns: RUNS },
    );
  });

  it('between two policies, send nothing direct that neither of them does', () => {
    fc.assert(
      fc.property(activePolicy, activePolicy, pageRequest, (before, after, request) => {
        const dynamic = transitionalRules(
          blockingRules(before, surroundings).dynamic,
          blockingRules(after, surroundings).dynamic,
        );
        const { session } = blockingRules(after, surroundings);
        const normal =
          request.tabId === -1
            ? isNormalOnly(after, request.initiator)
            : isKnownNormal(after, { by: 'tab', tab: request.tabId });
        if (normal || !isAllowed({ dynamic, session }, request)) return;
        for (const policy of [before, after]) {
          expect(runPac(compilePac(policy), NOW)(pacHost(request.host))).not.toBe('DIRECT');
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the list of local hosts', () => {
  it('is the same as a predicate and as patterns of the blocking rules', () => {
    const patterns = LOCAL_URL_PATTERNS.map((pattern) => new RegExp(pattern, 'i'));
    fc.assert(
      fc.property(canonicalHost, fc.constantFrom('https://', 'ws://', 'http://user:p.w@'), (host, before) => {
        const parsed = parseHost(host);
        if (parsed === undefined || isCheckHost(parsed)) return;
        for (const after of ['/', ':8443/', '?a=http://b', '#c', '']) {
          const matched = patterns.some((pattern) => pattern.test(before + host + after));
          expect([host, matched]).toEqual([host, isLocalHost(parsed)]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('has for each IPv4 block a pattern that matches exactly its addresses', () => {
    for (const { cidr, first, second, pattern } of LOCAL_IPV4) {
      const anchored = new RegExp(`^${pattern}`);
      for (let a = 0; a <= 255; a++) {
        for (let b = 0; b <= 255; b++) {
          const inside = first[0] <= a && a <= first[1] && second[0] <= b && b <= second[1];
          if (anchored.test(`${a}.${b}.1.1`) !== inside) expect([cidr, a, b]).toBe(inside);
        }
      }
    }
  });
});
