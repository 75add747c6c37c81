// The declarativeNetRequest rules of Chrome for a policy, as data. PAC lets D, local hosts and the worker's relays go direct for
// whoever asks; these rules close them again to everyone who is not known to be normal (design §4). Block rules are dynamic and survive
// a browser restart, allow rules are for the session and do not: the safe way round.

import { CIRCUIT_CHECK_HOST, ONE_CIRCUIT_DOMAIN } from '../circuit/circuit-check.ts';
import { directHosts, normalOnlyHosts, relayNames } from './direct-hosts.ts';
import { areRelated, parseHosts } from './host.ts';
import { BYPASSING_URL_PATTERNS, LOCAL_URL_PATTERNS } from './local-hosts.ts';
import type { RoutingPolicy } from './policy.ts';
import type { BlockingRule, BlockingRules, HeaderChange } from './blocking-rule.ts';
import { isAlwaysSiteRule, isSiteRuleId, PAGE_TYPE, siteBlocking } from './site-blocking.ts';

export type { BlockingRule, BlockingRules } from './blocking-rule.ts';

export type RuleSurroundings = {
  /**
   * Host of the extension's own origin, `chrome.runtime.id`: its worker may dial relays, and nobody else. Rules hit the fetches and
   * WebSockets of the worker whose extension made them, with this id as initiator; and the pages that it has a tab load, in a private tab
   * too (measured on Chromium 156).
   */
  extensionId: string;
  /** Every type the browser knows: a rule without types leaves `main_frame` out. */
  resourceTypes: readonly string[];
};

/** Rule ids up to this one are the steering's, and those of site-blocking.ts; rules of other features take others. */
export const LAST_STEERING_RULE = 999;

export function isSteeringRule(id: number): boolean {
  return id <= LAST_STEERING_RULE || isSiteRuleId(id);
}

/** The types of Chromium 156; the adapter passes what the running browser has. */
export const RESOURCE_TYPES = [
  ...[
    'main_frame',
    'sub_frame',
    'stylesheet',
    'script',
    'image',
    'font',
    'object',
    'xmlhttprequest',
    'ping',
    'csp_report',
  ],
  ...['media', 'websocket', 'webtransport', 'webbundle', 'other'],
];

/** Rules for sites have their own, around these (site-blocking.ts). */
const PRIORITY = { block: 3, allowNormal: 10, blockRelays: 20 } as const;

/** Reporting API (W3C), its first version, and network error logging, which uses that. */
const REPORT_HEADERS = ['reporting-endpoints', 'report-to', 'nel'];

/** What the worker itself sends. Anything else of the extension's is a page that it loads into somebody's tab. */
const WORKER_TYPES: readonly string[] = ['xmlhttprequest', 'websocket'];

/** Fixed, so that two sets of rules can be laid over each other (`transitionalRules`). Local patterns count up from theirs. */
const RULE_ID = {
  relays: 1,
  direct: 2,
  lockdown: 3,
  normalTabs: 4,
  normalDocuments: 5,
  incognitoTabs: 6,
  reports: 7,
  relayPages: 8,
  lockdownPages: 9,
  local: 10,
  normalPages: 90,
} as const;

/** Requests of no frame: workers, and fetches that outlive their tab. */
const NO_TAB = -1;

/** For an inactive policy those of the person's sites alone. */
export function blockingRules(policy: RoutingPolicy, surroundings: RuleSurroundings): BlockingRules {
  const sites = siteBlocking(policy);
  if (!policy.active) return sites;
  const resourceTypes = [...surroundings.resourceTypes];
  const direct = policy.byTab ? directHosts(policy) : [];
  const local = localHostRules(policy, surroundings);
  const dynamic = [
    ...blockRelays(policy, surroundings),
    ...(policy.byTab ? [dropReports(resourceTypes)] : []),
    ...(direct.length > 0 ? [blockRule(RULE_ID.direct, { requestDomains: direct, resourceTypes })] : []),
    ...local.dynamic,
    ...sites.dynamic,
  ];
  return { dynamic, session: [...local.session, ...allowIncognito(policy, direct, resourceTypes), ...sites.session] };
}

/**
 * The part of the rules that Firefox needs too: no proxy is asked for a loopback address there, whatever a listener answers
 * (`network.proxy.allow_hijacking_localhost` is false; measured on ESR 153).
 */
export function localHostRules(policy: RoutingPolicy, surroundings: RuleSurroundings): BlockingRules {
  if (!policy.active) return { dynamic: [], session: [] };
  const resourceTypes = [...surroundings.resourceTypes];
  // Where only private windows are, their own PAC closes the rest, and normal windows are let be.
  const patterns = policy.byTab ? LOCAL_URL_PATTERNS : BYPASSING_URL_PATTERNS;
  const dynamic = patterns.map((regexFilter) => {
    const condition = { regexFilter, excludedRequestDomains: [CIRCUIT_CHECK_HOST], resourceTypes };
    return blockRule(RULE_ID.local + LOCAL_URL_PATTERNS.indexOf(regexFilter), condition);
  });
  return { dynamic, session: allowNormal(policy, resourceTypes) };
}

/** For when the steering failed: everything is closed to everyone but known normal tabs, wherever it would have gone. */
export function lockdownRules(policy: RoutingPolicy, surroundings: RuleSurroundings): BlockingRules {
  const sites = siteBlocking(policy);
  return {
    dynamic: [...blockRelays(policy, surroundings), ...closingRules(surroundings), ...sites.dynamic],
    session: [...allowNormal(policy, [...surroundings.resourceTypes]), ...sites.session],
  };
}

