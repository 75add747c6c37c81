// The proof that a session is its session key's: signed by the channel's payerAuthorizer to open or resync it on one connection. What it means
// is in src/core/wire/session-proof.ts.

import type { SigningKey } from 'ethers/crypto';
import type { Hex } from '../../core/payment/hex.ts';
import { SESSION_PROOF_TYPES } from '../../core/wire/session-proof.ts';
import type { Network } from './networks.ts';
import { signDigest, verifySigner } from './signature.ts';
import { defineStruct, quoteDomain } from './typed-data.ts';

const SESSION_PROOF = defineStruct(quoteDomain, SESSION_PROOF_TYPES);

/** Both peer ids as libp2p prints them, taken from the connection. */
export type SessionProof = { channelId: Hex; payerPeer: string; payeePeer: string };

/** @param key of the channel's payerAuthorizer; not kept */
export function signSessionProof(network: Network, proof: SessionProof, key: SigningKey): Hex {
  return signDigest(key, SESSION_PROOF.digest(network, proof));
}

/** Throws `PaymentError` bad_sig unless the channel's payerAuthorizer signed it for this connection. */
export function verifySessionProof(
  network: Network,
  proof: SessionProof,
  signature: unknown,
  payerAuthorizer: Hex,
): void {
  verifySigner(SESSION_PROOF.digest(network, proof), signature, payerAuthorizer);
}
