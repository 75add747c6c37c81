// What is in memory while the wallet is open: the vault's key, and nothing that can sign. Locked by idle time, or on demand.
// The worker reads it through `stillOpen` only, so a late alarm never leaves a wallet open.

import { asBoolean, asNumber, asObject, asOneOf, ParseError } from '../state/parse.ts';
import { asAddress, type AccountView } from './accounts.ts';
import { asHex } from './hex.ts';
import { VAULT_KEY_BYTES } from './kdf.ts';

export type OpenWallet = {
  /** Secret: the key of the vault, hexadecimal text. */
  key: string;
  accounts: readonly AccountView[];
  /** Address of the one that pays new deposits. */
  paying: string;
  /** The words are written down. */
  isConfirmed: boolean;
  /** Which words are asked back, from 0; empty once confirmed. */
  asked: readonly number[];
  /** The stored vault was damaged, and its copy took its place. */
  wasRestored: boolean;
  /** When the person last did something with the wallet, ms since the epoch. */
  usedAt: number;
};

/**
 * The wallet, if it is still open at `now`. A clock that was set back closes it too: how long it was idle is not known.
 * @param idleMs how long it stays open without use (src/core/state/settings.ts); `Infinity`: until the browser closes
 */
export function stillOpen(wallet: OpenWallet | null, now: number, idleMs: number): OpenWallet | undefined {
  if (wallet === null || now < wallet.usedAt || now >= wallet.usedAt + idleMs) return undefined;
  return wallet;
}

/** ms since the epoch; undefined: it locks with the browser. */
export function locksAt({ usedAt }: OpenWallet, idleMs: number): number | undefined {
  return idleMs === Infinity ? undefined : usedAt + idleMs;
}

/** Null: locked. Throws `ParseError`. */
export function parseOpenWallet(value: unknown): OpenWallet | null {
  if (value === null) return null;
  const fields = asObject(value);
  const { accounts, asked } = fields;
  if (!Array.isArray(accounts) || !Array.isArray(asked)) throw new ParseError('not a list');
  return {
    key: asHex(fields['key'], VAULT_KEY_BYTES),
    accounts: accounts.map((each) => {
      const account = asObject(each);
      return { address: asAddress(account['address']), kind: asOneOf(account['kind'], ['derived', 'key']) };
    }),
    paying: asAddress(fields['paying']),
    isConfirmed: asBoolean(fields['isConfirmed']),
    asked: asked.map(asNumber),
    wasRestored: asBoolean(fields['wasRestored']),
    usedAt: asNumber(fields['usedAt']),
  };
}
