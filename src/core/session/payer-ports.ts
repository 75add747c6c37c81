// What the payer's engine needs of the world: the other end of the stream, keys, what is stored, counts. Implemented by background/payments for a
// worker, and by an entry relay for transit.

import type { BudgetAnswer } from '../payment/budget.ts';
import type { PaymentProblem } from '../payment/payment-problem.ts';
import type { RelayQuote } from '../payment/quote.ts';
import type { Hex } from '../payment/hex.ts';
import type { SessionBodyOf, SessionMessage } from '../wire/session-messages.ts';
import type { WireVoucher } from '../wire/session-parts.ts';
import type { SessionErrorCode } from '../wire/session-protocol.ts';
import type { OwnTotal, PayerChannel } from './payer-channel.ts';

export type PayerKeys = {
  /**
   * The terms of a quote that both keys of the payee have signed, for the network that is paid on, from the peer of this connection. Throws `PaymentError`
   * bad_quote, bad_sig, wrong_network, quote_expired.
   */
  checkQuote: (quote: SessionBodyOf<'quote'>) => Promise<RelayQuote>;
  /** That the channel is this side's, for this very connection. */
  prove: (channel: PayerChannel) => Promise<Hex>;
  /** Only for a sum that is stored as signed. */
  signVoucher: (channel: PayerChannel, sum: bigint) => Promise<Hex>;
  /** Whether this side signed it. */
  isOwn: (channel: PayerChannel, voucher: WireVoucher) => Promise<boolean>;
};

export type PayerBook = {
  /** The channel by which the payee of these terms is paid, as it is stored; undefined: there is none. */
  channel: (terms: RelayQuote) => Promise<PayerChannel | undefined>;
  /** Changes what is stored of a channel. Resolves with what it is then, when it is on disk. */
  change: (id: Hex, change: (channel: PayerChannel) => PayerChannel) => Promise<PayerChannel>;
  /**
   * The one way to a voucher: asks the limits and stores the sum and the expense in one write. `decide` says what becomes of the channel as it is stored, and which sum
   * to sign of it, undefined: none. Where the limits stand in the way the channel is stored all the same, without the sum. Resolves when it is on disk.
   */
  promise: (
    id: Hex,
    decide: (channel: PayerChannel) => { channel: PayerChannel; sum: bigint | undefined },
    pricePerMib: bigint,
  ) => Promise<Promised>;
};

export type Promised =
  | { is: 'promised'; channel: PayerChannel }
  | { is: 'nothing'; channel: PayerChannel | undefined }
  | Exclude<BudgetAnswer, { is: 'allow' }>;

export type PayerEvents = {
  /** Nothing is paid on this stream any more, and nothing of it will be. */
  stopped: (problem: PaymentProblem) => void;
  /** The person's limits stand in the way of the next voucher; it is tried again after `again`. */
  held: (problem: PaymentProblem) => void;
  /** A fifth is left, or less. */
  low: (advice: 'top-up' | 'new-channel') => void;
  /** The payee says how a deposit stands; `refused`: the chain does not take it. */
  deposit: (state: SessionBodyOf<'openAck'>['channel'] | { refused: SessionErrorCode }) => void;
  /** The payee counted; `freeBytes` of today's quota are left. */
  metered: (use: { bytes: bigint; freeBytes: bigint }) => void;
};

export type PayerPorts = PayerEvents & {
  chainId: number;
  /** Throws where the stream is gone. */
  send: (message: SessionMessage) => void;
  keys: PayerKeys;
  book: PayerBook;
  /** This side's count of what the payee counts; undefined: nobody counts here, and the claim is believed. */
  own: () => OwnTotal | undefined;
};
