// The rule for passwords, and a hint of how strong one is. The hint decides nothing: it is shown while one types, and never leaves the popup.

import { text, type Text } from '../text/text.ts';
import { WalletError } from './wallet-error.ts';

export const PASSWORD_CHARACTERS = 10;
/** Longer ones add nothing, and would only be a way to keep the worker busy. */
export const MAX_PASSWORD_CHARACTERS = 256;

export type Strength = { level: 'refused' | 'weak' | 'fair' | 'strong'; said: Text };

/** The same password from every keyboard and system (RFC 8265 §4.2, without its limits on letters). */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** For a new password. Throws `wallet-password-short`, `wallet-password-long`. */
export function assertGoodPassword(password: string): void {
  const { length } = Array.from(normalisePassword(password));
  if (length < PASSWORD_CHARACTERS) throw new WalletError('wallet-password-short');
  if (length > MAX_PASSWORD_CHARACTERS) throw new WalletError('wallet-password-long');
}

/** Beginnings of what people choose first; each is worth no more than a letter. */
const COMMON = [
  'password',
  'passwort',
  'qwertyuiop',
  'qwerty',
  'letmein',
  'iloveyou',
  'welcome',
  'bitcoin',
  'ethereum',
];
/** Bits from which a guess is out of reach for a thief of the vault: 2^60 tries at ten a second on each of a million cores are 3,600 years. */
const STRONG_BITS = 60;
const FAIR_BITS = 42;

/** A rough estimate in bits: repeats, runs (`abcd`, `4321`) and common words count as one character. */
export function passwordBits(password: string): number {
  let plain = normalisePassword(password);
  for (const word of COMMON) plain = plain.replaceAll(new RegExp(word, 'gi'), '~');
  const characters = Array.from(plain).map((character) => character.codePointAt(0) ?? 0);
  const alphabet = (
    [
      [/[a-z]/, 26],
      [/[A-Z]/, 26],
      [/[0-9]/, 10],
      [/[^a-zA-Z0-9]/, 33],
    ] as const
  ).reduce((sum, [kind, size]) => sum + (kind.test(plain) ? size : 0), 0);
  const fresh = characters.filter((code, at) => {
    const step = code - (characters[at - 1] ?? NaN);
    const before = (characters[at - 1] ?? NaN) - (characters[at - 2] ?? NaN);
    return !(step === 0 || (Math.abs(step) === 1 && step === before));
  });
  // A character that was there before is easier than one that was not.
  const worth = Math.min(fresh.length, new Set(fresh).size * 2);
  return worth * Math.log2(Math.max(alphabet, 2));
}

export function passwordStrength(password: string): Strength {
  const { length } = Array.from(normalisePassword(password));
  if (length < PASSWORD_CHARACTERS) {
    return { level: 'refused', said: text('wallet_password_more', { count: PASSWORD_CHARACTERS - length }) };
  }
  const bits = passwordBits(password);
  if (bits < FAIR_BITS) return { level: 'weak', said: text('wallet_password_weak') };
  if (bits < STRONG_BITS) return { level: 'fair', said: text('wallet_password_fair') };
  return { level: 'strong', said: text('wallet_password_strong') };
}
