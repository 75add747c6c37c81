// What the popup says and hears about the wallet. Nothing of it is a key; words and files go out only as `Exported` and at creation.

import type { AccountView } from './accounts.ts';
import type { WalletErrorCode } from './wallet-error.ts';

/** A keystore file has under 1 kB; some wallets add fields of their own. */
export const MAX_KEYSTORE_CHARACTERS = 16_384;

export type WalletStatus =
  | { is: 'none' }
  /** Neither the vault nor its copy can be read. */
  | { is: 'damaged'; why: WalletErrorCode }
  /** `tryAgainAt`: ms since the epoch, where a wrong password made it wait. */
  | { is: 'locked'; tryAgainAt: number | undefined }
  | {
      is: 'open';
      accounts: readonly AccountView[];
      /** Address of the account that pays new deposits. */
      paying: string;
      /** The words are known to be written down. */
      isConfirmed: boolean;
      /** Places from 0 of the words that are asked back. */
      asked: readonly number[];
      /** ms since the epoch; undefined: with the browser. */
      locksAt: number | undefined;
      /** The vault was damaged and has been restored from its copy. */
      wasRestored: boolean;
    };

export type ImportSource =
  | { kind: 'words'; words: string }
  | { kind: 'key'; key: string }
  /** `json`: the text of the file; `password`: the file's own. */
  | { kind: 'keystore'; json: string; password: string };

export type Exported = { kind: 'words'; words: string[] } | { kind: 'keystore'; json: string };
