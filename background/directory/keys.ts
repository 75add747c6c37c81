// How descriptors are opened in the worker: the relay's key by libp2p, the payee's by the rail of the network that the extension pays on, which is loaded when the first one is opened.

import type { DescriptorKeys } from '../../src/core/directory/open-descriptor.ts';
import type { PeerKeys } from '../../src/ports/entry-client.ts';
import type { PaymentRail } from '../../src/ports/payment-rail.ts';

export type OpeningKeys = { keys: DescriptorKeys; chainId: number };

export function createOpeningKeys(keys: PeerKeys, rail: () => Promise<PaymentRail>): () => Promise<OpeningKeys> {
  return async () => {
    const loaded = await rail();
    return {
      keys: {
        isOfPeer: (...signed) => keys.verify(...signed),
        isOfPayee: (...signed) => loaded.isOfPayee(...signed),
      },
      chainId: loaded.chainId,
    };
  };
}
