// The rules of vouchers, for the side that signs and the side that is paid: nobody has more than one increment at risk.
// A voucher is cumulative: it promises a sum since the channel was opened, and replaces the one before. All sums here are such sums.
// Saved before sent: the payer stores `Paid` before a voucher leaves, the payee `Earned` before it serves a byte more.

import { least, most } from './amount.ts';
import { promisable, servable, type ChannelFunds } from './funds.ts';
import { smallestStep } from './increment.ts';
import type { SessionErrorCode } from '../wire/session-protocol.ts';

/** What the payer knows of a channel, stored before each voucher is sent. */
export type Paid = {
  /** The highest sum that was ever signed. */
  signed: bigint;
  /** What the payer's own count says it owes (meter.ts). After a restart the count goes on from here; what was not stored was not counted. */
  owed: bigint;
};

/** What the payee knows of a channel, stored before more is served. */
export type Earned = {
  /** The highest voucher that was accepted. */
  promised: bigint;
  /** Traffic is served up to here before it is written again. After a restart all of it counts as served. */
  reserved: bigint;
};

export const NOTHING_PAID: Paid = { signed: 0n, owed: 0n };
export const NOTHING_EARNED: Earned = { promised: 0n, reserved: 0n };

/**
 * The payer's side: the sum to sign next, or undefined while it is not time to. At most what is owed and one increment, at most what the channel
 * holds, more than ever before, and by a step that the payee takes.
 * @param increment amount of one increment
 */
export function nextVoucher(
  paid: Paid,
  { increment, funds }: { increment: bigint; funds: ChannelFunds },
): bigint | undefined {
  const bound = promisable(funds);
  const sum = least(paid.owed + increment, bound);
  if (sum <= paid.signed) return undefined;
  if (sum < bound && sum - paid.signed < smallestStep(increment)) return undefined;
  return sum;
}

/** The payer's side, after each count: what is owed never falls, whatever a later count says. */
export function withOwed(paid: Paid, owed: bigint): Paid {
  return owed > paid.owed ? { ...paid, owed } : paid;
}

/** The payer's side, when the channel is closed: what is owed and nothing ahead. Undefined where the last voucher covers it. */
export function lastVoucher(paid: Paid, funds: ChannelFunds): bigint | undefined {
  const sum = least(paid.owed, promisable(funds));
  return sum > paid.signed ? sum : undefined;
}

/**
 * The payee's side: what is wrong with a voucher, undefined where nothing. Asked before its signature is checked, which is a thousand times
 * dearer, and before anything is stored.
 * @param last the voucher closes the channel: its step may be of any size
 */
export function judgeVoucher(
  { promised }: Earned,
  sum: bigint,
  { increment, funds, last = false }: { increment: bigint; funds: ChannelFunds; last?: boolean },
): SessionErrorCode | undefined {
  const before = most(promised, funds.totalClaimed);
  if (sum <= before) return 'not_advancing';
  const bound = promisable(funds);
  if (sum > bound) return sum <= bound + funds.withdrawing ? 'withdraw_pending' : 'exceeds_balance';
  if (!last && sum < bound && sum - before < smallestStep(increment)) return 'not_advancing';
  return undefined;
}

/**
 * The payee's side: up to which sum it serves. One grace beyond the last voucher, which may be on its way, and never beyond what the channel can pay.
 * @param grace amount of the quote's grace, at most one increment (quote.ts)
 */
export function serveUpTo({ promised }: Earned, { grace, funds }: { grace: bigint; funds: ChannelFunds }): bigint {
  return least(promised + grace, servable(funds));
}

/** How far a mark is set ahead, and what is left of that when the next is due: about as much as a tunnel carries in one piece. */
export function markStep(increment: bigint): { ahead: bigint; left: bigint } {
  const ahead = most(increment / 8n, 1n);
  return { ahead, left: ahead / 8n };
}

/**
 * The payee's side: the mark to store before traffic goes on, or undefined while the one that is stored lies far enough ahead. In eighths of an increment:
 * a payee that is killed and has served less than it reserved is that much ahead of the payer's count, and serves that much less ahead.
 * @param served what is owed for traffic that was served
 */
export function nextReserve(
  { reserved }: Earned,
  served: bigint,
  { increment, limit }: { increment: bigint; limit: bigint },
): bigint | undefined {
  const { ahead, left } = markStep(increment);
  if (served + left < reserved) return undefined;
  const mark = least(served + ahead, most(limit, reserved));
  return mark > reserved ? mark : undefined;
}

/**
 * The payee's side: what it claims on the chain. Only what was served, though vouchers promise an increment ahead: the rest is the payer's.
 * The contract takes any sum up to the voucher's.
 */
export function claimSum({ promised }: Earned, served: bigint): bigint {
  return least(promised, served);
}
