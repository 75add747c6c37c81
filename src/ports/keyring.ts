// Everything that is done with words, keys and the vault's encryption: stateless, it keeps nothing between two calls.
// What it is given and gives back is secret, but accounts' addresses; nothing of it may get into an error, a log or a message.

import type { Account, VaultContent } from '../core/wallet/accounts.ts';
import type { Kdf } from '../core/wallet/kdf.ts';
import type { Sealed } from '../core/wallet/session-keys.ts';
import type { Vault } from '../core/wallet/vault.ts';

export interface Keyring {
  /** Parameters for a new vault, with fresh salt. */
  newKdf(): Kdf;
  /** Whether a vault of these should be wrapped again. */
  isWeak(kdf: Kdf): boolean;
  /** The vault's key as hexadecimal text; 0.2-0.3 s. Throws `wallet-no-wasm`. */
  deriveKey(password: string, kdf: Kdf): Promise<string>;
  seal(content: VaultContent, key: string, kdf: Kdf): Promise<Vault>;
  /** Throws `wallet-password-wrong` where the key is not the vault's, or anything of the vault was changed. */
  open(vault: Vault, key: string): Promise<VaultContent>;

  /** A new wallet of 12 words by chance. */
  create(): Promise<VaultContent>;
  /** BIP-39, 12 to 24 English words. Throws `wallet-words-invalid`. */
  fromWords(words: string): Promise<VaultContent>;
  /** A private key as 64 hexadecimal digits, with or without 0x. Throws `wallet-key-invalid`. */
  fromKey(key: string): Account;
  /** A keystore file of version 3. Throws `wallet-keystore-invalid`, `-large`, `-password`. */
  fromKeystore(json: string, password: string): Promise<Account>;

  /** Throws `wallet-no-words`. */
  words(content: VaultContent): string[];
  /** The account of that number of the words. Throws `wallet-no-words`. */
  derive(content: VaultContent, index: number): Promise<Account>;
  /** The private key of an account, 0x and 64 digits. To be used and dropped. */
  privateKey(content: VaultContent, account: Account): Promise<string>;
  /** The private key of a session signer, 32 bytes; the same for the same wallet and number wherever it is asked. */
  sessionKey(content: VaultContent, index: number): Promise<Uint8Array<ArrayBuffer>>;
  /** A keystore file of version 3 of one account. */
  toKeystore(content: VaultContent, account: Account, password: string): Promise<string>;
}

/** Encryption under a key of this device that nobody can read, not even the extension. */
export interface DeviceSeal {
  /** @param context what the bytes are; they open under the same only */
  seal(bytes: Uint8Array<ArrayBuffer>, context: string): Promise<Sealed>;
  /** Undefined: sealed under another key or context, or changed. */
  open(sealed: Sealed, context: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The key is gone, and nothing sealed under it opens any more. */
  forget(): Promise<void>;
}
