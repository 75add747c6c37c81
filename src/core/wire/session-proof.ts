// What is signed beside the contract's own structs: that a session is its session key's, and that a quote is its peer's. Both need a
// context of their own, so that neither can be taken for anything else. The signing is done where the keys are (src/chain, relay).

import type { Hex } from './kinds.ts';

/**
 * EIP-712 struct that the session key (`payerAuthorizer`) signs to open or resync a channel, under the domain of our quotes
 * (`RelayPay`, version 1). Config and vouchers of a channel stand on the chain once it was used, so they prove nothing: without this,
 * anybody could use another's credit or watch it. Both peer ids are those of the connection, which its handshake has proved, so
 * a proof is worth nothing on another one, and needs no clock.
 */
export const SESSION_PROOF_TYPES = {
  SessionProof: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'payerPeer', type: 'string' },
    { name: 'payeePeer', type: 'string' },
  ],
};

const QUOTE_CONTEXT = 'conet relay quote 1\n';

/**
 * What the libp2p key of the payee signs: a context, the EIP-712 digest of the terms, and the payee's signature over that digest.
 * @param digest 32 bytes
 * @param payeeSignature 65 bytes
 */
export function quotePeerMessage(digest: Hex, payeeSignature: Hex): Uint8Array<ArrayBuffer> {
  const text = digest.slice(2) + payeeSignature.slice(2);
  const bytes = Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
  return Uint8Array.from([...new TextEncoder().encode(QUOTE_CONTEXT), ...bytes]);
}
