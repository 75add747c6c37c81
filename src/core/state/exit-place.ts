// Where the traffic of a tab leaves the network: the country on its badge. Pure.

import { exitOfSite, type SiteExits } from '../circuit/site-exits.ts';
import type { CircuitState } from '../circuit/circuit-state.ts';
import { siteOfHost } from '../routing/site-of-host.ts';

/**
 * @param host of the tab's page; undefined for a blank one
 * @param sites undefined where the browser does not tell sites apart
 * @returns an ISO 3166 code; undefined while no circuit is verified
 */
export function exitRegion(
  state: CircuitState,
  sites: SiteExits | undefined,
  host: string | undefined,
): string | undefined {
  if (state.at !== 'verified') return undefined;
  const peer = sites && host !== undefined ? exitOfSite(sites, siteOfHost(host)) : undefined;
  const standing = state.circuits.find(({ circuit: { exit } }) => exit.peer === peer) ?? state.circuits[0];
  return standing.circuit.exit.region;
}
