// Rules for sites in the decision and in Chrome's blocking rules: no page of a site that is always private goes out of a tab that is not, and none of one that
// never is out of one that is; and nothing else that is closed is opened by them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blockingRules,
  isSteeringRule,
  lockdownRules,
  RESOURCE_TYPES,
} from '../../../../src/core/routing/blocking-rules.ts';
import { compilePac } from '../../../../src/core/routing/compile-pac.ts';
import { gpcRules } from '../../../../src/core/routing/gpc-rules.ts';
import { decideRoute } from '../../../../src/core/routing/decide-route.ts';
import type { RoutingPolicy, RuleAside, SiteRule } from '../../../../src/core/routing/policy.ts';
import { siteVerdict } from '../../../../src/core/routing/site-rule.ts';
import { firefoxAnswer, waitsForCircuit, type ProxyRequest } from '../../../../src/platform/firefox-answer.ts';
import { isAllowed } from '../../../support/dnr.ts';
import { runPac } from '../../../support/pac.ts';
import { activePolicy, NOW, plainPolicy } from '../../../support/routing.ts';
import { runs } from '../../../support/length.ts';

const SURROUNDINGS = { extensionId: 'ours', resourceTypes: RESOURCE_TYPES };
const OFF: Partial<RoutingPolicy> = { active: false, byTab: false, privateTabs: [], circuits: [], privateHosts: [] };
const PRIVATE = 1;
const NORMAL = 2;

/** Hosts above and below one another, so that rules nest. */
const HOSTS = ['a.example', 'b.a.example', 'c.b.a.example', 'd.c.b.a.example', 'other.example', '93.184.216.34'];
const siteRules: fc.Arbitrary<SiteRule[]> = fc.uniqueArray(
  fc.record({ host: fc.constantFrom(...HOSTS), mode: fc.constantFrom('always' as const, 'never' as const) }),
  { selector: ({ host }) => host },
);
const rulesAside: fc.Arbitrary<RuleAside[]> = fc.uniqueArray(
  fc.record({ tab: fc.integer({ min: 1, max: 6 }), host: fc.constantFrom(...HOSTS) }),
  { selector: ({ tab }) => tab, maxLength: 3 },
);
const policyOfSites: fc.Arbitrary<RoutingPolicy> = fc
  .tuple(activePolicy, siteRules, rulesAside, fc.boolean())
  .map(([policy, rules, asides, isActive]) => ({
    ...{ ...policy, incognitoWholly: false, containers: [] },
    ...(isActive ? {} : OFF),
    ...{ siteRules: rules, rulesAside: asides },
  }));
const host = fc.constantFrom(
  ...HOSTS,
  'x.a.example',
  'x.b.a.example',
  'x.d.c.b.a.example',
  'xa.example',
  'example.com',
);

const page = (tab: number, name: string) => ({ host: name, from: { by: 'tab', tab, opensPage: true } as const });
const asked = (tabId: number, name: string, type = 'main_frame') => ({ host: name, tabId, initiator: undefined, type });

describe('a site that is always private', () => {
  const policy: RoutingPolicy = { ...plainPolicy, siteRules: [{ host: 'a.example', mode: 'always' }] };
  const off: RoutingPolicy = { ...policy, ...OFF };

  test.each([
    ['nothing is private', off],
    ['another tab is', policy],
  ])('has no page of it loaded in a normal tab while %s', (_, given) => {
    for (const name of ['a.example', 'www.a.example', 'a.example.']) {
      expect(decideRoute(given, page(NORMAL, name), NOW)).toEqual({ kind: 'block', reason: 'always-site' });
      expect(isAllowed(blockingRules(given, SURROUNDINGS), asked(NORMAL, name))).toBe(false);
      // Nor in a tab that nobody has seen yet.
      expect(decideRoute(given, page(9, name), NOW).kind).toBe('block');
      expect(isAllowed(blockingRules(given, SURROUNDINGS), asked(9, name))).toBe(false);
    }
  });

  test('holds by the rules that outlive the browser alone: those of the session only open', () => {
    for (const given of [off, policy]) {
      const { dynamic } = blockingRules(given, SURROUNDINGS);
      expect(isAllowed({ dynamic, session: [] }, asked(NORMAL, 'www.a.example'))).toBe(false);
      expect(dynamic.every(({ id }) => isSteeringRule(id))).toBe(true);
    }
  });

  test('is loaded in a private one, through the circuit', () => {
    expect(decideRoute(policy, page(PRIVATE, 'a.example'), NOW).kind).toBe('circuit');
    expect(isAllowed(blockingRules(policy, SURROUNDINGS), asked(PRIVATE, 'a.example'))).toBe(true);
    expect(runPac(compilePac(policy), NOW)('a.example')).toMatch(/^HTTPS /);
  });

  test('is still told Global Privacy Control by a private tab: no rule that opens it takes that header away', () => {
    const { session } = blockingRules(policy, SURROUNDINGS);
    const opening = session.filter(
      ({ action, condition }) => action.type === 'allow' && condition.tabIds?.includes(PRIVATE) === true,
    );
    const headers = gpcRules(policy, { resourceTypes: RESOURCE_TYPES, storesChangedHeaders: false });
    expect(opening).not.toEqual([]);
    expect(headers).not.toEqual([]);
    for (const { priority } of headers) for (const allow of opening) expect(priority).toBeGreaterThan(allow.priority);
  });

  test('leaves other sites, and parts of it in pages of theirs, as they are', () => {
    for (const given of [off, policy]) {
      const rules = blockingRules(given, SURROUNDINGS);
      expect(isAllowed(rules, asked(NORMAL, 'normal.example'))).toBe(true);
      expect(isAllowed(rules, asked(NORMAL, 'a.example', 'image'))).toBe(true);
      expect(decideRoute(given, page(NORMAL, 'normal.example'), NOW).kind).toBe('direct');
      expect(decideRoute(given, { host: 'a.example', from: { by: 'tab', tab: NORMAL } }, NOW).kind).toBe('direct');
    }
  });

  test('stays closed to private tabs where the steering has failed', () => {
    const rules = lockdownRules(policy, SURROUNDINGS);
    expect(isAllowed(rules, asked(PRIVATE, 'a.example'))).toBe(false);
    expect(isAllowed(rules, asked(NORMAL, 'a.example'))).toBe(false);
    expect(isAllowed(rules, asked(NORMAL, 'a.example.'))).toBe(false);
    expect(isAllowed(rules, asked(NORMAL, 'normal.example'))).toBe(true);
  });

  test('opens nothing to a private tab that goes direct for normal ones', () => {
    const shared: RoutingPolicy = {
      ...policy,
      siteRules: [{ host: 'x.normal.example', mode: 'always' }],
    };
    expect(runPac(compilePac(shared), NOW)('x.normal.example')).toBe('DIRECT');
    expect(isAllowed(blockingRules(shared, SURROUNDINGS), asked(PRIVATE, 'x.normal.example'))).toBe(false);
  });

  test('waits in Firefox until its tab is private, and no connection is made ahead', () => {
    const request = (change: Partial<ProxyRequest> = {}): ProxyRequest => ({
      ...{ url: 'https://a.example/', tabId: NORMAL, type: 'main_frame', incognito: false, ...change },
    });
    for (const given of [off, policy]) {
      expect(waitsForCircuit(given, request(), NOW, 'moz')).toBe(true);
      expect(firefoxAnswer(given, request(), NOW, 'one', 'moz')).toMatchObject({ host: '127.0.0.1', port: 9 });
      const ahead = request({ tabId: -1, type: 'speculative' });
      expect(waitsForCircuit(given, ahead, NOW, 'moz')).toBe(false);
      expect(firefoxAnswer(given, ahead, NOW, 'one', 'moz')).toMatchObject({ host: '127.0.0.1', port: 9 });
    }
    expect(firefoxAnswer(off, request({ url: 'https://b.example/' }), NOW, 'one', 'moz')).toEqual({ type: 'direct' });
    const now = { ...policy, privateTabs: [PRIVATE, NORMAL] };
    expect(waitsForCircuit(now, request(), NOW, 'moz')).toBe(false);
    expect(firefoxAnswer(now, request(), NOW, 'one', 'moz')).toMatchObject([{ type: 'https', port: 7443 }]);
  });
});

