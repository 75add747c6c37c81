// What an account's key may be used for: a closed set. There is no signing of messages, of hashes, or of anything that a page hands in.

import { WalletError } from './wallet-error.ts';

export const PURPOSES = [
  /** EIP-3009 `ReceiveWithAuthorization` to the collector of the payment contract: a deposit or a top-up. */
  'deposit',
  /** Starting and finishing the withdrawal of a channel. */
  'withdrawal',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Types go away at run time, and a key must not. Throws `wallet-purpose`. */
export function assertPurpose(purpose: unknown): asserts purpose is Purpose {
  if (!PURPOSES.some((known) => known === purpose)) throw new WalletError('wallet-purpose');
}
