// Where the traffic of a tab leaves the network. Pure.

import { exitOfSite, type SiteExits } from '../circuit/site-exits.ts';
import type { CircuitState, Standing } from '../circuit/circuit-state.ts';
import { siteOfHost } from '../routing/site-of-host.ts';

/**
 * The circuit of a site, which has one of its own or goes by the first.
 * @param sites undefined where the browser does not tell sites apart
 * @param host of the tab's page; undefined for a blank one
 * @returns undefined while no circuit is verified
 */
export function standingOf(
  state: CircuitState,
  sites: SiteExits | undefined,
  host: string | undefined,
): Standing | undefined {
  const peer = sites && host !== undefined ? exitOfSite(sites, siteOfHost(host)) : undefined;
  if (state.at !== 'verified') return undefined;
  return state.circuits.find(({ circuit: { exit } }) => exit.peer === peer) ?? state.circuits[0];
}

/** @returns an ISO 3166 code: the country on the tab's badge */
export function exitRegion(...of: Parameters<typeof standingOf>): string | undefined {
  return standingOf(...of)?.circuit.exit.region;
}
