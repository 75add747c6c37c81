// The stored form of the vault: JSON text of header, ciphertext and checksum. What is inside stays closed here: chain/wallet opens it.
// The header is the associated data of the encryption, so nobody can change the parameters and keep the content.

import { asNumber, asObject, ParseError } from '../state/parse.ts';
import { crc32 } from './crc32.ts';
import { asHex } from './hex.ts';
import { parseKdf, type Kdf } from './kdf.ts';
import { WalletError } from './wallet-error.ts';

export const VAULT_VERSION = 1;
/** NIST SP 800-38D: 96 random bits. */
export const IV_BYTES = 12;
const TAG_BYTES = 16;
/** 40 accounts have under 8 kB. */
const MAX_CONTENT_BYTES = 16_384;
const MAX_TEXT = 2 * (MAX_CONTENT_BYTES + TAG_BYTES) + 1024;

/** `iv` and `ct` (ciphertext with its tag) as hexadecimal text. */
export type Vault = { v: typeof VAULT_VERSION; kdf: Kdf; iv: string; ct: string };
export type VaultHeader = Omit<Vault, 'iv' | 'ct'>;

/** The associated data of the encryption: the header in its one spelling. */
export function headerBytes({ v, kdf }: VaultHeader): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(headerText({ v, kdf }));
}

export function encodeVault(vault: Vault): string {
  return JSON.stringify({ ...fieldsOf(vault), crc: checksum(vault) });
}

/**
 * Reads what was stored. Throws `WalletError`: `wallet-damaged` for each text that is not letter by letter what was written, `wallet-version` for
 * one of a later extension, `wallet-parameters` for a key derivation outside of its bounds.
 */
export function parseVault(text: string): Vault {
  try {
    if (text.length > MAX_TEXT) throw new ParseError('too long');
    const { crc, ...fields } = asObject(JSON.parse(text));
    const body = JSON.stringify(fields);
    // Before anything is believed: a damaged version is damage, and a whole one of a later extension is another version.
    if (crc !== crc32(body) || JSON.stringify({ ...fields, crc }) !== text) throw new ParseError('changed');
    const version = asNumber(fields['v']);
    if (version > VAULT_VERSION) throw new WalletError('wallet-version');
    const vault: Vault = {
      v: VAULT_VERSION,
      kdf: parseKdf(fields['kdf']),
      iv: asHex(fields['iv'], IV_BYTES),
      ct: asHex(fields['ct'], TAG_BYTES + 1, MAX_CONTENT_BYTES + TAG_BYTES),
    };
    if (encodeVault(vault) !== text) throw new ParseError('another form');
    return vault;
  } catch (error) {
    throw error instanceof WalletError ? error : new WalletError('wallet-damaged');
  }
}

function checksum(vault: Vault): string {
  return crc32(JSON.stringify(fieldsOf(vault)));
}

function fieldsOf({ v, kdf, iv, ct }: Vault): Vault {
  return { ...{ v, kdf: kdfFields(kdf) }, iv, ct };
}

function headerText({ v, kdf }: VaultHeader): string {
  return JSON.stringify({ v, kdf: kdfFields(kdf) });
}

/** In one order, whoever built the object. */
function kdfFields(kdf: Kdf): Kdf {
  if (kdf.name === 'pbkdf2-sha256') return { name: kdf.name, iterations: kdf.iterations, salt: kdf.salt };
  return { name: kdf.name, m: kdf.m, t: kdf.t, p: kdf.p, salt: kdf.salt };
}
