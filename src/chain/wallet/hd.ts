// Words and the keys that follow from them: BIP-39 by ethers, BIP-32 beside. The slow step of BIP-39, 2,048 rounds of PBKDF2, is the
// browser's own: in JavaScript it would hold up the worker for a tenth of a second.

import { computeAddress } from 'ethers/transaction';
import { Mnemonic } from 'ethers/wallet';
import type { VaultContent } from '../../core/wallet/accounts.ts';
import { fromHex, toHex } from '../../core/wallet/hex.ts';
import { WalletError } from '../../core/wallet/wallet-error.ts';
import { derivePath, hmacSha512 } from './bip32.ts';

/** 12 words. */
const ENTROPY_BYTES = 16;
/** 24 words of at most 8 letters, and some blanks too many. */
const MAX_PHRASE_CHARACTERS = 512;
/** Sets the keys of sessions apart where there are no words to derive them from. */
const SESSION_LABEL = new TextEncoder().encode('conet/session-root/1');

export function newEntropy(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(ENTROPY_BYTES)));
}

/** Throws `wallet-words-invalid`: an unknown word, another number of words, or a wrong checksum. */
export function entropyOfWords(words: string): string {
  const phrase = words.trim().toLowerCase().split(/\s+/).join(' ');
  if (phrase.length > MAX_PHRASE_CHARACTERS) throw new WalletError('wallet-words-invalid');
  try {
    return Mnemonic.fromPhrase(phrase).entropy.slice(2);
  } catch {
    // No error of a library goes further: it may quote what it was given.
    throw new WalletError('wallet-words-invalid');
  }
}

export function wordsOfEntropy(entropy: string): string[] {
  return Mnemonic.entropyToPhrase(`0x${entropy}`).split(' ');
}

/** The private key at a path, 0x and 64 digits, and its address. @param entropy as hexadecimal text */
export async function deriveFromWords(entropy: string, path: string): Promise<{ key: string; address: string }> {
  const key = await derivePath(await seedOf(entropy), path);
  return { key, address: computeAddress(key) };
}

/**
 * The key of a session signer. The first account of a wallet decides where they come from, and stays the first: so the same wallet finds its
 * channels again, whatever was brought in later. One that began with a key takes that for a root.
 */
export async function deriveForSession({ entropy, accounts }: VaultContent, path: string): Promise<string> {
  const [first] = accounts;
  if (first?.kind === 'key') {
    return derivePath(await hmacSha512(SESSION_LABEL, fromHex(first.key)), path);
  }
  if (entropy === undefined) throw new WalletError('wallet-no-words');
  return (await deriveFromWords(entropy, path)).key;
}

/** BIP-39, "From mnemonic to seed", without passphrase. English words are ASCII, so they need no normalising. */
async function seedOf(entropy: string): Promise<Uint8Array<ArrayBuffer>> {
  const phrase = new TextEncoder().encode(wordsOfEntropy(entropy).join(' '));
  const key = await crypto.subtle.importKey('raw', phrase, 'PBKDF2', false, ['deriveBits']);
  const params = { name: 'PBKDF2', hash: 'SHA-512', salt: new TextEncoder().encode('mnemonic'), iterations: 2048 };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 512));
}