describe('a site that is never private', () => {
  const policy: RoutingPolicy = { ...plainPolicy, siteRules: [{ host: 'a.example', mode: 'never' }] };

  test('stops a private tab and no other', () => {
    expect(decideRoute(policy, page(PRIVATE, 'a.example'), NOW)).toEqual({ kind: 'block', reason: 'never-site' });
    expect(isAllowed(blockingRules(policy, SURROUNDINGS), asked(PRIVATE, 'www.a.example'))).toBe(false);
    expect(isAllowed(blockingRules(policy, SURROUNDINGS), asked(NORMAL, 'a.example'))).toBe(true);
    // A part of a private page goes the private way, and not the way that the rule would have for a page.
    expect(decideRoute(policy, { host: 'a.example', from: { by: 'tab', tab: PRIVATE } }, NOW).kind).toBe('circuit');
  });

  test('lets one through that the person let through, and only that', () => {
    const once = { ...policy, privateTabs: [PRIVATE, 3], rulesAside: [{ tab: PRIVATE, host: 'a.example' }] };
    expect(decideRoute(once, page(PRIVATE, 'a.example'), NOW).kind).toBe('circuit');
    expect(isAllowed(blockingRules(once, SURROUNDINGS), asked(PRIVATE, 'a.example'))).toBe(true);
    expect(isAllowed(blockingRules(once, SURROUNDINGS), asked(3, 'a.example'))).toBe(false);
  });

  test('is left to what is private as a whole', () => {
    const whole = { ...policy, incognitoWholly: true, incognitoTabs: [PRIVATE] };
    const from = { by: 'tab', tab: PRIVATE, opensPage: true, jar: { incognito: true, container: undefined } } as const;
    expect(decideRoute(whole, { host: 'a.example', from }, NOW).kind).toBe('circuit');
    expect(isAllowed(blockingRules(whole, SURROUNDINGS), asked(PRIVATE, 'a.example'))).toBe(true);
  });
});

describe('any rules', () => {
  test('close in Chrome what they close in the decision', () => {
    fc.assert(
      fc.property(policyOfSites, host, fc.integer({ min: 1, max: 6 }), (policy, name, tab) => {
        if (siteVerdict(policy, page(tab, name)) === undefined) return;
        expect(isAllowed(blockingRules(policy, SURROUNDINGS), asked(tab, name))).toBe(false);
      }),
      { numRuns: runs(2000) },
    );
  });

  test('open nothing, and close nothing but pages of their sites', () => {
    fc.assert(
      fc.property(
        policyOfSites,
        host,
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('main_frame', 'image'),
        (policy, name, tab, type) => {
          const without = { ...policy, siteRules: [], rulesAside: [] };
          const before = isAllowed(blockingRules(without, SURROUNDINGS), asked(tab, name, type));
          const after = isAllowed(blockingRules(policy, SURROUNDINGS), asked(tab, name, type));
          const isClosed = type === 'main_frame' && siteVerdict(policy, page(tab, name)) !== undefined;
          expect(after).toBe(before && !isClosed);
        },
      ),
      { numRuns: runs(2000) },
    );
  });
});