/** Those of these that close. The session's rules that allow normal tabs go over them. */
export function closingRules(surroundings: RuleSurroundings): BlockingRule[] {
  return blockButWorker({ worker: RULE_ID.lockdown, pages: RULE_ID.lockdownPages }, {}, surroundings);
}

/** Whether the rule says that something is steered. Those of the person's sites stand without that. */
export function isOfSteering({ id }: BlockingRule): boolean {
  return !isAlwaysSiteRule(id);
}

export function isLockdown({ id }: BlockingRule): boolean {
  return id === RULE_ID.lockdown || id === RULE_ID.lockdownPages;
}

/** Dynamic rules for the moment between two sets, while either PAC may be in force: what one of them blocks is blocked. */
export function transitionalRules(before: readonly BlockingRule[], after: readonly BlockingRule[]): BlockingRule[] {
  const merged = new Map(before.map((rule) => [rule.id, rule]));
  for (const rule of after) {
    const domains = merged.get(rule.id)?.condition.requestDomains ?? [];
    const requestDomains = [...new Set([...(rule.condition.requestDomains ?? []), ...domains])].sort();
    merged.set(
      rule.id,
      requestDomains.length > 0 ? { ...rule, condition: { ...rule.condition, requestDomains } } : rule,
    );
  }
  return [...merged.values()];
}

/**
 * The browser sends a page's reports by itself: no rule sees them, only the PAC, which takes those for a host of D for a normal tab's
 * (measured on Chromium 156). So the pages of all but known normal tabs are not told where to report to.
 */
function dropReports(resourceTypes: string[]): BlockingRule {
  const responseHeaders = REPORT_HEADERS.map((header): HeaderChange => ({ header, operation: 'remove' }));
  const action = { type: 'modifyHeaders', responseHeaders } as const;
  return { id: RULE_ID.reports, priority: PRIORITY.block, action, condition: { resourceTypes } };
}

function blockRelays(policy: RoutingPolicy, surroundings: RuleSurroundings): BlockingRule[] {
  const requestDomains = [...new Set([...relayNames(policy).map(({ name }) => name), ONE_CIRCUIT_DOMAIN])].sort();
  const ids = { worker: RULE_ID.relays, pages: RULE_ID.relayPages };
  return blockButWorker(ids, { requestDomains }, surroundings, PRIORITY.blockRelays);
}

/** Two rules: whoever starts it, for what only a page can be; and for what the worker sends too, whoever but the extension does. */
function blockButWorker(
  ids: { worker: number; pages: number },
  condition: Pick<BlockingRule['condition'], 'requestDomains'>,
  { extensionId, resourceTypes }: RuleSurroundings,
  priority: number = PRIORITY.block,
): BlockingRule[] {
  const isOfWorker = (type: string): boolean => WORKER_TYPES.includes(type);
  const [ofWorker, ofPages] = [resourceTypes.filter(isOfWorker), resourceTypes.filter((type) => !isOfWorker(type))];
  const others = { ...condition, excludedInitiatorDomains: [extensionId], resourceTypes: ofWorker };
  return [
    blockRule(ids.worker, others, priority),
    blockRule(ids.pages, { ...condition, resourceTypes: ofPages }, priority),
  ];
}

function allowNormal(policy: RoutingPolicy, resourceTypes: string[]): BlockingRule[] {
  const allow = { priority: PRIORITY.allowNormal, action: { type: 'allow' } } as const;
  const tabIds = policy.normalTabs.filter((tab) => tab !== NO_TAB && !policy.privateTabs.includes(tab));
  // initiatorDomains matches what is below a domain too: no host here has a private one above or below it.
  const incognito = parseHosts(policy.incognitoHosts);
  const documents = normalOnlyHosts(policy).filter((host) => !incognito.some((other) => areRelated(host, other)));
  const initiatorDomains = documents.map(({ name }) => name);
  return [
    ...(tabIds.length > 0 ? allowTabs(policy, tabIds, resourceTypes) : []),
    ...(initiatorDomains.length > 0
      ? [{ id: RULE_ID.normalDocuments, ...allow, condition: { tabIds: [NO_TAB], initiatorDomains, resourceTypes } }]
      : []),
  ];
}

/** But for the pages of sites that are always private: their rules close those to a normal tab. */
function allowTabs({ siteRules }: RoutingPolicy, tabIds: number[], resourceTypes: string[]): BlockingRule[] {
  const allow = { priority: PRIORITY.allowNormal, action: { type: 'allow' } } as const;
  const always = siteRules.filter(({ mode }) => mode === 'always').map(({ host }) => host);
  if (always.length === 0) return [{ id: RULE_ID.normalTabs, ...allow, condition: { tabIds, resourceTypes } }];
  const parts = resourceTypes.filter((type) => type !== PAGE_TYPE);
  const pages = { tabIds, excludedRequestDomains: always, resourceTypes: [PAGE_TYPE] };
  return [
    { id: RULE_ID.normalTabs, ...allow, condition: { tabIds, resourceTypes: parts } },
    { id: RULE_ID.normalPages, ...allow, condition: pages },
  ];
}

/** Incognito has a PAC of its own in which nothing goes direct: what stands in D for normal windows need not be closed to its tabs. */
function allowIncognito(policy: RoutingPolicy, requestDomains: string[], resourceTypes: string[]): BlockingRule[] {
  const tabIds = [...policy.incognitoTabs];
  if (tabIds.length === 0 || requestDomains.length === 0) return [];
  const condition = { tabIds, requestDomains, resourceTypes };
  return [{ id: RULE_ID.incognitoTabs, priority: PRIORITY.allowNormal, action: { type: 'allow' }, condition }];
}

function blockRule(id: number, condition: BlockingRule['condition'], priority: number = PRIORITY.block): BlockingRule {
  return { id, priority, action: { type: 'block' }, condition };
}
