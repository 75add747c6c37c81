// The person's limits, asked where a voucher is about to be signed, so that nothing can pass them. The answer is allow, ask or refuse;
// allowing returns the spending to store before the voucher leaves.

import { isDearer } from './price.ts';
import type { ClientCode } from './payment-error.ts';

/** In base units. */
export type Limits = {
  perDay: bigint;
  perSession: bigint;
  /** The person is asked once about a relay that takes more for a gigabyte. */
  askAbovePerGb: bigint;
};

/** What was signed for, over all channels. */
export type Spending = {
  /** Days since the epoch, by the clock on this device's wall. */
  day: number;
  today: bigint;
  session: bigint;
};

export type BudgetAnswer =
  | { is: 'allow'; spending: Spending }
  | { is: 'ask'; code: Extract<ClientCode, 'price_above_limit'> }
  | { is: 'refuse'; code: Extract<ClientCode, 'day_limit' | 'session_limit'> };

export type Expense = {
  /** What the next voucher adds to the last one. */
  amount: bigint;
  pricePerMib: bigint;
  /** The highest price that the person agreed to for this relay; undefined where they were not asked. */
  agreedPerMib: bigint | undefined;
  /** Which day it is, as in `Spending`. */
  day: number;
};

export function decideExpense(limits: Limits, spending: Spending, expense: Expense): BudgetAnswer {
  const { amount, pricePerMib, agreedPerMib } = expense;
  const agreed = agreedPerMib !== undefined && pricePerMib <= agreedPerMib;
  const { day, today, session } = onDay(spending, expense.day);
  if (session + amount > limits.perSession) return { is: 'refuse', code: 'session_limit' };
  if (today + amount > limits.perDay) return { is: 'refuse', code: 'day_limit' };
  if (isDearer(pricePerMib, limits.askAbovePerGb) && !agreed) return { is: 'ask', code: 'price_above_limit' };
  return { is: 'allow', spending: { day, today: today + amount, session: session + amount } };
}

/**
 * The spending as of a day. Neither a clock that was set back opens a new one nor a journey westwards: a day is counted until the next one has come where the person is.
 */
export function onDay(spending: Spending, day: number): Spending {
  return day > spending.day ? { ...spending, day, today: 0n } : spending;
}

/** The person starts a new session: its limit begins anew, that of the day does not. */
export function newSession(spending: Spending): Spending {
  return { ...spending, session: 0n };
}
