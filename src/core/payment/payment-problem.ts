// Everything about payments that the person can be told went wrong: what relays and this side find (payment-error.ts), what the chain's servers do
// (chain-code.ts), and what was asked for that is not there. Stored as the last problem, and shown by the popup (payment-advice.ts).

import { CHAIN_CODES, type ChainCode } from './chain-code.ts';
import { PAYMENT_CODES, type PaymentCode } from './payment-error.ts';

export const ASKING_CODES = [
  /** No entry is connected, or the one that is takes no money. */
  'payment-no-relay',
  /** The deposit that is confirmed is not the one that was asked for last, or its time is over. */
  'payment-no-question',
  /** No circuit is up, and the person has not agreed to be seen by the chain's server. */
  'payment-no-circuit',
  /** The relay of the channel is not connected. */
  'payment-relay-away',
  /** There is no such channel. */
  'payment-no-channel',
  /** The wallet holds less than is to be deposited. */
  'payment-no-funds',
  /** What was asked for cannot be done in the state that the channel is in. */
  'payment-not-now',
  /** The relay has closed the channel and signed for less than the rest, and the chain does not show, or was not asked, that it is back. */
  'payment-no-refund',
  /** Sending a transaction of one's own needs a little of the chain's own coin in the wallet. */
  'payment-no-gas',
] as const;
export type AskingCode = (typeof ASKING_CODES)[number];

export type PaymentProblem = PaymentCode | ChainCode | AskingCode;
export const PAYMENT_PROBLEMS: readonly PaymentProblem[] = [...PAYMENT_CODES, ...CHAIN_CODES, ...ASKING_CODES];

/** What was asked for and cannot be done; the code alone tells why. */
export class AskingError extends Error {
  override readonly name = 'AskingError';
  readonly code: AskingCode;

  constructor(code: AskingCode) {
    super(`the payment was refused: ${code}`);
    this.code = code;
  }
}
