// The keyring of src/ports/keyring.ts: joins key derivation, encryption, words and keystore files. Keeps nothing.
// Loaded when the wallet is first used: with ethers behind it, it is a quarter of the worker (background/main.ts).

import { computeAddress } from 'ethers/transaction';
import { fundingPath, sessionPath, type Account, type VaultContent } from '../../core/wallet/accounts.ts';
import { fromHex, toHex } from '../../core/wallet/hex.ts';
import { isWeakerThanToday, SALT_BYTES, todaysKdf } from '../../core/wallet/kdf.ts';
import { WalletError } from '../../core/wallet/wallet-error.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { deriveForSession, deriveFromWords, entropyOfWords, newEntropy, wordsOfEntropy } from './hd.ts';
import { canUseWasm, deriveVaultKey } from './kdf.ts';
import { readKeystore, writeKeystore } from './keystore.ts';
import { openVault, sealVault } from './seal.ts';

export type KeyringInit = { canUseWasm: () => boolean };

export function createKeyring(init: KeyringInit = { canUseWasm }): Keyring {
  return {
    newKdf: () => todaysKdf(toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES))), init.canUseWasm()),
    isWeak: (kdf) => isWeakerThanToday(kdf, init.canUseWasm()),
    deriveKey: async (password, kdf) => toHex(await deriveVaultKey(password, kdf, init.canUseWasm())),
    seal: sealVault,
    open: openVault,

    create: () => contentOf(newEntropy(), false),
    // Whoever types the words has them.
    fromWords: async (words) => contentOf(entropyOfWords(words), true),
    fromKey,
    fromKeystore: readKeystore,

    words: ({ entropy }) => {
      if (entropy === undefined) throw new WalletError('wallet-no-words');
      return wordsOfEntropy(entropy);
    },
    derive: ({ entropy }, index) => deriveAccount(entropy, index),
    privateKey,
    sessionKey: async (content, index) => fromHex((await deriveForSession(content, sessionPath(index))).slice(2)),
    toKeystore: async (content, account, password) =>
      writeKeystore(await privateKey(content, account), account.address, password),
  };
}

async function contentOf(entropy: string, isConfirmed: boolean): Promise<VaultContent> {
  return { entropy, isConfirmed, accounts: [await deriveAccount(entropy, 0)] };
}

async function deriveAccount(entropy: string | undefined, index: number): Promise<Account> {
  if (entropy === undefined) throw new WalletError('wallet-no-words');
  const { address } = await deriveFromWords(entropy, fundingPath(index));
  return { kind: 'derived', index, address };
}

async function privateKey({ entropy }: VaultContent, account: Account): Promise<string> {
  if (account.kind === 'key') return `0x${account.key}`;
  if (entropy === undefined) throw new WalletError('wallet-no-words');
  return (await deriveFromWords(entropy, fundingPath(account.index))).key;
}

function fromKey(text: string): Account {
  const key = text.trim().toLowerCase().replace(/^0x/, '');
  if (!/^[0-9a-f]{64}$/.test(key)) throw new WalletError('wallet-key-invalid');
  try {
    return { kind: 'key', key, address: computeAddress(`0x${key}`) };
  } catch {
    // Zero, or not below the order of the curve. No error of a library goes further.
    throw new WalletError('wallet-key-invalid');
  }
}
