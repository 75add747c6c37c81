// What the vault holds once it is open: the words' entropy, keys that were brought in one by one, and the list of accounts.
// All of it is secret but the view, which is addresses.

import { asBoolean, asNumber, asObject, asOneOf, asText, ParseError } from '../state/parse.ts';
import { asHex } from './hex.ts';
import { WalletError } from './wallet-error.ts';

/** More than a person keeps apart; bounds the vault and the time to open it. */
export const MAX_ACCOUNTS = 40;

/** Derived accounts are named by their number in BIP-44; the others hold their key, 32 bytes as hexadecimal text. Addresses with checksum (EIP-55). */
export type Account =
  { kind: 'derived'; index: number; address: string } | { kind: 'key'; key: string; address: string };

export type VaultContent = {
  /** BIP-39 entropy as hexadecimal text, 16 to 32 bytes; undefined: there are only keys. */
  entropy: string | undefined;
  /** The person has shown that the words are written down. */
  isConfirmed: boolean;
  accounts: readonly Account[];
  /** Address of the account that new deposits are paid from; undefined: the first. In here, since no account is named on disk in clear (docs/decisions/0018). */
  paying?: string | undefined;
};

/** What the popup may see of an account. */
export type AccountView = { address: string; kind: Account['kind'] };

/** BIP-44 with Ethereum's coin type (SLIP-44): the account that pays deposits. */
export function fundingPath(index: number): string {
  return `m/44'/60'/0'/0/${asIndex(index)}`;
}

/** Session signers have a branch of their own: one of them tells nothing about an account. */
export function sessionPath(index: number): string {
  return `m/44'/60'/1'/0/${asIndex(index)}`;
}

/** The number of the next account that is derived from the words. Throws `wallet-no-words`, `wallet-accounts-full`. */
export function nextIndex(content: VaultContent): number {
  if (content.entropy === undefined) throw new WalletError('wallet-no-words');
  const used = content.accounts.flatMap((account) => (account.kind === 'derived' ? [account.index] : []));
  return Math.max(-1, ...used) + 1;
}

/** Throws `wallet-account-known`, `wallet-accounts-full`. */
export function withAccount(content: VaultContent, account: Account): VaultContent {
  if (content.accounts.some(({ address }) => address === account.address))
    throw new WalletError('wallet-account-known');
  if (content.accounts.length >= MAX_ACCOUNTS) throw new WalletError('wallet-accounts-full');
  return { ...content, accounts: [...content.accounts, account] };
}

/** Throws `wallet-account-unknown`. */
export function accountOf({ accounts }: VaultContent, address: string): Account {
  const account = accounts.find((each) => each.address === address);
  if (account === undefined) throw new WalletError('wallet-account-unknown');
  return account;
}

/** The address of the account that new deposits are paid from. */
export function payingOf({ accounts, paying }: Pick<VaultContent, 'accounts' | 'paying'>): string {
  const chosen = accounts.find(({ address }) => address === paying) ?? accounts[0];
  // A vault without an account is refused when it is read.
  if (chosen === undefined) throw new WalletError('wallet-account-unknown');
  return chosen.address;
}

/** Throws `wallet-account-unknown`. */
export function withPaying(content: VaultContent, address: string): VaultContent {
  return { ...content, paying: accountOf(content, address).address };
}

export function viewOf({ accounts }: Pick<VaultContent, 'accounts'>): AccountView[] {
  return accounts.map(({ address, kind }) => ({ address, kind }));
}

export function encodeContent({ entropy, isConfirmed, accounts, paying }: VaultContent): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ entropy: entropy ?? null, isConfirmed, accounts, paying }));
}

/** Throws `ParseError`. */
export function parseContent(bytes: Uint8Array): VaultContent {
  const fields = asObject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  const { accounts } = fields;
  if (!Array.isArray(accounts) || accounts.length === 0 || accounts.length > MAX_ACCOUNTS) {
    throw new ParseError('not a list of accounts');
  }
  return {
    entropy: fields['entropy'] === null ? undefined : asHex(fields['entropy'], 16, 32),
    isConfirmed: asBoolean(fields['isConfirmed']),
    accounts: accounts.map(parseAccount),
    ...(fields['paying'] === undefined ? {} : { paying: asAddress(fields['paying']) }),
  };
}

function parseAccount(value: unknown): Account {
  const fields = asObject(value);
  const kind = asOneOf(fields['kind'], ['derived', 'key']);
  const address = asAddress(fields['address']);
  if (kind === 'derived') return { kind, index: asIndex(asNumber(fields['index'])), address };
  return { kind, key: asHex(fields['key'], 32), address };
}

/** An address of Ethereum; its checksum is for whoever made it. Throws `ParseError`. */
export function asAddress(value: unknown): string {
  const address = asText(value);
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw new ParseError('not an address');
  return address;
}

/** A number that is not hardened (BIP-32). */
function asIndex(index: number): number {
  if (!Number.isSafeInteger(index) || index < 0 || index >= 2 ** 31) throw new ParseError('not an index');
  return index;
}
