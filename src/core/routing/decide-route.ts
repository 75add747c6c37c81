// The one decision of the product: where a request goes. The Firefox listener calls it; the PAC text and the blocking rules of Chrome
// are held equal to it by tests. Unknown means private, and private without a circuit means block.

import { isDirectHost, isRelayHost, isRelayName, isServiceHost, normalOnlyHosts } from './direct-hosts.ts';
import { parseHost } from './host.ts';
import { isCheckHost, isLocalHost } from './local-hosts.ts';
import type { BlockReason, Requester, Route, RouteRequest, RoutingPolicy } from './policy.ts';

const DIRECT: Route = { kind: 'direct' };

/**
 * @param now ms since the epoch; only the set of direct hosts looks at it
 * @returns the first line that applies, from the top
 */
export function decideRoute(policy: RoutingPolicy, request: RouteRequest, now: number): Route {
  if (!policy.active) return DIRECT;
  const { from } = request;
  const host = parseHost(request.host);
  if (host !== undefined && mayDialRelays(from) && isRelayHost(policy, host)) return DIRECT;
  if (from.by === 'self') return host === undefined ? block('bad-host') : circuitOrBlock(policy);
  if (host !== undefined && isRelayName(policy, host)) return block('relay-host');
  if (host !== undefined && isCheckHost(host)) return circuitOrBlock(policy);
  if (isKnownNormal(policy, from)) return DIRECT;
  if (host === undefined) return block('bad-host');
  if (isLocalHost(host)) return from.by === 'unseen' ? DIRECT : block('local-host');
  if (from.by === 'unseen' && now < policy.directUntil && isDirectHost(policy, host)) return DIRECT;
  if (from.by === 'browser' && isServiceHost(policy, host)) return DIRECT;
  return circuitOrBlock(policy);
}

/** A tab in the list of normal tabs and not in that of private ones, or a document whose host is open in normal tabs alone. */
export function isKnownNormal(policy: RoutingPolicy, from: Requester): boolean {
  switch (from.by) {
    case 'tab':
      return policy.normalTabs.includes(from.tab) && !policy.privateTabs.includes(from.tab);
    case 'document':
      return from.host !== undefined && isNormalDocument(policy, from.host);
    case 'browser':
    case 'self':
    case 'unseen':
      return false;
  }
}

function isNormalDocument(policy: RoutingPolicy, text: string): boolean {
  const document = parseHost(text);
  if (document === undefined || document.rooted) return false;
  return normalOnlyHosts(policy).some((host) => host.name === document.name);
}

/** PAC cannot tell the worker from a page; there the blocking rules keep pages away from relays. */
function mayDialRelays(from: Requester): boolean {
  return from.by === 'self' || from.by === 'unseen';
}

function circuitOrBlock(policy: RoutingPolicy): Route {
  return policy.circuit === undefined ? block('no-circuit') : { kind: 'circuit', proxy: policy.circuit };
}

function block(reason: BlockReason): Route {
  return { kind: 'block', reason };
}
