// The only way from a password to what the vault holds. Each try is counted on disk before it is made, and a wrong one makes the next one wait.

import { attemptsCell } from '../../src/core/state/cells.ts';
import type { VaultContent } from '../../src/core/wallet/accounts.ts';
import { NO_ATTEMPTS, noteTry, tryAgainAt, type Attempts } from '../../src/core/wallet/attempts.ts';
import type { Vault } from '../../src/core/wallet/vault.ts';
import { isWalletError, WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Clock } from '../../src/ports/host.ts';
import type { Keyring } from '../../src/ports/keyring.ts';
import type { VaultStore } from './vault-store.ts';

/** `key`: of the vault, hexadecimal text. */
export type Opened = { vault: Vault; key: string; content: VaultContent; fromBackup: boolean };

export type PasswordGate = {
  /** Throws `wallet-none`, `wallet-too-soon`, `wallet-password-wrong`, and what the vault's store and keyring throw. Must not run twice at once. */
  open: (password: string) => Promise<Opened>;
  /** When the next try is allowed, ms since the epoch; undefined: now. */
  tryAgainAt: () => Promise<number | undefined>;
};

export type PasswordGateDeps = { cells: Cells; clock: Clock; store: VaultStore; keyring: () => Promise<Keyring> };

export function createPasswordGate({ cells, clock, store, keyring }: PasswordGateDeps): PasswordGate {
  return {
    tryAgainAt: async () => tryAgainAt(await cells.read(attemptsCell), clock.now()),
    open: async (password) => {
      const stored = await store.read();
      if (stored === undefined) throw new WalletError('wallet-none');
      const keys = await keyring();
      let before: Attempts = NO_ATTEMPTS;
      await cells.update(attemptsCell, (attempts) => {
        if (tryAgainAt(attempts, clock.now()) !== undefined) throw new WalletError('wallet-too-soon');
        before = attempts;
        return noteTry(attempts, clock.now());
      });
      try {
        const key = await keys.deriveKey(password, stored.vault.kdf);
        const content = await keys.open(stored.vault, key);
        await cells.update(attemptsCell, () => NO_ATTEMPTS);
        return { ...stored, key, content };
      } catch (error) {
        // What says nothing about the password takes no try.
        if (!isWalletError(error, 'wallet-password-wrong')) await cells.update(attemptsCell, () => before);
        throw error;
      }
    },
  };
}
