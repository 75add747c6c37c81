// A devnet of a test file's own: on ports that nobody else holds, with its logs in its throw-away folder.

import { DevnetError } from '../../devnet/errors.ts';
import { startNetwork, type Network, type NetworkInit } from '../../devnet/network.ts';
import type { SeenRequest } from '../../devnet/sites/request-log.ts';
import { EXIT_ADDRESSES, SITES } from '../../devnet/plan.ts';

/** Below the ephemeral ports (32768 on Linux), above those of `npm start`, and each 2000 apart as the plan needs. */
const PORT_BASES = [21_000, 23_000, 25_000, 27_000, 29_000];

export async function startTestNetwork(
  init: Pick<NetworkInit, 'payments' | 'discovery' | 'entryProgram'> = {},
): Promise<Network> {
  let last: unknown;
  for (const portBase of PORT_BASES) {
    try {
      return await startNetwork({ portBase, ...init });
    } catch (error) {
      if (!(error instanceof DevnetError) || error.code !== 'port-in-use') throw error;
      last = error;
    }
  }
  throw last;
}

let shared: Promise<Network> | undefined;

/**
 * The network of this worker's test files, which run one after another: for those that break nothing of it. Closing it does nothing; it ends
 * with the worker, as one does whose program was killed.
 */
export async function sharedTestNetwork(): Promise<Network> {
  shared ??= startTestNetwork();
  return { ...(await shared), close: () => Promise.resolve() };
}

/** What the site saw from `since` (ms) on. */
export function requestsTo(network: Network, site: keyof typeof SITES, since: number): SeenRequest[] {
  return network.sites.log.records.filter(({ host, at }) => host === SITES[site].host && at >= since);
}

/** Where they came from, each address once. */
export function addressesOf(requests: readonly SeenRequest[]): string[] {
  return [...new Set(requests.map(({ address }) => address))];
}

export function isExit(address: string): boolean {
  return EXIT_ADDRESSES.has(address);
}

/** Names that a browser asked its own resolver for, from `since` (ms) on, `_port._https` prefixes and all. */
export function namesAskedByBrowser(network: Network, since: number): string[] {
  return network.names.queries.filter(({ by, at }) => by === 'https' && at >= since).map(({ name }) => name);
}
