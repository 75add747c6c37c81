// Addresses, hashes and signatures as lower-case hexadecimal text with 0x: one value has one spelling, so that texts can be compared.
// Checksums of addresses (EIP-55) are for people and are not read here.

import { asText, ParseError } from '../state/parse.ts';

export type Hex = `0x${string}`;

export const ZERO_ADDRESS: Hex = `0x${'0'.repeat(40)}`;

const ADDRESS_BYTES = 20;
const HASH_BYTES = 32;
/** r, s and v. */
const SIGNATURE_BYTES = 65;

/** Throws `ParseError`. */
export function asAddress(value: unknown): Hex {
  return hexOf(value, ADDRESS_BYTES, 'not an address');
}

/** A bytes32: channel id, salt, digest. Throws `ParseError`. */
export function asHash(value: unknown): Hex {
  return hexOf(value, HASH_BYTES, 'not 32 bytes');
}

/** By length and alphabet only; `src/chain/rail/signature.ts` reads what is in it. Throws `ParseError`. */
export function asSignatureHex(value: unknown): Hex {
  return hexOf(value, SIGNATURE_BYTES, 'not a signature of 65 bytes');
}

function hexOf(value: unknown, bytes: number, fault: string): Hex {
  const text = asText(value);
  // The length first: a text of any size came from outside.
  if (text.length !== 2 + 2 * bytes || !/^0x[0-9a-fA-F]*$/.test(text)) throw new ParseError(fault);
  return text.toLowerCase() as Hex;
}
