// The one decision of the product: where a request goes. The Firefox listener calls it; the PAC text and the blocking rules of Chrome
// are held equal to it by tests. Unknown means private, and private without a circuit means block.

import { checkHostOf, ONE_CIRCUIT_DOMAIN } from '../circuit/circuit-check.ts';
import { isDirectHost, isRelayHost, isRelayName, isServiceHost, normalOnlyHosts } from './direct-hosts.ts';
import { isWithin, parseHost, type Host } from './host.ts';
import { isCheckHost, isLocalHost } from './local-hosts.ts';
import type { BlockReason, Requester, Route, RouteRequest, RoutingPolicy } from './policy.ts';
import { siteVerdict } from './site-rule.ts';

const DIRECT: Route = { kind: 'direct' };
const ONE_CIRCUIT: Host = { kind: 'name', name: ONE_CIRCUIT_DOMAIN, rooted: false };

/**
 * @param now ms since the epoch; only the set of direct hosts looks at it
 * @returns the first line that applies, from the top
 */
export function decideRoute(policy: RoutingPolicy, request: RouteRequest, now: number): Route {
  const verdict = isInStrictJar(policy, request.from) ? undefined : siteVerdict(policy, request);
  // Whatever is steered: the person said so beforehand, and the tab has not been made private yet.
  if (verdict === 'always') return block('always-site');
  if (!policy.active) return DIRECT;
  if (verdict === 'never') return block('never-site');
  const { from } = request;
  const host = parseHost(request.host);
  if (isInStrictJar(policy, from)) return strictRoute(policy, host);
  if (host !== undefined && mayDialRelays(from) && isRelayHost(policy, host)) return DIRECT;
  if (host !== undefined && isWithin(host, ONE_CIRCUIT)) return toOneCircuit(policy, host, from);
  if (from.by === 'self') return host === undefined ? block('bad-host') : circuitOrBlock(policy);
  if (host !== undefined && isRelayName(policy, host)) return block('relay-host');
  if (host !== undefined && isCheckHost(host)) return circuitOrBlock(policy);
  if (isKnownNormal(policy, from) || (!policy.byTab && (from.by === 'unseen' || from.by === 'browser'))) return DIRECT;
  if (host === undefined) return block('bad-host');
  if (isLocalHost(host)) return from.by === 'unseen' ? DIRECT : block('local-host');
  if (from.by === 'unseen' && now < policy.directUntil && isDirectHost(policy, host)) return DIRECT;
  if (from.by === 'browser' && isServiceHost(policy, host)) return DIRECT;
  return circuitOrBlock(policy);
}

/** Whether the request carries cookies of a private window or container that is private as a whole. */
export function isInStrictJar(policy: RoutingPolicy, from: Requester): boolean {
  if (!('jar' in from)) return false;
  const { incognito, container } = from.jar;
  return (policy.incognitoWholly && incognito) || (container !== undefined && policy.containers.includes(container));
}

/** In a strict jar nobody is normal and nobody is the worker, so nothing goes direct. */
function strictRoute(policy: RoutingPolicy, host: Host | undefined): Route {
  if (host === undefined) return block('bad-host');
  if (isRelayName(policy, host) || isWithin(host, ONE_CIRCUIT)) return block('relay-host');
  return isLocalHost(host) ? block('local-host') : circuitOrBlock(policy);
}

/**
 * A tab in the list of normal tabs and not in that of private ones, a document whose host is open in normal tabs alone, or anything of another
 * jar while only jars are private.
 */
export function isKnownNormal(policy: RoutingPolicy, from: Requester): boolean {
  if (isInStrictJar(policy, from)) return false;
  // Nothing else is private then: it is enough that the jar is known to be another.
  if (!policy.byTab && 'jar' in from && !from.jar.incognito) return true;
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
  const [first, ...spares] = policy.circuits;
  return first === undefined ? block('no-circuit') : { kind: 'circuit', proxies: [first, ...spares] };
}

/** Only the worker asks there; PAC cannot tell, and the blocking rules keep pages away. */
function toOneCircuit(policy: RoutingPolicy, { name, rooted }: Host, from: Requester): Route {
  if (!mayDialRelays(from)) return block('relay-host');
  const proxy = rooted ? undefined : policy.checked.find(({ host }) => checkHostOf(host) === name);
  return proxy === undefined ? block('no-circuit') : { kind: 'circuit', proxies: [proxy] };
}

function block(reason: BlockReason): Route {
  return { kind: 'block', reason };
}
