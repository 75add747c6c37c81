// Sec-GPC goes with what routing treats as private, and with nothing that is known to be normal; and it opens nothing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockingRules, LAST_STEERING_RULE, RESOURCE_TYPES } from '../../../../src/core/routing/blocking-rules.ts';
import { asksForPrivacy, GPC_RULE_IDS, gpcRules, type HeaderRule } from '../../../../src/core/routing/gpc-rules.ts';
import { isKnownNormal } from '../../../../src/core/routing/decide-route.ts';
import type { RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { plainPolicy } from '../../../support/routing.ts';
import { parseHost, isWithin } from '../../../../src/core/routing/host.ts';

const POLICY: RoutingPolicy = {
  ...plainPolicy,
  ...{ privateTabs: [1], normalTabs: [2], privateHosts: ['secret.test'], normalHosts: ['open.test'] },
};
const AROUND = { resourceTypes: RESOURCE_TYPES, storesChangedHeaders: false };

type Asked = { tab: number; initiator?: string; type: string };

/** As the browser matches a condition. */
function asks(rules: readonly HeaderRule[], { tab, initiator, type }: Asked): boolean {
  return rules.some(({ action, condition }) => {
    if (action.requestHeaders === undefined || !condition.resourceTypes.includes(type)) return false;
    if (condition.tabIds?.includes(tab) === false || condition.excludedTabIds?.includes(tab) === true) return false;
    const domains = condition.initiatorDomains;
    const from = initiator === undefined ? undefined : parseHost(initiator);
    return (
      domains === undefined || (from !== undefined && domains.some((domain) => isWithin(from, parseHost(domain)!)))
    );
  });
}

describe('the header', () => {
  const rules = gpcRules(POLICY, AROUND);
  test.each([
    [{ tab: 1, type: 'main_frame' }, true],
    [{ tab: 1, type: 'image' }, true],
    [{ tab: 2, type: 'main_frame' }, false],
    // Nobody knows it: private, as for routing.
    [{ tab: 3, type: 'main_frame' }, true],
    // Workers: of a private site, of a normal one, of both, of nobody.
    [{ tab: -1, initiator: 'secret.test', type: 'xmlhttprequest' }, true],
    [{ tab: -1, initiator: 'open.test', type: 'xmlhttprequest' }, false],
    [{ tab: -1, type: 'xmlhttprequest' }, false],
  ])('%o: %s', (asked: Asked, goes) => {
    expect(asks(rules, asked)).toBe(goes);
  });

  test('a host that is open in both kinds of tab speaks for neither from its workers', () => {
    for (const normal of ['secret.test', 'www.secret.test', 'test']) {
      const both = gpcRules({ ...POLICY, normalHosts: [normal] }, AROUND);
      expect(asks(both, { tab: -1, initiator: 'secret.test', type: 'other' })).toBe(false);
    }
  });

  test('goes with exactly the tabs that are not known to be normal, whatever the policy', () => {
    const tabs = fc.uniqueArray(fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(tabs, tabs, fc.integer({ min: 1, max: 10 }), (privateTabs, normalTabs, tab) => {
        const policy = { ...POLICY, privateTabs, normalTabs };
        const goes = asks(gpcRules(policy, AROUND), { tab, type: 'main_frame' });
        expect(goes).toBe(!isKnownNormal(policy, { by: 'tab', tab }));
        expect(goes).toBe(asksForPrivacy(policy, tab));
      }),
    );
  });
});

test('where only windows are private as a whole, it goes with their tabs and with no unknown one', () => {
  const windows = { ...POLICY, byTab: false, privateTabs: [], incognitoWholly: true, incognitoTabs: [5] };
  for (const [tab, goes] of [
    [5, true],
    [2, false],
    [9, false],
  ] as const) {
    expect([tab, asks(gpcRules(windows, AROUND), { tab, type: 'image' })]).toEqual([tab, goes]);
    expect([tab, asksForPrivacy(windows, tab)]).toEqual([tab, goes]);
  }
  expect(gpcRules({ ...windows, incognitoTabs: [], privateHosts: [] }, AROUND)).toEqual([]);
});

test('nothing is changed while nothing is private', () => {
  expect(gpcRules({ ...POLICY, active: false }, AROUND)).toEqual([]);
});

test('no rule of it blocks, allows, or has a number of the steering’s', () => {
  const rules = gpcRules(POLICY, AROUND);
  expect(rules.map(({ id }) => id)).toEqual(GPC_RULE_IDS);
  for (const { id, action, priority } of rules) {
    expect(id).toBeGreaterThan(LAST_STEERING_RULE);
    expect(action.type).toBe('modifyHeaders');
    const { dynamic, session } = blockingRules(POLICY, { extensionId: 'x', resourceTypes: RESOURCE_TYPES });
    expect(priority).toBeLessThanOrEqual(Math.min(...[...dynamic, ...session].map((rule) => rule.priority)));
  }
});

test('where a browser stores changed headers, the hint is not another tab’s', () => {
  const headersOf = (storesChangedHeaders: boolean) =>
    gpcRules(POLICY, { ...AROUND, storesChangedHeaders }).flatMap(({ action }) => action.responseHeaders ?? []);
  expect(headersOf(true)).toContainEqual({ header: 'Vary', operation: 'append', value: 'Sec-GPC' });
  expect(headersOf(false).map(({ header }) => header)).toEqual(['Server-Timing']);
});
