// A page of the directory, as it is compressed: the descriptors one after another, and their signatures apart. Signatures cannot be made shorter, and among
// the rest they are in the way of what can: 10,000 relays have 2.48 MB so, and 2.54 MB entry by entry.

import { peerSignature, signature } from '../wire/kinds.ts';
import { encodeVarint, readVarint } from '../wire/protobuf.ts';
import { asDirectoryError, MAX_DESCRIPTOR_BYTES } from './descriptor.ts';
import { DirectoryError } from './directory-error.ts';
import type { SignedDescriptor } from './open-descriptor.ts';

/** About 50 kB compressed. */
export const MAX_PAGE_ENTRIES = 200;
/** What a page may be once it is decompressed. A descriptor's length has two bytes. */
export const MAX_PAGE_BYTES = MAX_PAGE_ENTRIES * (2 + MAX_DESCRIPTOR_BYTES);

const PEER_SIGNATURE_BYTES = 64;
const PAYEE_SIGNATURE_BYTES = 65;
const BOTH = PEER_SIGNATURE_BYTES + PAYEE_SIGNATURE_BYTES;

export type PageColumns = {
  /** Each with its length before it, as a varint. To be compressed. */
  descriptors: Uint8Array;
  /** The peer's and the payee's of each, in the same order: 129 bytes. */
  signatures: Uint8Array;
};

export function joinEntries(entries: readonly SignedDescriptor[]): PageColumns {
  if (entries.length > MAX_PAGE_ENTRIES) throw new DirectoryError('too-large', 'a page has too many entries');
  return {
    descriptors: concat(
      entries.flatMap(({ descriptor }) => [Uint8Array.from(encodeVarint(BigInt(descriptor.length))), descriptor]),
    ),
    signatures: concat(
      entries.flatMap((entry) => [peerSignature.encode(entry.peerSignature), signature.encode(entry.payeeSignature)]),
    ),
  };
}

/** Throws `DirectoryError` too-large, malformed. None of the entries is opened by that. */
export function splitEntries({ descriptors, signatures }: PageColumns): SignedDescriptor[] {
  if (descriptors.length > MAX_PAGE_BYTES || signatures.length > MAX_PAGE_ENTRIES * BOTH)
    throw new DirectoryError('too-large', 'a page is too long');
  return asDirectoryError(() => {
    const entries: SignedDescriptor[] = [];
    let at = 0;
    while (at < descriptors.length) {
      const { value, end } = readVarint(descriptors, at);
      const length = Number(value);
      const own = signatures.subarray(entries.length * BOTH, (entries.length + 1) * BOTH);
      if (length === 0 || length > descriptors.length - end || own.length !== BOTH)
        throw new DirectoryError('malformed', 'a page whose columns are not of its entries');
      at = end + length;
      entries.push({
        descriptor: descriptors.subarray(end, at),
        peerSignature: peerSignature.decode(own.subarray(0, PEER_SIGNATURE_BYTES)),
        payeeSignature: signature.decode(own.subarray(PEER_SIGNATURE_BYTES)),
      });
    }
    if (signatures.length !== entries.length * BOTH)
      throw new DirectoryError('malformed', 'a page with signatures of nothing');
    return entries;
  });
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
