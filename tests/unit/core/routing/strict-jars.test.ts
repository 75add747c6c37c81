// Private windows and containers that are private as a whole: what they send where, in the decider, in the PAC of incognito and in the
// blocking rules, and that other windows are left as they are.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockingRules, lockdownRules, RESOURCE_TYPES } from '../../../../src/core/routing/blocking-rules.ts';
import {
  compileDeadPac,
  compileIncognitoPac,
  compilePac,
  DEAD_PROXY,
} from '../../../../src/core/routing/compile-pac.ts';
import { decideRoute } from '../../../../src/core/routing/decide-route.ts';
import { parseHost } from '../../../../src/core/routing/host.ts';
import { isLocalHost } from '../../../../src/core/routing/local-hosts.ts';
import type { Jar, Requester, Route, RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { isAllowed } from '../../../support/dnr.ts';
import { pacHost, runPac } from '../../../support/pac.ts';
import {
  activePolicy,
  canonicalHost,
  CHECK_HOSTS,
  CIRCUIT,
  CONTAINERS,
  INCOGNITO_TABS,
  incognitoPolicy,
  LOCAL_ADDRESSES,
  LOCAL_NAMES,
  NOW,
  plainPolicy,
  poolHost,
} from '../../../support/routing.ts';
import { runs } from '../../../support/length.ts';

const RUNS = runs(2000);
const SELF = 'abcdefghijklmnopabcdefghijklmnop';
const surroundings = { extensionId: SELF, resourceTypes: RESOURCE_TYPES };

const INCOGNITO: Jar = { incognito: true, container: undefined };
const NORMAL: Jar = { incognito: false, container: undefined };
const CONTAINER: Jar = { incognito: false, container: CONTAINERS[0] };

/** Only private windows are private. */
const incognitoOnly: RoutingPolicy = {
  ...plainPolicy,
  ...{ byTab: false, incognitoWholly: true, incognitoTabs: [11], incognitoHosts: ['shop.example'] },
  ...{ privateTabs: [11], privateHosts: [], normalTabs: [2], normalHosts: ['normal.example', 'shop.example'] },
};

/** What Chrome sends past every PAC, whatever it says. */
const BYPASSING = ['localhost', 'app.localhost', '127.0.0.1', '127.8.8.8', '169.254.169.254', '[::1]', '[fe80::1]'];

function asPac(route: Route): string {
  if (route.kind === 'direct') return 'DIRECT';
  if (route.kind === 'block') return DEAD_PROXY;
  return route.proxies.map(({ host, port }) => `HTTPS ${host}:${port}`).join('; ');
}

describe('a strict jar', () => {
  const requesters = (jar: Jar): Requester[] => [
    { by: 'tab', tab: 2, jar },
    { by: 'tab', tab: 99, jar },
    { by: 'document', host: 'normal.example', jar },
    { by: 'document', host: undefined, jar },
    { by: 'unseen', jar },
  ];
  const policies: [string, Jar, RoutingPolicy][] = [
    ['a private window', INCOGNITO, { ...plainPolicy, incognitoWholly: true }],
    ['a private window, and nothing else is private', INCOGNITO, incognitoOnly],
    ['a container', CONTAINER, { ...plainPolicy, containers: CONTAINERS }],
    ['a container whose tab is gone', CONTAINER, { ...incognitoOnly, incognitoWholly: false, containers: CONTAINERS }],
  ];
  for (const [name, jar, policy] of policies) {
    it(`${name}: everything takes the circuit, whatever the tab is taken for`, () => {
      for (const from of requesters(jar)) {
        const to = (host: string) => decideRoute(policy, { host, from }, NOW);
        for (const host of ['normal.example', 'example.com', ...CHECK_HOSTS]) {
          expect(to(host)).toEqual({ kind: 'circuit', proxies: [CIRCUIT] });
        }
        for (const host of [...LOCAL_NAMES, ...LOCAL_ADDRESSES]) expect(to(host).kind).toBe('block');
        for (const host of policy.relayHosts) expect(to(host).kind).toBe('block');
        expect(decideRoute({ ...policy, circuits: [] }, { host: 'example.com', from }, NOW).kind).toBe('block');
      }
    });
  }

  it('never sends anything direct, whatever else is open', () => {
    const policy = fc.oneof(
      incognitoPolicy,
      activePolicy.map((each) => ({ ...each, containers: CONTAINERS })),
    );
    const from = fc.record({ jar: fc.constant({ incognito: true, container: CONTAINERS[0] }), tab: fc.integer() });
    fc.assert(
      fc.property(policy, canonicalHost, from, (each, host, { jar, tab }) => {
        expect(decideRoute(each, { host, from: { by: 'tab', tab, jar } }, NOW).kind).not.toBe('direct');
      }),
      { numRuns: RUNS },
    );
  });

  it('is none when the person did not ask for it, or it is another container', () => {
    const from: Requester = { by: 'tab', tab: 2, jar: INCOGNITO };
    expect(decideRoute(plainPolicy, { host: 'example.com', from }, NOW).kind).toBe('direct');
    const other: Requester = { by: 'tab', tab: 2, jar: { incognito: false, container: 'firefox-container-1' } };
    expect(
      decideRoute({ ...plainPolicy, containers: CONTAINERS }, { host: 'example.com', from: other }, NOW).kind,
    ).toBe('direct');
  });
});

describe('while only private windows are private', () => {
  it('other windows go as if nothing were, known tab or not', () => {
    const from: Requester[] = [
      { by: 'tab', tab: 2, jar: NORMAL },
      { by: 'tab', tab: 77, jar: NORMAL },
      { by: 'document', host: undefined, jar: NORMAL },
      { by: 'browser' },
      { by: 'unseen' },
    ];
    for (const each of from) {
      for (const host of ['example.com', 'shop.example', '192.168.1.1', 'nas', '127.0.0.1', 'odd_host-']) {
        expect([each, host, decideRoute(incognitoOnly, { host, from: each }, NOW)]).toEqual([
          each,
          host,
          { kind: 'direct' },
        ]);
      }
    }
  });

  it('a request that does not say where it is from is not taken for one of theirs', () => {
    expect(decideRoute(incognitoOnly, { host: 'example.com', from: { by: 'tab', tab: 77 } }, NOW).kind).toBe('circuit');
  });

  it('the check of the worker goes through the circuit that incognito has, and pages reach no relay', () => {
    const regular = runPac(compilePac(incognitoOnly), NOW);
    const incognito = runPac(compileIncognitoPac(incognitoOnly), NOW);
    for (const host of CHECK_HOSTS) {
      expect(regular(host)).toBe(`HTTPS ${CIRCUIT.host}:${CIRCUIT.port}`);
      expect(incognito(host)).toBe(regular(host));
    }
    expect(incognito('example.com')).toBe(regular(CHECK_HOSTS[0]!));
    expect(regular('example.com')).toBe('DIRECT');
    expect(incognito(incognitoOnly.relayHosts[0]!)).toBe(DEAD_PROXY);
  });
});

describe('the PAC texts of normal windows and of incognito', () => {
  it('answer every host as decideRoute decides for the window', () => {
    fc.assert(
      fc.property(incognitoPolicy, fc.array(canonicalHost, { minLength: 1, maxLength: 8 }), (policy, hosts) => {
        const regular = runPac(compilePac(policy), NOW);
        const incognito = runPac(compileIncognitoPac(policy), NOW);
        const dead = runPac(compileDeadPac(), NOW);
        for (const host of hosts) {
          const decided = (from: Requester) => asPac(decideRoute(policy, { host, from }, NOW));
          expect([host, regular(pacHost(host))]).toEqual([host, decided({ by: 'unseen' })]);
          expect([host, incognito(pacHost(host))]).toEqual([host, decided({ by: 'unseen', jar: INCOGNITO })]);
          expect(dead(pacHost(host))).toBe(DEAD_PROXY);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the blocking rules with incognito', () => {
  const request = fc.record({
    host: fc.oneof(poolHost, canonicalHost),
    type: fc.constantFrom(...RESOURCE_TYPES),
    initiator: fc.option(poolHost, { nil: undefined }),
  });

  it('I1: let no tab of incognito reach what Chrome sends past every PAC', () => {
    for (const policy of [incognitoOnly, { ...incognitoOnly, byTab: true }]) {
      const rules = blockingRules(policy, surroundings);
      for (const host of BYPASSING) {
        for (const tabId of [11, 12, 99, -1]) {
          const from = { host, tabId, initiator: 'shop.example', type: 'xmlhttprequest' };
          expect([host, tabId, isAllowed(rules, from)]).toEqual([host, tabId, false]);
        }
        expect(isAllowed(rules, { host, tabId: 2, initiator: 'normal.example', type: 'xmlhttprequest' })).toBe(true);
        // Open in both kinds of window: whose worker it is cannot be told.
        expect(isAllowed(rules, { host, tabId: -1, initiator: 'normal.example', type: 'xmlhttprequest' })).toBe(true);
      }
    }
  });

  it('leave everything else to the PAC there, and in normal windows too while only incognito is private', () => {
    const rules = blockingRules(incognitoOnly, surroundings);
    for (const tabId of [2, 11, 99, -1]) {
      for (const host of ['example.com', 'normal.example', '192.168.1.1', 'nas']) {
        expect(isAllowed(rules, { host, tabId, initiator: undefined, type: 'image' })).toBe(true);
      }
    }
  });

  it('open what is direct for normal windows to the tabs of incognito, whose PAC has no way out', () => {
    fc.assert(
      fc.property(incognitoPolicy, request, (policy, { host, type, initiator }) => {
        const tabId = policy.incognitoTabs[0];
        const parsed = parseHost(host);
        if (tabId === undefined || parsed === undefined) return;
        const answer = runPac(compileIncognitoPac(policy), NOW)(pacHost(host));
        expect(answer).not.toBe('DIRECT');
        const rules = blockingRules(policy, surroundings);
        if (isAllowed(rules, { host, tabId, initiator, type })) expect(isLocalHost(parsed) && policy.byTab).toBe(false);
        else expect(answer === DEAD_PROXY || parsed.rooted).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('I2: close everything to incognito in a lockdown', () => {
    fc.assert(
      fc.property(incognitoPolicy, request, (policy, { host, type, initiator }) => {
        const rules = lockdownRules(policy, surroundings);
        for (const tabId of INCOGNITO_TABS) expect(isAllowed(rules, { host, tabId, initiator, type })).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});
