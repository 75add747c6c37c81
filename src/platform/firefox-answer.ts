// How a request of Firefox's proxy.onRequest becomes a question to `decideRoute`, and the route an answer in the few forms that Firefox
// takes without falling back to DIRECT (measured on ESR 153). Pure; called by steering-firefox for every request of the browser.

import { spellFor } from '../core/circuit/spelling.ts';
import { FAILED_MS } from '../core/circuit/durations.ts';
import { decideRoute } from '../core/routing/decide-route.ts';
import { proxiesForSite } from '../core/routing/site-routes.ts';
import type { CircuitProxy, Jar, Requester, RoutingPolicy } from '../core/routing/policy.ts';

/** The part of `proxy.onRequest`'s details that is looked at. */
export type ProxyRequest = {
  url: string;
  tabId: number;
  type: string;
  documentUrl?: string;
  originUrl?: string;
  /** Where the document is a frame: the documents around it, that of the tab last. */
  frameAncestors?: { url: string }[];
  incognito?: boolean;
  cookieStoreId?: string;
};

export type ProxyInfo = {
  type: 'https';
  host: string;
  port: number;
  connectionIsolationKey: string;
  /** Seconds for which Firefox passes by a proxy that failed. */
  failoverTimeout?: number;
};

export type ProxyAnswer =
  | ProxyInfo
  /** Tried one after another. */
  | ProxyInfo[]
  | { type: 'direct' }
  /** Lifts the dead proxy of the browser's own setting, and any proxy of the person's. */
  | null;

/** What is blocked goes to the discard port. TLS, so that a listener there would not read the destination. */
export const DEAD_ANSWER: ProxyInfo = {
  type: 'https',
  host: '127.0.0.1',
  port: 9,
  connectionIsolationKey: 'blocked',
};

/** Leaves the request to the browser's own proxy setting: `direct` does not replace it, as `null` does. */
export const UNSTEERED_ANSWER: ProxyAnswer = { type: 'direct' };

/** A connection opened ahead of a request. It names its target as its own document, so it says nothing of who caused it. */
const SPECULATIVE = 'speculative';

/** What a rule of the person's for a site is about: the page of a tab, and the connection that the address bar opens while they still type. */
const OPENS_PAGES: ReadonlySet<string> = new Set(['main_frame', SPECULATIVE]);

const NO_TAB = -1;

const failoverTimeout = FAILED_MS / 1000;

/**
 * @param now ms since the epoch
 * @param isolation text that no other time of privacy has: its connections are not shared
 */
export function firefoxAnswer(
  policy: RoutingPolicy,
  request: ProxyRequest,
  now: number,
  isolation: string,
  self: string,
): ProxyAnswer {
  const from = requesterOf(request, self);
  const route = decideRoute(policy, { host: hostOf(request.url) ?? '', from }, now);
  if (!policy.active && route.kind === 'direct') return UNSTEERED_ANSWER;
  switch (route.kind) {
    case 'direct':
      return null;
    case 'block':
      return DEAD_ANSWER;
    case 'circuit': {
      const site = siteOf(request);
      const key = [isolation, policy.identity, partyOf(from), site ?? ''].join(' ');
      return proxiesForSite(policy, route.proxies, site).map((proxy) => isolated(proxy, key));
    }
  }
}

/** Without a key all sites of all tabs share one connection to the proxy; without a spelling, TLS tickets. The exit could tell that they are one person's. */
function isolated({ host, port }: CircuitProxy, key: string): ProxyInfo {
  return { type: 'https', host: spellFor(host, key), port, connectionIsolationKey: key, failoverTimeout };
}

/** Whether the request would go through a circuit if there were one, or if its tab were private, as it is about to be: such a one is worth waiting for. */
export function waitsForCircuit(policy: RoutingPolicy, request: ProxyRequest, now: number, self: string): boolean {
  const from = requesterOf(request, self);
  if (from.by === 'self') return false;
  const route = decideRoute(policy, { host: hostOf(request.url) ?? '', from }, now);
  if (route.kind !== 'block') return false;
  return route.reason === 'no-circuit' || (route.reason === 'always-site' && from.by === 'tab');
}

/** Host of the page of the tab that the request is part of: two sites in one tab are nobody's business to join. */
function siteOf({ url, type, documentUrl, originUrl, frameAncestors }: ProxyRequest): string | undefined {
  return hostOf(type === 'main_frame' ? url : (frameAncestors?.at(-1)?.url ?? documentUrl ?? originUrl));
}

/** @param self origin of the extension's own pages, `moz-extension://<uuid>` */
export function requesterOf(request: ProxyRequest, self: string): Requester {
  // A navigation that the extension asks for names it as origin too, and yet is its tab's.
  if (request.type !== 'main_frame' && (request.documentUrl ?? request.originUrl)?.startsWith(`${self}/`) === true) {
    return { by: 'self' };
  }
  const opens = OPENS_PAGES.has(request.type) ? { opensPage: true } : {};
  if (request.tabId !== NO_TAB) return { by: 'tab', tab: request.tabId, jar: jarOf(request), ...opens };
  const named = request.documentUrl ?? request.originUrl;
  if (named === undefined && request.type !== SPECULATIVE && request.incognito !== true) return { by: 'browser' };
  // A worker of a private window outlives its tabs' entries in the policy, and may be of a host that is open in a normal window too.
  const unknown = request.type === SPECULATIVE || request.incognito === true;
  return { by: 'document', host: unknown ? undefined : hostOf(named), jar: jarOf(request), ...opens };
}

/** A request that does not say whether it is of a private window may be of one. */
function jarOf({ incognito, cookieStoreId }: ProxyRequest): Jar {
  return { incognito: incognito ?? true, container: cookieStoreId };
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}

function partyOf(from: Requester): string {
  switch (from.by) {
    case 'tab':
      return `tab ${from.tab}`;
    case 'document':
      return `document ${from.host ?? ''}`;
    case 'browser':
    case 'self':
    case 'unseen':
      return from.by;
  }
}
