// Channels found again by the chain, without the book in which they were opened: what they are taken for, and how they come into the book. They wait for the person's
// word before anything is signed on them: another device may be paying by them. Pure; background/payments/find-channels.ts asks the chain.

import { lessOrNone, most } from '../payment/amount.ts';
import type { ChannelConfig } from '../payment/channel.ts';
import type { Hex } from '../payment/hex.ts';
import type { NetworkName } from '../payment/payment-status.ts';
import { newChannel } from './payer-channel.ts';
import {
  bookChannel,
  channelOf,
  MAX_CHANNELS,
  withChannel,
  type BookChannel,
  type PaymentBook,
} from './payment-book.ts';

/** What two servers of the chain say of a channel; `initiatedAt` in seconds since the epoch, 0 where no withdrawal is pending. */
export type ChannelFacts = { balance: bigint; totalClaimed: bigint; pendingWithdrawal: bigint; initiatedAt: bigint };

export type Found = {
  id: Hex;
  config: ChannelConfig;
  facts: ChannelFacts;
  /** Number of its session key; undefined: it is not one of this wallet. */
  key: number | undefined;
  /** Who is paid by it; undefined: no relay of that key has been met. */
  relay: { peer: string; operator: string } | undefined;
};

/** Whose relay has not been met. */
export const NO_PEER = '';

/**
 * A found channel, as it is kept. What was claimed was signed, and is all that the chain knows of it; the relay shows the last voucher when a session is opened
 * (`withState`), and the higher of the two counts. Until then nothing is signed above what was claimed.
 */
export function foundChannel({ id, config, facts, key, relay }: Found, network: NetworkName): BookChannel {
  const { balance, totalClaimed, pendingWithdrawal, initiatedAt } = facts;
  const isLeaving = initiatedAt > 0n;
  const channel = newChannel(id, config);
  return bookChannel(
    {
      ...channel,
      funds: { safe: balance, unsafe: 0n, totalClaimed, withdrawing: pendingWithdrawal },
      paid: { signed: totalClaimed, owed: totalClaimed },
      ...{ lastDeposit: lessOrNone(balance, totalClaimed), everWithdrew: isLeaving },
    },
    {
      ...{ key, peer: relay?.peer ?? NO_PEER, operator: relay?.operator ?? '?', network },
      state: isLeaving ? 'withdrawing' : 'found',
      refundAt: isLeaving ? (Number(initiatedAt) + config.withdrawDelay) * 1000 : undefined,
      isFound: true,
    },
  );
}

/** The book with what was found. One that is in use here is left alone: the book knows more of it than the chain. */
export function withFound(book: PaymentBook, found: readonly Found[], network: NetworkName): PaymentBook {
  return found.reduce((now, each) => withOne(now, each, network), book);
}

function withOne(book: PaymentBook, found: Found, network: NetworkName): PaymentBook {
  const known = channelOf(book, found.id);
  const isEmpty = found.facts.balance <= found.facts.totalClaimed;
  if (known !== undefined) {
    if (known.state !== 'found' && known.state !== 'closed') return book;
    if (isEmpty) return withChannel(book, known.id, (each) => ({ ...each, state: 'closed' }));
    // Closed here, and its rest has not come back; what was signed stays signed.
    const again = foundChannel(
      { ...found, key: known.key, relay: known.peer === NO_PEER ? found.relay : known },
      network,
    );
    const paid = {
      signed: most(known.paid.signed, again.paid.signed),
      owed: most(known.paid.owed, again.paid.owed),
    };
    const everWithdrew = known.everWithdrew || again.everWithdrew;
    return withChannel(book, known.id, () => ({ ...again, paid, everWithdrew, drift: known.drift }));
  }
  if (isEmpty || book.channels.length >= MAX_CHANNELS) return book;
  const nextKey = Math.max(book.nextKey, (found.key ?? -1) + 1);
  return { ...book, nextKey, channels: [...book.channels, foundChannel(found, network)] };
}

/** A relay has shown, by its two signatures, that it is paid at this address: found channels to it have a relay now. */
export function withRelay(book: PaymentBook, relay: { peer: string; operator: string }, receiver: Hex): PaymentBook {
  const isIts = ({ isFound, peer, config }: BookChannel): boolean =>
    isFound && peer === NO_PEER && config.receiver === receiver;
  if (!book.channels.some(isIts)) return book;
  const { peer, operator } = relay;
  return { ...book, channels: book.channels.map((each) => (isIts(each) ? { ...each, peer, operator } : each)) };
}
