// Words, a key or a keystore file, as a wallet of its own or as another account of the one that there is. Stores nothing.

import { nextIndex, withAccount, type VaultContent } from '../../src/core/wallet/accounts.ts';
import { WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { ImportSource } from '../../src/core/wallet/wallet-status.ts';
import type { Keyring } from '../../src/ports/keyring.ts';

/**
 * @param into the wallet that there is; undefined: a new one. Throws what the keyring throws, `wallet-account-known`, `wallet-accounts-full`, and
 * `wallet-exists` for words where there are words: a wallet has one set.
 */
export async function bringIn(
  keys: Keyring,
  source: ImportSource,
  into: VaultContent | undefined,
): Promise<VaultContent> {
  if (source.kind === 'words') {
    const content = await keys.fromWords(source.words);
    if (into === undefined) return content;
    if (into.entropy !== undefined) throw new WalletError('wallet-exists');
    const joined: VaultContent = { ...into, entropy: content.entropy };
    return withAccount(joined, await keys.derive(joined, nextIndex(joined)));
  }
  const account =
    source.kind === 'key' ? keys.fromKey(source.key) : await keys.fromKeystore(source.json, source.password);
  // There are no words to be written down.
  if (into === undefined) return { entropy: undefined, isConfirmed: true, accounts: [account] };
  return withAccount(into, account);
}
