// Rules that ask sites for privacy on private requests (Global Privacy Control, https://www.w3.org/TR/gpc/), as data: the header
// `Sec-GPC: 1`, and a hint by which a script in the page knows in its first moment that it runs in a private tab. They block and allow
// nothing: whatever the blocking rules refuse stays refused. Who counts as private is what routing says: unknown tabs do.

import { areRelated, parseHosts } from './host.ts';
import type { RoutingPolicy, TabId } from './policy.ts';

/** `chrome.declarativeNetRequest.Rule`, the part that is used here. */
export type HeaderRule = {
  id: number;
  priority: number;
  action: {
    type: 'modifyHeaders';
    requestHeaders?: { header: string; operation: 'set'; value: string }[];
    responseHeaders?: (
      { header: string; operation: 'append'; value: string } | { header: string; operation: 'remove' }
    )[];
  };
  condition: { tabIds?: number[]; excludedTabIds?: number[]; initiatorDomains?: string[]; resourceTypes: string[] };
};

/** Above those of the steering (blocking-rules.ts). */
const RULE_ID = { header: 1000, workers: 1001, hint: 1002 } as const;
export const GPC_RULE_IDS: readonly number[] = Object.values(RULE_ID);

/**
 * Name of the Server-Timing metric that is the hint: the one response header that a page's script can read without waiting. It says no more
 * than the property that the page sees anyway.
 */
export const GPC_HINT = 'gpc';

/**
 * Above what lets a private tab to the pages of a site that is always private (site-blocking.ts), as an allow rule takes a header rule of its own priority or a lower one
 * away; and below all else. Header rules of any priority give way to a block.
 */
const PRIORITY = 3;
const NO_TAB = -1;

/**
 * For a browser whose cache keeps the hint: a request without the header does not match what is stored (Vary), and without validators
 * the stored document cannot be taken up again by a 304 either. So a normal tab fetches the document anew.
 */
const KEEP_HINT_TO_ITSELF = [
  { header: 'Vary', operation: 'append', value: 'Sec-GPC' },
  { header: 'ETag', operation: 'remove' },
  { header: 'Last-Modified', operation: 'remove' },
] as const;

export type GpcSurroundings = {
  /** Every type the browser knows. */
  resourceTypes: readonly string[];
  /** Firefox stores response headers as an extension changed them (measured, ESR 153). */
  storesChangedHeaders: boolean;
};

/** None for an inactive policy. */
export function gpcRules(policy: RoutingPolicy, surroundings: GpcSurroundings): HeaderRule[] {
  if (!policy.active) return [];
  const resourceTypes = [...surroundings.resourceTypes];
  const ask: HeaderRule['action'] = {
    type: 'modifyHeaders',
    requestHeaders: [{ header: 'Sec-GPC', operation: 'set', value: '1' }],
  };
  const hint: HeaderRule['action'] = {
    type: 'modifyHeaders',
    responseHeaders: [
      { header: 'Server-Timing', operation: 'append', value: GPC_HINT },
      ...(surroundings.storesChangedHeaders ? KEEP_HINT_TO_ITSELF : []),
    ],
  };
  const rule = (id: number, action: HeaderRule['action'], condition: HeaderRule['condition']): HeaderRule => ({
    ...{ id, priority: PRIORITY, action, condition },
  });
  const rules: HeaderRule[] = [];
  const tabs = tabCondition(policy);
  const workers = privateOnlyHosts(policy);
  if (tabs !== undefined) rules.push(rule(RULE_ID.header, ask, { ...tabs, resourceTypes }));
  if (workers.length > 0) {
    rules.push(rule(RULE_ID.workers, ask, { tabIds: [NO_TAB], initiatorDomains: workers, resourceTypes }));
  }
  if (tabs !== undefined) {
    rules.push(rule(RULE_ID.hint, hint, { ...tabs, resourceTypes: ['main_frame', 'sub_frame'] }));
  }
  return rules;
}

/** Whether documents and requests of a tab ask for privacy: where only whole windows or containers are private, an unknown tab is in none. */
export function asksForPrivacy(policy: RoutingPolicy, tab: TabId): boolean {
  if (!policy.active || tab === NO_TAB) return false;
  if (policy.privateTabs.includes(tab) || policy.incognitoTabs.includes(tab)) return true;
  return policy.byTab && !policy.normalTabs.includes(tab);
}

/** The same for a rule. Undefined: for no tab at all. */
function tabCondition(policy: RoutingPolicy): { tabIds: number[] } | { excludedTabIds: number[] } | undefined {
  if (policy.byTab) {
    return {
      excludedTabIds: [...policy.normalTabs.filter((tab) => !asksForPrivacy(policy, tab) && tab !== NO_TAB), NO_TAB],
    };
  }
  const tabIds = [...new Set([...policy.privateTabs, ...policy.incognitoTabs])].filter((tab) => tab !== NO_TAB);
  return tabIds.length > 0 ? { tabIds } : undefined;
}

/** Hosts of private tabs with no relation to one of a normal tab: their workers belong to no tab, and must not speak for a normal one. */
function privateOnlyHosts(policy: RoutingPolicy): string[] {
  const open = parseHosts(policy.normalHosts);
  const hosts = parseHosts([...policy.privateHosts, ...policy.incognitoHosts]).filter(
    (host) => !open.some((other) => areRelated(host, other)),
  );
  return [...new Set(hosts.map(({ name }) => name))].sort();
}
