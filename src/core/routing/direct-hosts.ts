// The set D of Chrome: hosts that go direct for normal tabs, and for the browser itself, while another tab is private (design §4). It saves money and speed and
// never decides privacy: the blocking rules close D to everyone who is not known to be normal.

import { areRelated, isWithin, parseHost, parseHosts, type Host } from './host.ts';
import { isCheckHost, isLocalHost } from './local-hosts.ts';
import type { RoutingPolicy } from './policy.ts';
import { SERVICE_HOSTS } from './service-hosts.ts';

/**
 * Chrome takes rules over thousands of domains (5,000 measured), but every change of D rewrites PAC and rule: a person with more
 * sites open than this pays for the rest.
 */
const MAX_NORMAL_HOSTS = 2000;

/** D, sorted and without repetition. Hosts that are open in a private tab too, or above or below such a host, are left to the circuit. */
export function directHosts(policy: RoutingPolicy): string[] {
  const relays = relayNames(policy);
  // A rule on a host above a relay's would close the relay to the worker too.
  const hosts = distinct([...serviceHosts(policy), ...normalOnlyHosts(policy).slice(0, MAX_NORMAL_HOSTS)]).filter(
    (host) => !isLocalHost(host) && !isCheckHost(host) && !relays.some((relay) => areRelated(host, relay)),
  );
  // A name that another of the set covers already would only make the rules longer.
  const widest = hosts.filter((host) => !hosts.some((other) => other.name !== host.name && isWithin(host, other)));
  return widest.map(({ name }) => name).sort();
}

/** The browser's own services, but those that a private tab uses itself: there they follow the tab. */
export function serviceHosts(policy: RoutingPolicy): Host[] {
  const closed = parseHosts(policy.privateHosts);
  return parseHosts(SERVICE_HOSTS).filter((host) => !closed.some((other) => areRelated(host, other)));
}

/** Hosts of normal tabs with no relation to a host of a private tab, local ones included; sorted, each once. */
export function normalOnlyHosts(policy: RoutingPolicy): Host[] {
  const closed = parseHosts(policy.privateHosts);
  const open = new Map(parseHosts(policy.normalHosts).map((host) => [host.name, host]));
  // A host with a final dot is another one for the browser than the same without; it goes through the circuit.
  for (const { name, rooted } of parseHosts(policy.normalHosts)) if (rooted) open.delete(name);
  const names = [...open.keys()].sort();
  return parseHosts(names).filter((host) => !closed.some((other) => areRelated(host, other)));
}

/** Whether D covers the host. */
export function isDirectHost(policy: RoutingPolicy, host: Host): boolean {
  return !host.rooted && parseHosts(directHosts(policy)).some((domain) => isWithin(host, domain));
}

/** Whether the host is one of the browser's own services, or below one, and no private tab's. */
export function isServiceHost(policy: RoutingPolicy, host: Host): boolean {
  return !host.rooted && serviceHosts(policy).some((service) => isWithin(host, service));
}

/** A name of a relay: one that the worker dials, or any in a relay zone. Closed to pages of every tab. */
export function isRelayName(policy: RoutingPolicy, host: Host): boolean {
  return relayNames(policy).some((zone) => isWithin(host, zone));
}

/** Relay zones and the names that the worker dials. Relays are reached by name, never by address. */
export function relayNames(policy: RoutingPolicy): Host[] {
  return parseHosts([...policy.relayZones, ...policy.relayHosts]).filter(({ kind }) => kind === 'name');
}

/** Exactly a name that the worker dials. */
export function isRelayHost(policy: RoutingPolicy, host: Host): boolean {
  if (host.kind !== 'name' || host.rooted) return false;
  return policy.relayHosts.some((text) => parseHost(text)?.name === host.name);
}

function distinct(hosts: readonly Host[]): Host[] {
  return [...new Map(hosts.map((host) => [host.name, host])).values()];
}
