// How a password becomes the vault's key: the parameters of today, the bounds in which others are read, and which are weaker.
// A stored record names its own parameters, so the bounds must neither let it weaken the vault nor hang the worker.

import { asNumber, asObject, asOneOf } from '../state/parse.ts';
import { asHex } from './hex.ts';
import { WalletError } from './wallet-error.ts';

/** `m` in KiB, `t` passes, `p` lanes (RFC 9106); `salt` 16 bytes as hexadecimal text. */
export type Argon2Kdf = { name: 'argon2id'; m: number; t: number; p: number; salt: string };
export type Pbkdf2Kdf = { name: 'pbkdf2-sha256'; iterations: number; salt: string };
export type Kdf = Argon2Kdf | Pbkdf2Kdf;

export const SALT_BYTES = 16;
/** AES-256. */
export const VAULT_KEY_BYTES = 32;

/** 0.2-0.3 s and three times what OWASP asks for (Password Storage Cheat Sheet: 19 MiB, t=2, p=1). */
const ARGON2_TODAY = { m: 65_536, t: 3, p: 1 };
/** One and a half times what OWASP asks for (600,000). */
const PBKDF2_TODAY = 900_000;

/** Below: weaker than OWASP asks for. Above: more than 256 MiB, or several seconds in the worker. */
const ARGON2_BOUNDS = { m: [19_456, 262_144], t: [2, 8], p: [1, 4] } as const;
const PBKDF2_BOUNDS = [600_000, 5_000_000] as const;

/** The parameters for a new vault. @param salt random, 16 bytes */
export function todaysKdf(salt: string, canUseWasm: boolean): Kdf {
  return canUseWasm
    ? { name: 'argon2id', ...ARGON2_TODAY, salt }
    : { name: 'pbkdf2-sha256', iterations: PBKDF2_TODAY, salt };
}

/** Whether the vault should be wrapped again at the next unlock. PBKDF2 counts as weaker wherever Argon2id can be had. */
export function isWeakerThanToday(kdf: Kdf, canUseWasm: boolean): boolean {
  if (kdf.name === 'pbkdf2-sha256') return canUseWasm || kdf.iterations < PBKDF2_TODAY;
  return canUseWasm && (kdf.m < ARGON2_TODAY.m || kdf.m * kdf.t < ARGON2_TODAY.m * ARGON2_TODAY.t);
}

/** Throws `ParseError`, or `WalletError('wallet-parameters')` where they are outside of the bounds. */
export function parseKdf(value: unknown): Kdf {
  const fields = asObject(value);
  const name = asOneOf(fields['name'], ['argon2id', 'pbkdf2-sha256']);
  const salt = asHex(fields['salt'], SALT_BYTES);
  if (name === 'pbkdf2-sha256') return { name, iterations: within(fields['iterations'], PBKDF2_BOUNDS), salt };
  const { m, t, p } = ARGON2_BOUNDS;
  return { name, m: within(fields['m'], m), t: within(fields['t'], t), p: within(fields['p'], p), salt };
}

function within(value: unknown, [least, most]: readonly [number, number]): number {
  const number = asNumber(value);
  if (!Number.isSafeInteger(number) || number < least || number > most) throw new WalletError('wallet-parameters');
  return number;
}
