// The declarativeNetRequest rules of Chrome for a policy, as data. PAC lets D, local hosts and the worker's relays go direct for
// whoever asks; these rules close them again to everyone who is not known to be normal (design §4). Block rules are dynamic and survive
// a browser restart, allow rules are for the session and do not: the safe way round.

import { CIRCUIT_CHECK_HOST } from '../circuit/circuit-check.ts';
import { directHosts, normalOnlyHosts, relayNames } from './direct-hosts.ts';
import { LOCAL_URL_PATTERNS } from './local-hosts.ts';
import type { RoutingPolicy } from './policy.ts';

/** `chrome.declarativeNetRequest.Rule`, the part that is used. Domains match themselves and everything below them. */
export type BlockingRule = {
  id: number;
  priority: number;
  action: { type: 'block' | 'allow' };
  condition: {
    requestDomains?: string[];
    excludedRequestDomains?: string[];
    initiatorDomains?: string[];
    excludedInitiatorDomains?: string[];
    regexFilter?: string;
    tabIds?: number[];
    resourceTypes: string[];
  };
};

export type BlockingRules = { dynamic: BlockingRule[]; session: BlockingRule[] };

export type RuleSurroundings = {
  /** Host of the extension's own origin, `chrome.runtime.id`: its worker may dial relays, and nobody else. */
  extensionId: string;
  /** Every type the browser knows: a rule without types leaves `main_frame` out. */
  resourceTypes: readonly string[];
};

/** Rule ids of the steering; rules of other features take higher ones. */
export const RULE_ID_RANGE = { from: 1, to: 999 } as const;

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

const PRIORITY = { block: 1, allowNormal: 10, blockRelays: 20 } as const;

/** Requests of no frame: workers, and fetches that outlive their tab. */
const NO_TAB = -1;

/** No rule at all for an inactive policy. */
export function blockingRules(policy: RoutingPolicy, surroundings: RuleSurroundings): BlockingRules {
  if (!policy.active) return { dynamic: [], session: [] };
  const resourceTypes = [...surroundings.resourceTypes];
  const block = { type: 'block' } as const;
  const direct = directHosts(policy);
  const relays = relayNames(policy).map(({ name }) => name);
  const excludedInitiatorDomains = [surroundings.extensionId];
  const dynamic = [
    ...(relays.length > 0
      ? [
          {
            priority: PRIORITY.blockRelays,
            action: block,
            condition: { requestDomains: relays, excludedInitiatorDomains, resourceTypes },
          },
        ]
      : []),
    ...(direct.length > 0
      ? [{ priority: PRIORITY.block, action: block, condition: { requestDomains: direct, resourceTypes } }]
      : []),
    ...LOCAL_URL_PATTERNS.map((regexFilter) => ({
      priority: PRIORITY.block,
      action: block,
      condition: { regexFilter, excludedRequestDomains: [CIRCUIT_CHECK_HOST], resourceTypes },
    })),
  ];
  return { dynamic: numbered(dynamic), session: allowNormal(policy, resourceTypes) };
}

/** For when the proxy is not ours to set: everything is closed to everyone but known normal tabs, wherever it would have gone. */
export function lockdownRules(policy: RoutingPolicy, surroundings: RuleSurroundings): BlockingRules {
  const resourceTypes = [...surroundings.resourceTypes];
  const condition = { excludedInitiatorDomains: [surroundings.extensionId], resourceTypes };
  const dynamic = numbered([{ priority: PRIORITY.block, action: { type: 'block' } as const, condition }]);
  return { dynamic, session: allowNormal(policy, resourceTypes) };
}

function allowNormal(policy: RoutingPolicy, resourceTypes: string[]): BlockingRule[] {
  const allow = { type: 'allow' } as const;
  const tabIds = policy.normalTabs.filter((tab) => tab !== NO_TAB && !policy.privateTabs.includes(tab));
  // initiatorDomains matches what is below a domain too: no host here has a private one above or below it.
  const initiatorDomains = normalOnlyHosts(policy).map(({ name }) => name);
  const priority = PRIORITY.allowNormal;
  return numbered([
    ...(tabIds.length > 0 ? [{ priority, action: allow, condition: { tabIds, resourceTypes } }] : []),
    ...(initiatorDomains.length > 0
      ? [{ priority, action: allow, condition: { tabIds: [NO_TAB], initiatorDomains, resourceTypes } }]
      : []),
  ]);
}

function numbered(rules: Omit<BlockingRule, 'id'>[]): BlockingRule[] {
  return rules.map((rule, index) => ({ id: RULE_ID_RANGE.from + index, ...rule }));
}
