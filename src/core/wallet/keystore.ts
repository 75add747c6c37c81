// Reads a keystore file of version 3 (Web3 Secret Storage) into what is needed to open it. Its parameters come from a stranger: bounds keep
// them from hanging the worker or filling its memory.

import { asNumber, asObject, asOneOf, asText, ParseError } from '../state/parse.ts';
import { asHex, fromHex } from './hex.ts';
import { WalletError } from './wallet-error.ts';
import { MAX_KEYSTORE_CHARACTERS } from './wallet-status.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export type KeystoreKdf =
  | { name: 'scrypt'; n: number; r: number; p: number; salt: Bytes }
  | { name: 'pbkdf2'; hash: 'SHA-256' | 'SHA-512'; iterations: number; salt: Bytes };

/** `mac`: 64 lower-case digits. `address`: 40 of them, where the file says whose key it is. */
export type Keystore = { kdf: KeystoreKdf; iv: Bytes; ciphertext: Bytes; mac: string; address: string | undefined };

/** scrypt takes 128·n·r bytes and n·r·p steps. geth's standard is 2^18·8·1: so much memory, and eight times the steps, at the most. */
const MAX_SCRYPT_MEMORY = 256 * 1024 * 1024;
const MAX_SCRYPT_STEPS = 8 * 2 ** 18 * 8;
const MAX_PBKDF2_ITERATIONS = 5_000_000;

/** Throws `wallet-keystore-large`, `wallet-keystore-invalid`. */
export function parseKeystore(json: string): Keystore {
  if (json.length > MAX_KEYSTORE_CHARACTERS) throw new WalletError('wallet-keystore-large');
  try {
    const file = asObject(JSON.parse(json));
    if (asNumber(file['version']) !== 3) throw new ParseError('of another version');
    // Both spellings are about.
    const crypto = asObject(file['crypto'] ?? file['Crypto']);
    asOneOf(crypto['cipher'], ['aes-128-ctr']);
    return {
      kdf: parseKdf(crypto),
      iv: fromHex(digits(asObject(crypto['cipherparams'])['iv'], 16)),
      ciphertext: fromHex(digits(crypto['ciphertext'], 32)),
      mac: digits(crypto['mac'], 32),
      address: file['address'] === undefined ? undefined : digits(file['address'], 20),
    };
  } catch {
    throw new WalletError('wallet-keystore-invalid');
  }
}

function parseKdf({ kdf, kdfparams }: Record<string, unknown>): KeystoreKdf {
  const fields = asObject(kdfparams);
  if (fields['dklen'] !== 32) throw new ParseError('of another length');
  const salt = fromHex(digits(fields['salt'], 1, 64));
  if (asOneOf(kdf, ['scrypt', 'pbkdf2']) === 'pbkdf2') {
    const prf = asOneOf(fields['prf'], ['hmac-sha256', 'hmac-sha512']);
    const iterations = asCount(fields['c'], MAX_PBKDF2_ITERATIONS);
    return { name: 'pbkdf2', hash: prf === 'hmac-sha256' ? 'SHA-256' : 'SHA-512', iterations, salt };
  }
  const n = asCount(fields['n'], 2 ** 22);
  const r = asCount(fields['r'], 64);
  const p = asCount(fields['p'], 16);
  if (!Number.isInteger(Math.log2(n)) || n < 2) throw new ParseError('not a power of two');
  if (128 * n * r > MAX_SCRYPT_MEMORY || n * r * p > MAX_SCRYPT_STEPS) throw new ParseError('too costly');
  return { name: 'scrypt', n, r, p, salt };
}

function asCount(value: unknown, most: number): number {
  const count = asNumber(value);
  if (!Number.isSafeInteger(count) || count < 1 || count > most) throw new ParseError('not a count');
  return count;
}

/** Files are written with and without 0x, and in either case. */
function digits(value: unknown, least: number, most = least): string {
  return asHex(asText(value).toLowerCase().replace(/^0x/, ''), least, most);
}
