// Which of the circuits a site goes by. The others stand behind it, in their order: where the browser falls over, it does not stop at one that is gone too.

import { slotOf } from '../circuit/site-exits.ts';
import type { CircuitProxies, RoutingPolicy } from './policy.ts';
import { siteOfHost } from './site-of-host.ts';

/** @param host of the page of the tab; undefined where nobody knows which it is */
export function proxiesForSite(
  { circuits, sites }: Pick<RoutingPolicy, 'circuits' | 'sites'>,
  proxies: CircuitProxies,
  host: string | undefined,
): CircuitProxies {
  // A question to one circuit alone goes by that one.
  if (sites === undefined || host === undefined || proxies.length !== circuits.length) return proxies;
  const site = siteOfHost(host);
  const at = Object.hasOwn(sites.own, site) ? sites.own[site] : sites.slots[slotOf(sites, site)];
  const first = proxies[at ?? 0];
  return first === undefined ? proxies : [first, ...proxies.filter((proxy) => proxy !== first)];
}
