// What an entry says of a deposit, as the book keeps it: pure changes of the book, stored by payments.ts.

import type { PaymentProblem } from '../../src/core/payment/payment-problem.ts';
import type { HistoryKind } from '../../src/core/payment/payment-status.ts';
import {
  channelOf,
  withChannel,
  withHistory,
  type BookChannel,
  type PaymentBook,
} from '../../src/core/session/payment-book.ts';
import type { PayerEvents } from '../../src/core/session/payer-ports.ts';
import type { Payee } from './sessions.ts';

export type DepositNews = NonNullable<Parameters<PayerEvents['deposit']>[0]>;

/** @param now ms since the epoch */
export function withDepositNews(book: PaymentBook, payee: Payee, news: DepositNews, now: number): PaymentBook {
  if ('refused' in news) return withRefused(book, payee, news.refused, now);
  const { channelId: id, depositState, txHash } = news;
  const channel = channelOf(book, id);
  if (channel === undefined) return book;
  const isOpen = depositState !== 'pending' && channel.state === 'opening';
  const opened = isOpen ? withChannel(book, id, (each) => ({ ...each, state: 'open' })) : book;
  const isKnown = txHash === undefined || book.history.some((entry) => entry.txHash === txHash);
  if (isKnown) return opened;
  const amount = channel.lastDeposit;
  const entry = { at: now, kind: kindOf(channel), operator: payee.operator, amount, txHash };
  const told = withChannel(opened, id, (each) => ({ ...each, isRenewing: false }));
  return { ...withHistory(told, entry), problem: undefined };
}

function kindOf({ isRenewing, funds }: BookChannel): HistoryKind {
  if (isRenewing) return 'renewal';
  return funds.safe > 0n ? 'top-up' : 'deposit';
}

function withRefused(book: PaymentBook, { peer, operator }: Payee, problem: PaymentProblem, now: number): PaymentBook {
  const channels = book.channels.map((each): BookChannel => {
    if (each.peer !== peer) return each;
    return isEmpty(each) ? { ...each, state: 'closed', renewal: undefined } : { ...each, isRenewing: false };
  });
  const entry = { at: now, kind: 'failed' as const, operator, amount: 0n, txHash: undefined };
  return { ...withHistory({ ...book, channels }, entry), problem };
}

/** A first deposit that was refused leaves a channel of nothing. */
function isEmpty({ funds, deposit, state }: BookChannel): boolean {
  return state === 'opening' && deposit === undefined && funds.safe + funds.unsafe === 0n;
}
