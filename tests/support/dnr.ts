// A small declarativeNetRequest: the semantics of Chromium that the steering's rules depend on, so that properties can be tried on
// thousands of requests. The contract tests hold it to the real browser.

import type { BlockingRule, BlockingRules } from '../../src/core/routing/blocking-rules.ts';

export type ModelRequest = {
  host: string;
  /** -1: no frame. */
  tabId: number;
  /** Host of the initiator's origin; undefined for a navigation from the address bar. */
  initiator: string | undefined;
  type: string;
};

/** True when no rule blocks the request: the highest priority decides, and allow wins a tie. */
export function isAllowed(rules: BlockingRules, request: ModelRequest): boolean {
  const matching = [...rules.dynamic, ...rules.session].filter(
    (rule) => rule.action.type !== 'modifyHeaders' && matches(rule.condition, request),
  );
  const top = Math.max(...matching.map((rule) => rule.priority));
  const deciding = matching.filter((rule) => rule.priority === top);
  return deciding.length === 0 || deciding.some((rule) => rule.action.type === 'allow');
}

function matches(condition: BlockingRule['condition'], { host, tabId, initiator, type }: ModelRequest): boolean {
  const { requestDomains, excludedRequestDomains, initiatorDomains, excludedInitiatorDomains } = condition;
  if (!condition.resourceTypes.includes(type)) return false;
  if (requestDomains !== undefined && !isUnder(host, requestDomains)) return false;
  if (excludedRequestDomains !== undefined && isUnder(host, excludedRequestDomains)) return false;
  if (initiatorDomains !== undefined && !isUnder(initiator, initiatorDomains)) return false;
  if (excludedInitiatorDomains !== undefined && isUnder(initiator, excludedInitiatorDomains)) return false;
  if (condition.tabIds?.includes(tabId) === false) return false;
  if (condition.urlFilter !== undefined && !isFiltered(host, condition.urlFilter)) return false;
  return condition.regexFilter === undefined || new RegExp(condition.regexFilter, 'i').test(`https://${host}/path?a=b`);
}

/** `||name.^`: a host that ends in the name with its final dot. */
function isFiltered(host: string, filter: string): boolean {
  const name = /^\|\|(.*)\^$/.exec(filter)?.[1];
  if (name === undefined) throw new Error(`no such filter is modelled: ${filter}`);
  return host === name || host.endsWith(`.${name}`);
}

function isUnder(host: string | undefined, domains: readonly string[]): boolean {
  return host !== undefined && domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
