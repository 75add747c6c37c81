// A top-up that the person signed ahead: whether it may be used now, and the book once it is. It goes into one channel, once, when a fifth is left, and within the
// limits of that moment. Pure; background/payments/renewals.ts keeps the signature and sends it. Reasons: docs/decisions/0030.

import { least } from '../payment/amount.ts';
import { decideExpense, type Limits } from '../payment/budget.ts';
import { adviseTopUp, type TopUpAdvice } from '../payment/top-up.ts';
import type { WireDeposit } from '../wire/session-parts.ts';
import type { Hex } from '../payment/hex.ts';
import { withDeposit } from './payer-channel.ts';
import { channelOf, withChannel, type BookChannel, type PaymentBook, type Renewal } from './payment-book.ts';

/** A gigabyte a day uses four fifths of the usual deposit in half of it. What somebody agreed to longer ago they have forgotten: they are asked instead. */
export const RENEWAL_DAYS = 30;
/** A relay waits for a gas price, or for its own server. */
const MIN_TIME_LEFT_MS = 600_000;

/** The associated data of the sealed signature: it cannot be put in the place of another. */
export function renewalContext(channel: Hex, salt: Hex): string {
  return `conet/renewal/1/${channel}/${salt}`;
}

/**
 * How much to offer to be renewed: as much as is deposited, and no more than the person wants to spend in a day or a session anyway. Undefined where
 * the relay takes no deposit as small as that.
 */
export function renewalAmount(deposit: bigint, limits: Limits, minDeposit: bigint): bigint | undefined {
  const amount = least(deposit, least(limits.perDay, limits.perSession));
  return amount > 0n && amount >= minDeposit ? amount : undefined;
}

/** What a channel needs now. One that was found again is not topped up: what else was signed on it is not known (docs/decisions/0030). */
export function adviseFor({ funds, paid, lastDeposit, everWithdrew, isFound }: BookChannel): TopUpAdvice {
  const closedToMoney = everWithdrew || isFound;
  return adviseTopUp({ funds, signed: paid.signed, deposit: lastDeposit, everWithdrew: closedToMoney });
}

/**
 * The book with the renewal of a channel used: it is the channel's deposit then, to be sent. Undefined: it must not be. All is asked of the book that is stored, so that
 * no two uses and no change of a limit can come between.
 * @param signed what was opened of it
 * @param at `now` in ms since the epoch, and which day that is on this device's wall, in days since the epoch
 */
export function withRenewalUsed(
  book: PaymentBook,
  id: Hex,
  signed: WireDeposit,
  { now, day }: { now: number; day: number },
): PaymentBook | undefined {
  const channel = channelOf(book, id);
  if (channel?.renewal?.salt !== signed.salt) return undefined;
  if (channel.state !== 'open' || channel.deposit !== undefined || adviseFor(channel) !== 'top-up') return undefined;
  if (!isInTime(channel.renewal, now)) return undefined;
  const { amount } = channel.renewal;
  // At no price: what is asked of the limits here is how much may move without a question.
  const expense = { amount, pricePerMib: 0n, agreedPerMib: undefined, day };
  const answer = decideExpense(book.limits, book.renewed, expense);
  if (answer.is !== 'allow') return undefined;
  const used = withChannel(book, id, (each) => ({
    ...each,
    ...withDeposit(each, { ...signed, amount }),
    renewal: undefined,
    isRenewing: true,
  }));
  return { ...used, renewed: answer.spending };
}

export function withoutRenewal(book: PaymentBook, id: Hex): PaymentBook {
  if (channelOf(book, id)?.renewal === undefined) return book;
  return withChannel(book, id, (each) => ({ ...each, renewal: undefined }));
}

export function isInTime({ validBefore }: Pick<Renewal, 'validBefore'>, now: number): boolean {
  return validBefore * 1000 - now >= MIN_TIME_LEFT_MS;
}
