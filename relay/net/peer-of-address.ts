// Whose address a multiaddr of the configuration is: its last component is the peer id, which was checked when the configuration was read (relay/config/parts.ts).

import type { PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';

export function peerOfAddress(address: string): PeerId {
  const peer = multiaddr(address)
    .getComponents()
    .findLast(({ name }) => name === 'p2p')?.value;
  return peerIdFromString(peer ?? '');
}
