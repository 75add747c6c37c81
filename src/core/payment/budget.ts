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
  /** Days since the epoch, by UTC. */
  day: number;
  today: bigint;
  session: bigint;
};

export type BudgetAnswer =
  | { is: 'allow'; spending: Spending }
  | { is: 'ask'; code: Extract<ClientCode, 'price_above_limit'> }
  | { is: 'refuse'; code: Extract<ClientCode, 'day_limit' | 'session_limit'> };

const DAY_MS = 86_400_000;

export type Expense = {
  /** What the next voucher adds to the last one. */
  amount: bigint;
  pricePerMib: bigint;
  /** The highest price that the person agreed to for this relay; undefined where they were not asked. */
  agreedPerMib: bigint | undefined;
  /** ms since the epoch. */
  now: number;
};

export function decideExpense(limits: Limits, spending: Spending, expense: Expense): BudgetAnswer {
  const { amount, pricePerMib, agreedPerMib } = expense;
  const agreed = agreedPerMib !== undefined && pricePerMib <= agreedPerMib;
  const { day, today, session } = onDay(spending, expense.now);
  if (session + amount > limits.perSession) return { is: 'refuse', code: 'session_limit' };
  if (today + amount > limits.perDay) return { is: 'refuse', code: 'day_limit' };
  if (isDearer(pricePerMib, limits.askAbovePerGb) && !agreed) return { is: 'ask', code: 'price_above_limit' };
  return { is: 'allow', spending: { day, today: today + amount, session: session + amount } };
}

/** The spending as of now. A clock that was set back opens no new day. */
export function onDay(spending: Spending, now: number): Spending {
  const day = Math.floor(now / DAY_MS);
  return day > spending.day ? { ...spending, day, today: 0n } : spending;
}

/** The person starts a new session: its limit begins anew, that of the day does not. */
export function newSession(spending: Spending): Spending {
  return { ...spending, session: 0n };
}
