// The wallet of the worker: what each intention of the person does to vault and memory. While it is open, memory holds the vault's key; words and
// keys are decrypted for one use and dropped. Everything runs one after another.

import { openWalletCell, sessionKeysCell, settingsCell } from '../../src/core/state/cells.ts';
import {
  accountOf,
  MAX_ACCOUNTS,
  nextIndex,
  payingOf,
  viewOf,
  withAccount,
  withPaying,
  type VaultContent,
} from '../../src/core/wallet/accounts.ts';
import { locksAt, stillOpen, type OpenWallet } from '../../src/core/wallet/open-wallet.ts';
import { lockAfterMs } from '../../src/core/state/settings.ts';
import { assertGoodPassword } from '../../src/core/wallet/password.ts';
import { assertPurpose, type Purpose } from '../../src/core/wallet/purposes.ts';
import { MAX_SESSION_KEYS, NO_SESSION_KEYS } from '../../src/core/wallet/session-keys.ts';
import type { Vault } from '../../src/core/wallet/vault.ts';
import { isWalletError, WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { Exported, ImportSource, WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import { assertWords, chooseWords } from '../../src/core/wallet/word-check.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Chance, Clock, Nudges } from '../../src/ports/host.ts';
import type { DeviceSeal, Keyring } from '../../src/ports/keyring.ts';
import { createQueue } from '../queue.ts';
import { bringIn } from './bring-in.ts';
import { createPasswordGate, type Opened } from './password-gate.ts';
import { createSessionKeys } from './session-keys.ts';
import { createVaultStore } from './vault-store.ts';

export type Wallet = {
  status: () => Promise<WalletStatus>;
  /** The words of the new wallet. */
  create: (password: string) => Promise<string[]>;
  confirm: (answers: readonly string[]) => Promise<void>;
  bringIn: (source: ImportSource, password: string, replace: boolean) => Promise<void>;
  unlock: (password: string) => Promise<void>;
  lock: () => Promise<void>;
  lockIfIdle: () => Promise<void>;
  export: (password: string, account: string | null) => Promise<Exported>;
  changePassword: (from: string, to: string) => Promise<void>;
  addAccount: () => Promise<void>;
  /** The addresses of the next accounts of the words, as many as there may be; none where there are no words. Throws `wallet-locked`. */
  nextAddresses: (count: number) => Promise<string[]>;
  /** Shows each session key in its order, until `see` returns false or there are no more; none of them is stored. Throws `wallet-locked`. */
  eachSessionKey: (see: (key: Uint8Array, index: number) => boolean) => Promise<void>;
  /** New deposits are paid from it. Throws `wallet-locked`, `wallet-account-unknown`. */
  setPaying: (account: string) => Promise<void>;
  /**
   * Lends an account's private key (0x and 64 digits) for one signature. Throws `wallet-locked`, `wallet-purpose`, `wallet-account-unknown`.
   * @param use must neither keep the key nor put it into what it returns
   */
  useKey: <T>(purpose: Purpose, account: string, use: (key: string) => T | Promise<T>) => Promise<T>;
  /** The private key of a session signer, 32 bytes. Open or locked; throws `wallet-locked` where it was never made on this device. */
  sessionKey: (index: number) => Promise<Uint8Array<ArrayBuffer>>;
};

export type WalletDeps = {
  cells: Cells;
  clock: Clock;
  chance: Chance;
  nudges: Nudges;
  keyring: () => Promise<Keyring>;
  seal: DeviceSeal;
};

export function createWallet({ cells, clock, chance, nudges, keyring, seal }: WalletDeps): Wallet {
  const store = createVaultStore(cells);
  const gate = createPasswordGate({ cells, clock, store, keyring });
  const alone = createQueue(Promise.resolve());

  const idleMs = async (): Promise<number> => lockAfterMs(await cells.read(settingsCell));

  const readOpen = async (): Promise<OpenWallet | undefined> =>
    stillOpen(await cells.read(openWalletCell), clock.now(), await idleMs());

  const lockLater = async (wallet: OpenWallet): Promise<void> => {
    const at = locksAt(wallet, await idleMs());
    if (at === undefined) nudges.cancel('lock-wallet');
    else nudges.at('lock-wallet', at);
  };

  const remember = async (wallet: OpenWallet): Promise<void> => {
    await cells.update(openWalletCell, () => wallet);
    await lockLater(wallet);
  };

  const openWith = async (key: string, content: VaultContent, wasRestored: boolean): Promise<void> => {
    const { isConfirmed } = content;
    const count = isConfirmed ? 0 : (await keyring()).words(content).length;
    const asked = chooseWords(count, () => chance.draw());
    const [accounts, paying] = [viewOf(content), payingOf(content)];
    await remember({ key, accounts, paying, isConfirmed, asked, wasRestored, usedAt: clock.now() });
  };

  /** The vault with the key in memory. */
  const unsealed = async (): Promise<{ wallet: OpenWallet; vault: Vault; content: VaultContent; keys: Keyring }> => {
    const wallet = await readOpen();
    if (wallet === undefined) throw new WalletError('wallet-locked');
    const stored = await store.read();
    if (stored === undefined) throw new WalletError('wallet-none');
    const keys = await keyring();
    return { wallet, vault: stored.vault, content: await keys.open(stored.vault, wallet.key), keys };
  };

  /** Stores a vault of new content under the key that it has. */
  const reseal = async (content: VaultContent, { key, vault }: Pick<Opened, 'key' | 'vault'>): Promise<void> =>
    store.write(await (await keyring()).seal(content, key, vault.kdf));

  /** Stores a vault under a new key, with the parameters of today, and opens it. */
  const wrap = async (content: VaultContent, password: string, wasRestored: boolean): Promise<void> => {
    const keys = await keyring();
    const kdf = keys.newKdf();
    const key = await keys.deriveKey(password, kdf);
    await store.write(await keys.seal(content, key, kdf));
    await openWith(key, content, wasRestored);
  };

  const assertNone = async (): Promise<void> => {
    const damaged = (error: unknown): true => {
      if (isWalletError(error)) return true;
      throw error;
    };
    // A damaged wallet is one too: only the person's own word replaces it.
    if ((await store.read().catch(damaged)) !== undefined) throw new WalletError('wallet-exists');
  };

  const lock = async (): Promise<void> => {
    await cells.update(openWalletCell, () => null);
    nudges.cancel('lock-wallet');
  };

  const sessionKeys = createSessionKeys({
    cells,
    seal,
    derive: async (index) => {
      const { content, keys } = await unsealed();
      return keys.sessionKey(content, index);
    },
  });

  return {
    status: async () => {
      const wallet = await readOpen();
      if (wallet !== undefined) {
        const { accounts, paying, isConfirmed, asked, wasRestored } = wallet;
        const at = locksAt(wallet, await idleMs());
        return { is: 'open', accounts, paying, isConfirmed, asked, wasRestored, locksAt: at };
      }
      try {
        if ((await store.read()) === undefined) return { is: 'none' };
      } catch (error) {
        if (isWalletError(error)) return { is: 'damaged', why: error.code };
        throw error;
      }
      return { is: 'locked', tryAgainAt: await gate.tryAgainAt() };
    },

    create: (password) =>
      alone(async () => {
        assertGoodPassword(password);
        await assertNone();
        const keys = await keyring();
        const content = await keys.create();
        await wrap(content, password, false);
        return keys.words(content);
      }),

    confirm: (answers) =>
      alone(async () => {
        const { wallet, vault, content, keys } = await unsealed();
        if (content.isConfirmed) return;
        assertWords(keys.words(content), wallet.asked, answers);
        await reseal({ ...content, isConfirmed: true }, { key: wallet.key, vault });
        await remember({ ...wallet, isConfirmed: true, asked: [], usedAt: clock.now() });
      }),

    bringIn: (source, password, replace) =>
      alone(async () => {
        const keys = await keyring();
        if (replace || (await store.read()) === undefined) {
          assertGoodPassword(password);
          const content = await bringIn(keys, source, undefined);
          // Of another wallet, whose words derive them again.
          await cells.update(sessionKeysCell, () => NO_SESSION_KEYS);
          await wrap(content, password, false);
          return;
        }
        const opened = await gate.open(password);
        const content = await bringIn(keys, source, opened.content);
        await reseal(content, opened);
        await openWith(opened.key, content, opened.fromBackup);
      }),

    unlock: (password) =>
      alone(async () => {
        const { vault, key, content, fromBackup } = await gate.open(password);
        if ((await keyring()).isWeak(vault.kdf)) return wrap(content, password, fromBackup);
        // Mends the cell that is damaged, or behind.
        await store.write(vault);
        await openWith(key, content, fromBackup);
      }),

    lock: () => alone(lock),

    lockIfIdle: () =>
      alone(async () => {
        const wallet = await readOpen();
        if (wallet !== undefined) await lockLater(wallet);
        else if ((await cells.read(openWalletCell)) !== null) await lock();
      }),

    export: (password, account) =>
      alone(async (): Promise<Exported> => {
        const { content } = await gate.open(password);
        const keys = await keyring();
        if (account === null) return { kind: 'words', words: keys.words(content) };
        const json = await keys.toKeystore(content, accountOf(content, account), password);
        return { kind: 'keystore', json };
      }),

    changePassword: (from, to) =>
      alone(async () => {
        assertGoodPassword(to);
        const { content, fromBackup } = await gate.open(from);
        await wrap(content, to, fromBackup);
      }),

    addAccount: () =>
      alone(async () => {
        const { wallet, vault, content, keys } = await unsealed();
        const added = withAccount(content, await keys.derive(content, nextIndex(content)));
        await reseal(added, { key: wallet.key, vault });
        await remember({ ...wallet, accounts: viewOf(added), usedAt: clock.now() });
      }),

    nextAddresses: (count) =>
      alone(async () => {
        const { content, keys } = await unsealed();
        if (content.entropy === undefined) return [];
        const room = Math.max(0, Math.min(count, MAX_ACCOUNTS - content.accounts.length));
        const first = nextIndex(content);
        const next = Array.from({ length: room }, (_, at) => keys.derive(content, first + at));
        return (await Promise.all(next)).map(({ address }) => address);
      }),

    eachSessionKey: (see) =>
      alone(async () => {
        const { content, keys } = await unsealed();
        for (let index = 0; index < MAX_SESSION_KEYS; index += 1) {
          if (!see(await keys.sessionKey(content, index), index)) return;
        }
      }),

    setPaying: (account) =>
      alone(async () => {
        const { wallet, vault, content } = await unsealed();
        const chosen = withPaying(content, account);
        await reseal(chosen, { key: wallet.key, vault });
        await remember({ ...wallet, paying: payingOf(chosen), usedAt: clock.now() });
      }),

    useKey: (purpose, account, use) =>
      alone(async () => {
        assertPurpose(purpose);
        const { wallet, content, keys } = await unsealed();
        const result = await use(await keys.privateKey(content, accountOf(content, account)));
        await remember({ ...wallet, usedAt: clock.now() });
        return result;
      }),

    sessionKey: (index) => alone(() => sessionKeys.read(index)),
  };
}
