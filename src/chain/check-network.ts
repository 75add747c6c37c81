// At start, and when the person changes an RPC: every one of them must serve the network of the table before anything is asked or signed.

import { checkNetwork } from './rail/network-check.ts';
import type { Network } from './rail/networks.ts';
import type { Rpc } from './rpc.ts';

/** Throws the first `ChainError`: what differs, in words. */
export async function checkRpcs(
  network: Network,
  rpcs: readonly Rpc[],
  options?: { signal?: AbortSignal },
): Promise<void> {
  for (const rpc of rpcs) await checkNetwork(network, rpc.at('latest', options));
}
