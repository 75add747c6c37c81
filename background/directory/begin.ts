// Where to begin when no relay is known, or none that is known answers: the registry on the chain, by the servers that the person or the package names. What it says is a claim: it is where to
// ask, and no more.

import { isReachable } from '../../src/core/directory/reachable.ts';
import type { RegisteredRelay } from '../../src/core/directory/registered-relay.ts';
import type { EntryAddress } from '../../src/ports/entry-client.ts';
import type { Servers } from '../../src/ports/payment-rail.ts';
import { placeOf } from './ask-relays.ts';
import type { PastProxy } from './past-proxy.ts';

export type BeginDeps = {
  /** Of the chain. */
  servers: () => Promise<Servers>;
  readRegistry: (servers: Servers, options: { signal: AbortSignal }) => Promise<readonly RegisteredRelay[]>;
  pastProxy: PastProxy;
};

/** Empty where nothing says of any. Throws what the reading throws. */
export async function beginPlaces(
  signal: AbortSignal,
  chainId: number,
  { servers, readRegistry, pastProxy }: BeginDeps,
): Promise<EntryAddress[]> {
  const urls = await servers();
  if (urls.length === 0) return [];
  const relays = await pastProxy(
    urls.map((url) => new URL(url).hostname),
    () => readRegistry(urls, { signal }),
  );
  return relays.flatMap(({ peer, addresses }) =>
    addresses.workers.filter(({ address }) => isReachable(address, chainId)).flatMap((worker) => placeOf(peer, worker)),
  );
}
