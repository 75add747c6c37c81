// How descriptors are opened in the worker: the relay's key by libp2p, the payee's by the rail of the network that the extension pays on, which is loaded when the first one is opened.

import type { DescriptorKeys } from '../../src/core/directory/open-descriptor.ts';
import { parsePaymentNetwork } from '../../src/core/payment/payment-network.ts';
import type { PeerKeys } from '../../src/ports/entry-client.ts';
import type { PackagedRelays } from '../../src/ports/host.ts';
import type { LoadRail } from '../../src/ports/payment-rail.ts';

export type OpeningKeys = { keys: DescriptorKeys; chainId: number };

export function createOpeningKeys({
  keys,
  packagedRelays,
  loadRail,
}: {
  keys: PeerKeys;
  packagedRelays: PackagedRelays;
  loadRail: LoadRail;
}): () => Promise<OpeningKeys> {
  let loaded: Promise<OpeningKeys> | undefined;
  const load = async (): Promise<OpeningKeys> => {
    const rail = await loadRail(parsePaymentNetwork(await packagedRelays.read()).network);
    return { keys: { isOfPeer: keys.verify, isOfPayee: rail.isOfPayee }, chainId: rail.chainId };
  };
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
