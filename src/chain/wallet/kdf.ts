// Makes the vault's key of a password: Argon2id by WebAssembly, or PBKDF2 where that is barred. Which of them is said by the parameters;
// there is no way back from one to the other.

import { argon2id } from 'hash-wasm';
import { VAULT_KEY_BYTES, type Kdf } from '../../core/wallet/kdf.ts';
import { fromHex } from '../../core/wallet/hex.ts';
import { normalisePassword } from '../../core/wallet/password.ts';
import { WalletError } from '../../core/wallet/wallet-error.ts';

/** Magic and version: the smallest module there is (WebAssembly core specification §5.5.16). */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** A content security policy without 'wasm-unsafe-eval', and some hardened browsers, refuse to compile any module. */
export function canUseWasm(): boolean {
  try {
    return new WebAssembly.Module(EMPTY_MODULE) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

/** 32 bytes. Throws `wallet-no-wasm`. */
export async function deriveVaultKey(
  password: string,
  kdf: Kdf,
  wasm = canUseWasm(),
): Promise<Uint8Array<ArrayBuffer>> {
  const secret = new TextEncoder().encode(normalisePassword(password));
  const salt = fromHex(kdf.salt);
  try {
    if (kdf.name === 'pbkdf2-sha256') {
      const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
      const params = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: kdf.iterations };
      return new Uint8Array(await crypto.subtle.deriveBits(params, key, VAULT_KEY_BYTES * 8));
    }
    if (!wasm) throw new WalletError('wallet-no-wasm');
    const { m: memorySize, t: iterations, p: parallelism } = kdf;
    const cost = { memorySize, iterations, parallelism };
    const bytes = await argon2id({
      password: secret,
      salt,
      ...cost,
      hashLength: VAULT_KEY_BYTES,
      outputType: 'binary',
    });
    return new Uint8Array(bytes);
  } finally {
    secret.fill(0);
  }
}
