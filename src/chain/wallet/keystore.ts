// Keystore files of version 3 (Web3 Secret Storage), in and out. A file comes from anywhere: its parameters are bounded before they are used, and
// its other fields reach nothing. The AES is the browser's own: ethers' reader brings one in JavaScript (docs/decisions/0018).

import { keccak256, scrypt } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import type { Account } from '../../core/wallet/accounts.ts';
import { fromHex, toHex } from '../../core/wallet/hex.ts';
import { parseKeystore, type Keystore, type KeystoreKdf } from '../../core/wallet/keystore.ts';
import { WalletError } from '../../core/wallet/wallet-error.ts';

/** What geth writes by default, and ethers: 128 MiB, half a second. */
const SCRYPT = { n: 2 ** 17, r: 8, p: 1 };

/** Throws `wallet-keystore-large`, `wallet-keystore-invalid`, `wallet-keystore-password`. */
export async function readKeystore(json: string, password: string): Promise<Account> {
  const file = parseKeystore(json);
  const derived = await deriveKey(password, file.kdf);
  if (mac(derived, file.ciphertext) !== file.mac) throw new WalletError('wallet-keystore-password');
  const key = toHex(await aesCtr(derived, file.iv, file.ciphertext));
  const address = addressOf(key);
  // Of another key than it says: somebody put the file together.
  if (file.address !== undefined && file.address !== address.slice(2).toLowerCase()) {
    throw new WalletError('wallet-keystore-invalid');
  }
  return { kind: 'key', key, address };
}

/** @param key 0x and 64 digits */
export async function writeKeystore(key: string, address: string, password: string): Promise<string> {
  const kdf: KeystoreKdf = { name: 'scrypt', ...SCRYPT, salt: randomBytes(32) };
  const iv = randomBytes(16);
  const derived = await deriveKey(password, kdf);
  const ciphertext = await aesCtr(derived, iv, fromHex(key.slice(2)));
  return JSON.stringify({
    ...{ version: 3, id: crypto.randomUUID(), address: address.slice(2).toLowerCase() },
    crypto: {
      ...{ cipher: 'aes-128-ctr', cipherparams: { iv: toHex(iv) }, ciphertext: toHex(ciphertext) },
      ...{ kdf: 'scrypt', kdfparams: { ...SCRYPT, dklen: 32, salt: toHex(kdf.salt) } },
      mac: mac(derived, ciphertext),
    },
  });
}

/** 32 bytes: the first half encrypts, the second half proves the password. */
async function deriveKey(password: string, kdf: KeystoreKdf): Promise<Uint8Array<ArrayBuffer>> {
  // As ethers does, so that its files open here and ours there.
  const secret = new TextEncoder().encode(password.normalize('NFKC'));
  if (kdf.name === 'scrypt') return fromHex((await scrypt(secret, kdf.salt, kdf.n, kdf.r, kdf.p, 32)).slice(2));
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const params = { name: 'PBKDF2', hash: kdf.hash, salt: kdf.salt, iterations: kdf.iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 256));
}

function mac(derived: Uint8Array, ciphertext: Keystore['ciphertext']): string {
  return keccak256(Uint8Array.of(...derived.subarray(16), ...ciphertext)).slice(2);
}

/** Encrypts and decrypts. The whole block counts (NIST SP 800-38A). */
async function aesCtr(
  derived: Uint8Array<ArrayBuffer>,
  counter: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', derived.subarray(0, 16), 'AES-CTR', false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 128 }, key, data));
}

function addressOf(key: string): string {
  try {
    return computeAddress(`0x${key}`);
  } catch {
    throw new WalletError('wallet-keystore-invalid');
  }
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
