// Everything about payments that the person can be told went wrong: what relays and this side find (payment-error.ts), what the chain's servers do
// (chain-code.ts), and what was asked for that is not there. One line of words each. Shown by the popup, stored as the last problem.

import { CHAIN_CODES, chainAdvice, type ChainCode } from './chain-code.ts';
import { PAYMENT_CODES, paymentAdvice, type PaymentCode } from './payment-error.ts';

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

const ASKING_ADVICE: Readonly<Record<AskingCode, string>> = {
  'payment-no-relay': 'No relay that takes payment is connected. Make a tab private first.',
  'payment-no-question': 'This deposit was not asked for, or its time is over. Ask for it again.',
  'payment-no-circuit':
    'Not asked: without a private tab, the chain’s server would see your network address beside your accounts.',
  'payment-relay-away':
    'The relay of this deposit is not connected. Make a tab private by it first, or take the deposit back without it.',
  'payment-no-channel': 'There is no such deposit.',
  'payment-no-funds': 'The wallet holds less than that. Send it some first.',
  'payment-not-now': 'This cannot be done with the deposit now. Look at its state below.',
  'payment-no-refund':
    'The relay ended this deposit without giving the rest back, as far as is known now. Ask again with a private tab open, or take it back without the relay.',
  'payment-no-gas':
    'Taking a deposit back without the relay’s help needs a little of the chain’s own coin (ETH) in the wallet.',
};

/** One line for the person. */
export function problemAdvice(problem: PaymentProblem): string {
  if (isOneOf(ASKING_CODES, problem)) return ASKING_ADVICE[problem];
  return isOneOf(CHAIN_CODES, problem) ? chainAdvice(problem) : paymentAdvice(problem);
}

/** The same as a table, for whoever shows errors of many kinds. */
export const PAYMENT_ADVICE = Object.fromEntries(
  PAYMENT_PROBLEMS.map((problem) => [problem, problemAdvice(problem)]),
) as Readonly<Record<PaymentProblem, string>>;

function isOneOf<T extends PaymentProblem>(codes: readonly T[], problem: PaymentProblem): problem is T {
  return codes.some((code) => code === problem);
}

/** What was asked for and cannot be done; the code alone tells why. */
export class AskingError extends Error {
  override readonly name = 'AskingError';
  readonly code: AskingCode;

  constructor(code: AskingCode) {
    super(`the payment was refused: ${code}`);
    this.code = code;
  }
}
