// An entry of the directory: a descriptor and the two signatures that bind the relay's key to who is paid, and back. It is believed by them alone, whoever it came
// from. The keys are where the signing and checking is done (src/net, src/chain, relay).

import { concatBytes } from '../wire/concat.ts';
import { bytes, peerSignature, signature, type Hex } from '../wire/kinds.ts';
import { decodeMessage, encodeMessage, required, type MessageOf } from '../wire/message.ts';
import type { PeerLabel } from '../tunnel/circuit-name.ts';
import {
  asDirectoryError,
  checkDescriptorTime,
  decodeDescriptor,
  MAX_DESCRIPTOR_BYTES,
  type RelayDescriptor,
} from './descriptor.ts';
import { DirectoryError } from './directory-error.ts';

/** The descriptor stays as it came: the signatures are over its bytes, unknown fields of later versions among them. */
const ENTRY = {
  descriptor: required(1, bytes(MAX_DESCRIPTOR_BYTES)),
  peerSignature: required(2, peerSignature),
  payeeSignature: required(3, signature),
};
export type SignedDescriptor = MessageOf<typeof ENTRY>;

/** Room for the two signatures and the tags. */
export const MAX_SIGNED_BYTES = MAX_DESCRIPTOR_BYTES + 256;

/** What this relay signs with its key can be taken for nothing else that it signs. */
const PEER_CONTEXT = 'conet relay descriptor 1\n';

export type DescriptorKeys = {
  /** Whether the key that the label holds made the Ed25519 signature. Never throws. */
  isOfPeer(peer: PeerLabel, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** The same for the payee's, over the EIP-712 struct `RelayDescriptor` of these bytes. */
  isOfPayee(descriptor: RelayDescriptor, bytes: Uint8Array, signature: Hex): boolean;
};

export function encodeSigned(signed: SignedDescriptor): Uint8Array<ArrayBuffer> {
  return asDirectoryError(() => encodeMessage(ENTRY, signed));
}

/** Reads an entry, and opens it not. Throws `DirectoryError` malformed. */
export function decodeSigned(entry: Uint8Array): SignedDescriptor {
  return asDirectoryError(() => decodeMessage(ENTRY, entry));
}

/** What the libp2p key signs. */
export function peerMessage(descriptor: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([new TextEncoder().encode(PEER_CONTEXT), descriptor]);
}

export type OpenInit = {
  keys: DescriptorKeys;
  chainId: number;
  /** ms since the epoch */
  now: number;
};

/** An entry that both keys signed, and that holds now. */
export type OpenedDescriptor = { descriptor: RelayDescriptor; signed: SignedDescriptor };

/** Reads an entry, and opens it. Throws `DirectoryError`, and nothing else. */
export async function openEntry(entry: Uint8Array, init: OpenInit): Promise<OpenedDescriptor> {
  if (entry.length > MAX_SIGNED_BYTES) throw new DirectoryError('too-large', 'an entry is too long');
  return openDescriptor(decodeSigned(entry), init);
}

/** Checks both signatures and the time. Throws `DirectoryError`, and nothing else. */
export async function openDescriptor(
  signed: SignedDescriptor,
  { keys, chainId, now }: OpenInit,
): Promise<OpenedDescriptor> {
  const descriptor = decodeDescriptor(signed.descriptor);
  if (descriptor.chainId !== chainId) throw new DirectoryError('wrong-network', 'it is for another chain');
  checkDescriptorTime(descriptor, now);
  // The cheaper one first.
  const isOfPeer = await keys.isOfPeer(
    descriptor.peer,
    peerMessage(signed.descriptor),
    peerSignature.encode(signed.peerSignature),
  );
  if (!isOfPeer) throw new DirectoryError('bad-signature', 'the key of its peer did not sign it');
  if (!keys.isOfPayee(descriptor, signed.descriptor, signed.payeeSignature))
    throw new DirectoryError('bad-signature', 'its payee did not sign it');
  return { descriptor, signed };
}
