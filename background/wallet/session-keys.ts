// Session keys: sealed under the key of this device when they are first made, and read from there with the wallet locked.
// One that was sealed on another device, or is damaged, is derived again as soon as the wallet is open.

import { sessionKeysCell } from '../../src/core/state/cells.ts';
import { MAX_SESSION_KEYS, sealContext } from '../../src/core/wallet/session-keys.ts';
import { WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { DeviceSeal } from '../../src/ports/keyring.ts';

export type SessionKeysDeps = {
  cells: Cells;
  seal: DeviceSeal;
  /** Throws `wallet-locked`. */
  derive: (index: number) => Promise<Uint8Array<ArrayBuffer>>;
};

export function createSessionKeys({ cells, seal, derive }: SessionKeysDeps): {
  read: (index: number) => Promise<Uint8Array<ArrayBuffer>>;
} {
  return {
    read: async (index) => {
      const sealed = (await cells.read(sessionKeysCell))[index];
      const known = sealed === undefined ? undefined : await seal.open(sealed, sealContext(index));
      if (known !== undefined) return known;
      const key = await derive(index);
      const fresh = await seal.seal(key, sealContext(index));
      await cells.update(sessionKeysCell, (all) => {
        if (all[index] === undefined && Object.keys(all).length >= MAX_SESSION_KEYS) {
          throw new WalletError('wallet-accounts-full');
        }
        return { ...all, [index]: fresh };
      });
      return key;
    },
  };
}
