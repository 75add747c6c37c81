// The stored form of session keys: each sealed under a key of this device that nobody can read, so that paying survives a locked wallet
// and a restart. A session key signs vouchers of one channel, which pay one relay: that is what a thief of the profile could spend.

import { asObject, ParseError } from '../state/parse.ts';
import { asHex } from './hex.ts';

/** AES-256-GCM, as hexadecimal text. */
export type Sealed = { iv: string; ct: string };

/** By number of the session signer. */
export type SessionKeys = Readonly<Record<string, Sealed>>;

export const NO_SESSION_KEYS: SessionKeys = {};
/** A channel has one; more than this at once are not open. */
export const MAX_SESSION_KEYS = 256;

/** The associated data: a sealed key cannot be put in the place of another. */
export function sealContext(index: number): string {
  return `conet/session-key/1/${index}`;
}

/** @param bytes of what was sealed. Throws `ParseError`. */
export function parseSealed(value: unknown, bytes: number): Sealed {
  const fields = asObject(value);
  // AES-GCM: what was sealed and the tag of its encryption.
  return { iv: asHex(fields['iv'], 12), ct: asHex(fields['ct'], bytes + 16) };
}

/** Throws `ParseError`. */
export function parseSessionKeys(value: unknown): SessionKeys {
  const entries = Object.entries(asObject(value));
  if (entries.length > MAX_SESSION_KEYS) throw new ParseError('too many');
  return Object.fromEntries(
    entries.map(([index, sealed]): [string, Sealed] => {
      if (!/^(0|[1-9]\d{0,9})$/.test(index)) throw new ParseError('not an index');
      return [index, parseSealed(sealed, 32)];
    }),
  );
}
