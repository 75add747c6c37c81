// A page of the directory, as it is compressed: the descriptors one after another, and their signatures apart. Signatures cannot be made shorter, and among
// the rest they are in the way of what can: 10,000 random relays are 3 % less so than entry by entry.

import { concatBytes } from '../wire/concat.ts';
import { peerSignature, signature } from '../wire/kinds.ts';
import { encodeVarint, readVarint } from '../wire/protobuf.ts';
import { asDirectoryError } from './descriptor.ts';
import { DirectoryError } from './directory-error.ts';
import type { SignedDescriptor } from './open-descriptor.ts';

/** Both columns together before they are compressed, so that a page fits into a frame (src/core/wire/frames.ts) whatever is in it: about 190 relays. */
export const MAX_PAGE_BYTES = 60 * 1024;

const PEER_SIGNATURE_BYTES = 64;
const PAYEE_SIGNATURE_BYTES = 65;
const BOTH = PEER_SIGNATURE_BYTES + PAYEE_SIGNATURE_BYTES;

export type PageColumns = {
  /** Each with its length before it, as a varint. To be compressed. */
  descriptors: Uint8Array;
  /** The peer's and the payee's of each, in the same order: 129 bytes. */
  signatures: Uint8Array;
};

/** As many of them as a page holds, from the first on. */
export function fillPage<T extends { signed: SignedDescriptor }>(entries: readonly T[]): T[] {
  let left = MAX_PAGE_BYTES;
  const end = entries.findIndex(({ signed }) => {
    left -= lengthPrefix(signed).length + signed.descriptor.length + BOTH;
    return left < 0;
  });
  return end < 0 ? [...entries] : entries.slice(0, end);
}

/** Throws `DirectoryError` too-large for more than `fillPage` gives. */
export function joinEntries(entries: readonly SignedDescriptor[]): PageColumns {
  const columns = {
    descriptors: concatBytes(entries.flatMap((entry) => [lengthPrefix(entry), entry.descriptor])),
    signatures: concatBytes(
      entries.flatMap((entry) => [peerSignature.encode(entry.peerSignature), signature.encode(entry.payeeSignature)]),
    ),
  };
  checkLength(columns);
  return columns;
}

/** Throws `DirectoryError` too-large, malformed. None of the entries is opened by that. */
export function splitEntries({ descriptors, signatures }: PageColumns): SignedDescriptor[] {
  checkLength({ descriptors, signatures });
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

function checkLength({ descriptors, signatures }: PageColumns): void {
  if (descriptors.length + signatures.length > MAX_PAGE_BYTES)
    throw new DirectoryError('too-large', 'a page is too long');
}

function lengthPrefix({ descriptor }: SignedDescriptor): Uint8Array {
  return Uint8Array.from(encodeVarint(BigInt(descriptor.length)));
}
