// Peer ids as DNS labels (src/core/tunnel/circuit-name.ts) and as libp2p has them.

import type { Ed25519PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { isPeerLabel } from '../core/tunnel/circuit-name.ts';

/** The peer id, whose key it holds. Undefined for anything but an Ed25519 one: relays have no others (design §3). */
export function peerFromLabel(label: string): Ed25519PeerId | undefined {
  if (!isPeerLabel(label)) return undefined;
  try {
    const peer = peerIdFromString(label);
    return peer.type === 'Ed25519' ? peer : undefined;
  } catch {
    return undefined;
  }
}
