// All that the extension remembers of its payments, in one stored cell: so a voucher, what it owes and what the limits say of it are one write.
// Pure changes; background/payments stores them. The cell is read by parse-payment-book.ts.

import type { Limits, Spending } from '../payment/budget.ts';
import { decideExpense } from '../payment/budget.ts';
import type { Hex } from '../payment/hex.ts';
import type { PaymentProblem } from '../payment/payment-problem.ts';
import type { ChannelState, HistoryKind, NetworkName } from '../payment/payment-status.ts';
import type { Sealed } from '../wallet/session-keys.ts';
import type { WireDeposit } from '../wire/session-parts.ts';
import type { PayerChannel } from './payer-channel.ts';
import type { Promised } from './payer-ports.ts';

/** A deposit that is signed ahead (renewal.ts); its signature is under the key of this device, like a session key. */
export type Renewal = Omit<WireDeposit, 'signature'> & { sealed: Sealed };

export type BookChannel = PayerChannel & {
  /** Number of its session key; undefined: it is another wallet's, and the channel can only be taken back. */
  key: number | undefined;
  /** Of the payee, in base36, and who says to run it. */
  peer: string;
  operator: string;
  network: NetworkName;
  state: ChannelState;
  /** When the money of a withdrawal can be fetched, ms since the epoch. */
  refundAt: number | undefined;
  /** Signed ahead by the person, and not used yet (renewal.ts). */
  renewal: Renewal | undefined;
  /** The deposit that is on its way is a renewal that was used. */
  isRenewing: boolean;
  /** Found again by the chain, without the book in which it was opened. */
  isFound: boolean;
};

export type HistoryEntry = { at: number; kind: HistoryKind; operator: string; amount: bigint; txHash: Hex | undefined };

export type PaymentBook = {
  /** Drawn once for each installation, 16 bytes: two devices on one seed make different channels. */
  deviceId: Hex | undefined;
  /** Number of the next session key. */
  nextKey: number;
  /** The person's own choice of servers; empty: those of the build. */
  rpcs: readonly string[];
  limits: Limits;
  /** Prices per MiB that the person agreed to, by peer. */
  agreed: Readonly<Record<string, bigint>>;
  spending: Spending;
  /** What was moved into channels by renewals, held to the same limits on its own: vouchers out of it count in `spending` when they are signed. */
  renewed: Spending;
  /** The newest last. */
  channels: readonly BookChannel[];
  /** The newest first. */
  history: readonly HistoryEntry[];
  problem: PaymentProblem | undefined;
};

/** $1 a day is 9 GB at the usual price, and $0.20 a gigabyte is twice that price. */
const FIRST_LIMITS: Limits = { perDay: 1_000_000n, perSession: 1_000_000n, askAbovePerGb: 200_000n };

const NOTHING_SPENT: Spending = { day: 0, today: 0n, session: 0n };

export const EMPTY_BOOK: PaymentBook = {
  deviceId: undefined,
  nextKey: 0,
  rpcs: [],
  limits: FIRST_LIMITS,
  agreed: {},
  spending: NOTHING_SPENT,
  renewed: NOTHING_SPENT,
  channels: [],
  history: [],
  problem: undefined,
};

/** What a book that cannot be read counts as: nothing may be signed by it until the person sets limits anew. */
export const DAMAGED_BOOK: PaymentBook = {
  ...EMPTY_BOOK,
  limits: { perDay: 0n, perSession: 0n, askAbovePerGb: 0n },
  problem: 'unavailable',
};

/** Older entries are of use to nobody here; the chain has them. */
export const MAX_HISTORY = 100;
/** As many session keys as a device keeps (wallet/session-keys.ts). */
export const MAX_CHANNELS = 256;

/** A channel as it comes into the book. */
export function bookChannel(
  channel: PayerChannel,
  about: Pick<BookChannel, 'key' | 'peer' | 'operator' | 'network'> & Partial<BookChannel>,
): BookChannel {
  const fresh = { renewal: undefined, isRenewing: false, isFound: false, refundAt: undefined };
  return { ...channel, state: 'opening', ...fresh, ...about };
}

export function channelOf(book: PaymentBook, id: Hex): BookChannel | undefined {
  return book.channels.find((channel) => channel.id === id);
}

/** The channel that a payee is paid by: the newest that is open and not being taken back. */
export function channelFor(
  book: PaymentBook,
  payee: { peer: string; receiver: Hex; network: NetworkName },
): BookChannel | undefined {
  return book.channels.findLast(
    (channel) =>
      channel.peer === payee.peer &&
      channel.network === payee.network &&
      channel.config.receiver === payee.receiver &&
      (channel.state === 'opening' || channel.state === 'open') &&
      !channel.everWithdrew,
  );
}

export function withChannel(book: PaymentBook, id: Hex, change: (channel: BookChannel) => BookChannel): PaymentBook {
  return { ...book, channels: book.channels.map((channel) => (channel.id === id ? change(channel) : channel)) };
}

export function withHistory(book: PaymentBook, entry: HistoryEntry): PaymentBook {
  return { ...book, history: [entry, ...book.history].slice(0, MAX_HISTORY) };
}

/**
 * The one way to a voucher (payer-ports.ts): the book to store, and what may be signed once it is stored. The limits are asked with the spending of this very book.
 * @param day days since the epoch, by the clock on this device's wall
 */
export function promiseFrom(
  book: PaymentBook,
  id: Hex,
  decide: (channel: PayerChannel) => { channel: PayerChannel; sum: bigint | undefined },
  { pricePerMib, day }: { pricePerMib: bigint; day: number },
): { book: PaymentBook; promised: Promised } {
  const before = channelOf(book, id);
  if (before === undefined) return { book, promised: { is: 'nothing', channel: undefined } };
  const { channel, sum } = decide(before);
  const kept = withChannel(book, id, (stored) => ({ ...stored, ...channel }));
  if (sum === undefined || sum <= before.paid.signed) return { book: kept, promised: { is: 'nothing', channel } };
  const agreedPerMib = book.agreed[before.peer];
  const amount = sum - before.paid.signed;
  const answer = decideExpense(book.limits, book.spending, { amount, pricePerMib, agreedPerMib, day });
  if (answer.is !== 'allow') return { book: { ...kept, problem: answer.code }, promised: answer };
  const promised: PayerChannel = { ...channel, paid: { ...channel.paid, signed: sum } };
  const problem = isLimit(book.problem) ? undefined : book.problem;
  return {
    book: { ...withChannel(kept, id, (stored) => ({ ...stored, ...promised })), spending: answer.spending, problem },
    promised: { is: 'promised', channel: promised },
  };
}

/** Problems that are over once a voucher could be signed. */
function isLimit(problem: PaymentProblem | undefined): boolean {
  return problem === 'day_limit' || problem === 'session_limit' || problem === 'price_above_limit';
}
