// Top-ups that the person signed ahead: sealed when they are signed, used once when a channel is low, with the wallet open or locked, and dropped when the channel is
// given up. What may be used is decided in src/core/session/renewal.ts, in the write that stores it. Never signs. Called by payments.ts.

import type { Hex } from '../../src/core/payment/hex.ts';
import { isPaymentError, PaymentError } from '../../src/core/payment/payment-error.ts';
import { channelFor, channelOf, type BookChannel } from '../../src/core/session/payment-book.ts';
import { isInTime, renewalContext, withoutRenewal, withRenewalUsed } from '../../src/core/session/renewal.ts';
import type { Clock } from '../../src/ports/host.ts';
import type { DeviceSeal } from '../../src/ports/keyring.ts';
import type { WireDeposit } from '../../src/core/wire/session-parts.ts';
import { fromHex, toHex } from '../../src/core/wallet/hex.ts';
import type { PaymentStore } from './payment-store.ts';
import type { Session, Sessions } from './sessions.ts';
import { today } from '../today.ts';

/** A relay takes a deposit a minute from one address (docs/protocol/session.md), and a fifth of one lasts for half an hour. */
const BUSY_MS = 60_000;
const TRIES = 20;

export type RenewalsDeps = {
  store: PaymentStore;
  sessions: Pick<Sessions, 'deposit' | 'of'>;
  seal: DeviceSeal;
  clock: Clock;
};

export type Renewals = {
  /** The form in which one may lie in the book. */
  sealed: (channel: Hex, deposit: WireDeposit) => Promise<NonNullable<BookChannel['renewal']>>;
  /** The channel that pays a session is low. Resolves when a renewal of it was used, or there is none to use. */
  low: (session: Session) => Promise<void>;
  /** The channel is given up, or the person wants to be asked again. */
  end: (channel: Hex) => Promise<void>;
};

export function createRenewals({ store, sessions, seal, clock }: RenewalsDeps): Renewals {
  /** The engine says "low" at each voucher. */
  const running = new Map<string, Promise<void>>();

  const end: Renewals['end'] = async (channel) => {
    await store.change((book) => withoutRenewal(book, channel));
  };

  /** Until the relay takes it or refuses it for good. A session that ends meanwhile is opened with it the next time, since it is the channel's deposit. */
  const send = async (session: Session, channel: BookChannel, deposit: WireDeposit): Promise<void> => {
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        await sessions.deposit(session, channel, deposit);
        return;
      } catch (error) {
        const isBusy = isPaymentError(error, 'rate_limited') || isPaymentError(error, 'unavailable');
        if (!isBusy && !(error instanceof PaymentError)) throw error;
        // Refused for good: the news of the deposit say so (deposit-news.ts). Or it waits for the next session.
        if (!isBusy || sessions.of(session.peer) !== session) return;
        await passed(clock.timeout(BUSY_MS));
      }
    }
  };

  const use = async (session: Session): Promise<void> => {
    const { peer, network, terms } = session;
    const channel = channelFor(await store.read(), { peer, network, receiver: terms.receiver });
    if (channel?.renewal === undefined) return;
    const { id } = channel;
    const { sealed, ...deposit } = channel.renewal;
    const signature = await seal.open(sealed, renewalContext(id, deposit.salt));
    // Of another device, or too late for any relay: the person is asked.
    if (signature === undefined || !isInTime(channel.renewal, clock.now())) return end(id);
    const signed: WireDeposit = { ...deposit, signature: `0x${toHex(signature)}` };
    const book = await store.change(
      (now) => withRenewalUsed(now, id, signed, { now: clock.now(), day: today(clock) }) ?? now,
    );
    const stored = channelOf(book, id);
    if (stored?.deposit?.salt === signed.salt) await send(session, stored, signed);
  };

  return {
    sealed: async (channel, { signature, ...deposit }) => ({
      ...deposit,
      sealed: await seal.seal(fromHex(signature.slice(2)), renewalContext(channel, deposit.salt)),
    }),
    low: (session) => {
      const work = running.get(session.peer) ?? use(session).finally(() => running.delete(session.peer));
      running.set(session.peer, work);
      return work;
    },
    end,
  };
}

function passed(time: AbortSignal): Promise<void> {
  return new Promise((resolve) => time.addEventListener('abort', () => resolve(), { once: true }));
}
