// Signatures of relays, checked with the key that the peer id itself holds: no directory has to be believed.

import type { PeerKeys } from '../ports/entry-client.ts';
import { peerFromLabel } from './peer-label.ts';

/** RFC 8032 §5.1.6. */
const SIGNATURE_BYTES = 64;

export const peerKeys: PeerKeys = {
  verify: async (label, message, signature) => {
    const peer = peerFromLabel(label);
    if (peer === undefined || signature.length !== SIGNATURE_BYTES) return false;
    return await peer.publicKey.verify(message, signature);
  },
};
