// The payee's signature of a relay's descriptor: without it anyone could name another's account as its own. Checked by clients and relays alike.

import { keccak256, type SigningKey } from 'ethers/crypto';
import { keyOfLabel } from '../../core/directory/peer-key.ts';
import { validUntil, type RelayDescriptor } from '../../core/directory/descriptor.ts';
import type { Hex } from '../../core/payment/hex.ts';
import { PaymentError } from '../../core/payment/payment-error.ts';
import type { Network } from './networks.ts';
import { recoverSigner, signDigest } from './signature.ts';
import { defineStruct, quoteDomain } from './typed-data.ts';

/** A wallet that shows what it signs shows the key, how long it holds, and a hash of the rest. */
const RELAY_DESCRIPTOR = defineStruct(quoteDomain, {
  RelayDescriptor: [
    { name: 'peerKey', type: 'bytes32' },
    { name: 'sequence', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'descriptor', type: 'bytes32' },
  ],
});

/** @param bytes of the descriptor, as the peer signs them */
export function descriptorDigest(network: Network, descriptor: RelayDescriptor, bytes: Uint8Array): Hex {
  return RELAY_DESCRIPTOR.digest(network, {
    peerKey: keyOfLabel(descriptor.peer),
    sequence: descriptor.sequence,
    validUntil: validUntil(descriptor),
    descriptor: keccak256(bytes),
  });
}

/** @param key of the payee; not kept */
export function signDescriptor(network: Network, descriptor: RelayDescriptor, bytes: Uint8Array, key: SigningKey): Hex {
  return signDigest(key, descriptorDigest(network, descriptor, bytes));
}

/** Whether the payee that it names signed it. Never throws. */
export function isOfPayee(network: Network, descriptor: RelayDescriptor, bytes: Uint8Array, signature: Hex): boolean {
  try {
    return recoverSigner(descriptorDigest(network, descriptor, bytes), signature) === descriptor.payee;
  } catch (error) {
    if (error instanceof PaymentError) return false;
    throw error;
  }
}
