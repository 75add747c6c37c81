// The payment book in its cell, and the part of it that the engine of one stream sees. Every change is one write.

import type { Hex } from '../../src/core/payment/hex.ts';
import type { RelayQuote } from '../../src/core/payment/quote.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { NetworkName } from '../../src/core/payment/payment-status.ts';
import {
  channelFor,
  channelOf,
  promiseFrom,
  withChannel,
  type PaymentBook,
} from '../../src/core/session/payment-book.ts';
import type { PayerBook, Promised } from '../../src/core/session/payer-ports.ts';
import { paymentsCell } from '../../src/core/state/cells.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Clock } from '../../src/ports/host.ts';
import { today } from '../today.ts';

export type PaymentStore = {
  read: () => Promise<PaymentBook>;
  change: (change: (book: PaymentBook) => PaymentBook) => Promise<PaymentBook>;
  /** What the engine of a stream to a peer may see and change. @param only the channel that is to pay it, instead of the newest */
  of: (payee: { peer: string; network: NetworkName }, only?: Hex) => PayerBook;
};

export type PaymentStoreDeps = {
  cells: Cells;
  clock: Clock;
  /** A voucher is promised for so much more than the last one, base units. */
  spent?: (amount: bigint) => void;
};

export function createPaymentStore({ cells, clock, spent }: PaymentStoreDeps): PaymentStore {
  const read = (): Promise<PaymentBook> => cells.read(paymentsCell);
  const change: PaymentStore['change'] = (step) => cells.update(paymentsCell, step);
  return {
    read,
    change,
    of: (payee, only) => ({
      channel: async ({ receiver }: RelayQuote) => {
        const book = await read();
        if (only === undefined) return channelFor(book, { ...payee, receiver });
        const channel = channelOf(book, only);
        return channel?.config.receiver === receiver ? channel : undefined;
      },
      change: async (id, step) => {
        const book = await change((now) => withChannel(now, id, (channel) => ({ ...channel, ...step(channel) })));
        const channel = channelOf(book, id);
        if (channel === undefined) throw new PaymentError('unknown_channel', 'it is not in the book');
        return channel;
      },
      promise: async (id, decide, pricePerMib) => {
        let promised: Promised = { is: 'nothing', channel: undefined };
        let more = 0n;
        await change((now) => {
          const decided = promiseFrom(now, id, decide, { pricePerMib, day: today(clock) });
          promised = decided.promised;
          more = decided.book.spending.session - now.spending.session;
          return decided.book;
        });
        if (more > 0n) spent?.(more);
        return promised;
      },
    }),
  };
}
