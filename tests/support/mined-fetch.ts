// A fetch to anvil that answers a sent transaction when its block is there: anvil answers before it has mined, so that who looks at once may see the chain of before.

import { connectRpc } from '../../devnet/chain/rpc.ts';

/** Of one that waits for another nonce, or is outbid, there is no block to wait for. Within the time limit of a call. */
const LONGEST_MS = 1000;

export async function minedFetch(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (typeof init.body !== 'string' || !init.body.includes('"eth_sendRawTransaction"')) return response;
  const { result: hash } = (await response.clone().json()) as { result?: string };
  const rpc = connectRpc(url);
  if (hash === undefined || (await rpc('anvil_getAutomine')) !== true) return response;
  const until = performance.now() + LONGEST_MS;
  while (performance.now() < until && (await rpc('eth_getTransactionReceipt', hash)) === null);
  return response;
}
