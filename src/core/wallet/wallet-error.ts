// Everything that can go wrong with the wallet: one closed set of codes, and one line of advice for each.
// An error must never carry a key, a word or a password: it is made of its code alone, and has no cause.

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
export const WALLET_ADVICE: Readonly<Record<WalletErrorCode, string>> = {
  'wallet-none': 'There is no wallet yet. Create one, or bring one in.',
  'wallet-exists': 'There is a wallet already.',
  'wallet-locked': 'The wallet is locked. Unlock it with its password.',
  'wallet-damaged': 'The stored wallet is damaged, and so is its copy. Bring it in again with its words.',
  'wallet-version': 'The stored wallet is of a newer version of the extension. Update the extension.',
  'wallet-parameters':
    'The stored wallet asks for a protection that is too weak or too slow. Bring it in again with its words.',
  'wallet-no-wasm': 'This browser does not let the extension open the wallet: WebAssembly is turned off.',
  'wallet-password-wrong': 'The password is wrong.',
  'wallet-too-soon': 'The password was wrong too often. Wait a moment before the next try.',
  'wallet-password-short': 'The password needs at least 10 characters.',
  'wallet-password-long': 'The password is too long.',
  'wallet-words-invalid': 'These are not the words of a wallet. Check their spelling and their order.',
  'wallet-words-unconfirmed': 'These are not the words that were asked for. Look at your note again.',
  'wallet-no-words': 'This account was brought in by its key and has no words. Save its keystore file.',
  'wallet-key-invalid': 'This is not a private key: it has 64 digits from 0 to 9 and a to f.',
  'wallet-keystore-invalid': 'This is not a keystore file of version 3 that can be read.',
  'wallet-keystore-large': 'This file is too large for a keystore.',
  'wallet-keystore-password': 'The password does not open this keystore file.',
  'wallet-account-known': 'This account is in the wallet already.',
  'wallet-account-unknown': 'There is no such account in the wallet.',
  'wallet-accounts-full': 'The wallet holds as many accounts as it can.',
  'wallet-purpose': 'The wallet does not sign this.',
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
