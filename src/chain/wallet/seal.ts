// Encrypts and opens the vault: AES-256-GCM, a fresh initialisation vector each time, and the header as associated data.

import { encodeContent, parseContent, type VaultContent } from '../../core/wallet/accounts.ts';
import { fromHex, toHex } from '../../core/wallet/hex.ts';
import type { Kdf } from '../../core/wallet/kdf.ts';
import { headerBytes, IV_BYTES, VAULT_VERSION, type Vault } from '../../core/wallet/vault.ts';
import { WalletError } from '../../core/wallet/wallet-error.ts';

/** @param key 32 bytes as hexadecimal text */
export async function sealVault(content: VaultContent, key: string, kdf: Kdf): Promise<Vault> {
  const header = { v: VAULT_VERSION, kdf } as const;
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plain = encodeContent(content);
  try {
    const params = { name: 'AES-GCM', iv, additionalData: headerBytes(header) };
    const ct = new Uint8Array(await crypto.subtle.encrypt(params, await aesKey(key, 'encrypt'), plain));
    return { ...header, iv: toHex(iv), ct: toHex(ct) };
  } finally {
    plain.fill(0);
  }
}

/**
 * Throws `wallet-password-wrong` where the encryption does not open: the checksum of the record was right, so the key was not, or somebody
 * changed the record on purpose. `wallet-damaged` where the content is not one.
 */
export async function openVault(vault: Vault, key: string): Promise<VaultContent> {
  const params = { name: 'AES-GCM', iv: fromHex(vault.iv), additionalData: headerBytes(vault) };
  let plain: Uint8Array;
  try {
    plain = new Uint8Array(await crypto.subtle.decrypt(params, await aesKey(key, 'decrypt'), fromHex(vault.ct)));
  } catch {
    throw new WalletError('wallet-password-wrong');
  }
  try {
    return parseContent(plain);
  } catch {
    throw new WalletError('wallet-damaged');
  } finally {
    plain.fill(0);
  }
}

function aesKey(key: string, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', fromHex(key), 'AES-GCM', false, [usage]);
}
