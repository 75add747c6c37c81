// The vault in its two cells. The copy serves only a damaged vault: never one that a password does not open, or the password of before a change
// would open it again. A damaged cell is not written over until the other one has been opened.

import { vaultBackupCell, vaultCell } from '../../src/core/state/cells.ts';
import { encodeVault, parseVault, type Vault } from '../../src/core/wallet/vault.ts';
import { isWalletError, WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { Cells } from '../../src/ports/cells.ts';

export type StoredVault = { vault: Vault; fromBackup: boolean };

export type VaultStore = {
  /** Undefined: there is no wallet. Throws `wallet-damaged`, `wallet-version`, `wallet-parameters` where neither cell can be used. */
  read: () => Promise<StoredVault | undefined>;
  /** The first cell, then the copy: at each moment one of them is whole. */
  write: (vault: Vault) => Promise<void>;
};

export function createVaultStore(cells: Cells): VaultStore {
  return {
    read: async () => {
      const first = readText(await cells.read(vaultCell));
      if (isSound(first)) return { vault: first, fromBackup: false };
      // A later extension wrote it and means it.
      if (first?.code === 'wallet-version') throw first;
      const backup = readText(await cells.read(vaultBackupCell));
      if (isSound(backup)) return { vault: backup, fromBackup: true };
      const error = first ?? backup;
      if (error !== undefined) throw error;
      return undefined;
    },
    write: async (vault) => {
      const text = encodeVault(vault);
      await cells.update(vaultCell, () => text);
      await cells.update(vaultBackupCell, () => text);
    },
  };
}

function readText(text: string | undefined): Vault | WalletError | undefined {
  if (text === undefined) return undefined;
  try {
    return parseVault(text);
  } catch (error) {
    return isWalletError(error) ? error : new WalletError('wallet-damaged');
  }
}

function isSound(read: Vault | WalletError | undefined): read is Vault {
  return read !== undefined && !isWalletError(read);
}
