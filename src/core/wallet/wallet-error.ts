// Everything that can go wrong with the wallet: one closed set of codes, and the message that advises about each.
// An error must never carry a key, a word or a password: it is made of its code alone, and has no cause.

import type { MessageKey } from '../text/text.ts';

export const WALLET_ERRORS = [
  'wallet-none',
  'wallet-exists',
  'wallet-locked',
  'wallet-damaged',
  'wallet-version',
  'wallet-parameters',
  'wallet-no-wasm',
  'wallet-password-wrong',
  'wallet-too-soon',
  'wallet-password-short',
  'wallet-password-long',
  'wallet-words-invalid',
  'wallet-words-unconfirmed',
  'wallet-no-words',
  'wallet-key-invalid',
  'wallet-keystore-invalid',
  'wallet-keystore-large',
  'wallet-keystore-password',
  'wallet-account-known',
  'wallet-account-unknown',
  'wallet-accounts-full',
  'wallet-purpose',
] as const;
export type WalletErrorCode = (typeof WALLET_ERRORS)[number];

/** What the person reads. */
export const WALLET_ADVICE: Readonly<Record<WalletErrorCode, MessageKey>> = {
  'wallet-none': 'error_wallet_none',
  'wallet-exists': 'error_wallet_exists',
  'wallet-locked': 'error_wallet_locked',
  'wallet-damaged': 'error_wallet_damaged',
  'wallet-version': 'error_wallet_version',
  'wallet-parameters': 'error_wallet_parameters',
  'wallet-no-wasm': 'error_wallet_no_wasm',
  'wallet-password-wrong': 'error_wallet_password_wrong',
  'wallet-too-soon': 'error_wallet_too_soon',
  'wallet-password-short': 'error_wallet_password_short',
  'wallet-password-long': 'error_wallet_password_long',
  'wallet-words-invalid': 'error_wallet_words_invalid',
  'wallet-words-unconfirmed': 'error_wallet_words_unconfirmed',
  'wallet-no-words': 'error_wallet_no_words',
  'wallet-key-invalid': 'error_wallet_key_invalid',
  'wallet-keystore-invalid': 'error_wallet_keystore_invalid',
  'wallet-keystore-large': 'error_wallet_keystore_large',
  'wallet-keystore-password': 'error_wallet_keystore_password',
  'wallet-account-known': 'error_wallet_account_known',
  'wallet-account-unknown': 'error_wallet_account_unknown',
  'wallet-accounts-full': 'error_wallet_accounts_full',
  'wallet-purpose': 'error_wallet_purpose',
};

export class WalletError extends Error {
  override readonly name = 'WalletError';
  readonly code: WalletErrorCode;

  constructor(code: WalletErrorCode) {
    super(`the wallet refused: ${code}`);
    this.code = code;
  }
}

export function isWalletError(error: unknown, code?: WalletErrorCode): error is WalletError {
  return error instanceof WalletError && (code === undefined || error.code === code);
}
