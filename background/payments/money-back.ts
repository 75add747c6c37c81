// The two ways in which a person gets the rest of a deposit back: with the relay's agreement, which costs no gas, and without it, which takes the withdraw
// delay. Part of payments.ts.

import { least, lessOrNone } from '../../src/core/payment/amount.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { AskingError } from '../../src/core/payment/payment-problem.ts';
import { channelOf, withChannel, withHistory, type BookChannel } from '../../src/core/session/payment-book.ts';
import { WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { Clock } from '../../src/ports/host.ts';
import type { PaymentRail, Servers } from '../../src/ports/payment-rail.ts';
import type { Wallet } from '../wallet/wallet.ts';
import type { PaymentActions } from './payment-messages.ts';
import type { PaymentStore } from './payment-store.ts';
import type { Renewals } from './renewals.ts';
import type { Session, Sessions } from './sessions.ts';

export type MoneyBackDeps = {
  clock: Clock;
  wallet: Pick<Wallet, 'status' | 'useKey'>;
  store: PaymentStore;
  sessions: Pick<Sessions, 'payBy' | 'end'>;
  endRenewal: Renewals['end'];
  rail: () => Promise<PaymentRail>;
  rpcs: () => Promise<Servers>;
  /** The entry must not be used any more. */
  abandon: (peer: string) => Promise<void>;
};

export type MoneyBack = Pick<PaymentActions, 'closeChannel' | 'withdraw'> & {
  /** The same on the session that the channel pays already, and that may still be opening. */
  closeOn: (session: Pick<Session, 'payer'>, id: Hex) => Promise<void>;
};

export function createMoneyBack(deps: MoneyBackDeps): MoneyBack {
  const { clock, wallet, store, sessions, endRenewal, rail, rpcs, abandon } = deps;
  const bookChannel = async (id: Hex): Promise<BookChannel> => {
    const channel = channelOf(await store.read(), id);
    if (channel === undefined) throw new AskingError('payment-no-channel');
    return channel;
  };

  const openChannel = async (id: Hex): Promise<BookChannel> => {
    const channel = await bookChannel(id);
    const isOver = channel.state === 'closed' || channel.state === 'withdrawing';
    if (isOver || channel.key === undefined) throw new AskingError('payment-not-now');
    return channel;
  };

  const closeOn: MoneyBack['closeOn'] = async ({ payer }, id) => {
    const channel = await openChannel(id);
    // No new money goes where the rest is taken out.
    await endRenewal(id);
    const { refund, txHash } = await payer.close();
    if (refund !== undefined) (await rail()).checkRefund(channel, refund);
    const left = lessOrNone(channel.funds.safe + channel.funds.unsafe, channel.paid.signed);
    await store.change((book) =>
      withHistory(
        withChannel(book, id, (each) => ({ ...each, state: 'closed' })),
        {
          at: clock.now(),
          kind: 'refund',
          operator: channel.operator,
          // What the relay signed; never more than there was.
          amount: refund === undefined ? 0n : least(refund.amount, left + channel.paid.signed),
          txHash,
        },
      ),
    );
    sessions.end(channel.peer);
    await abandon(channel.peer);
  };

  return {
    closeOn,
    // There may be another one that pays the same relay.
    closeChannel: async (id) => closeOn(await sessions.payBy(await openChannel(id)), id),

    withdraw: async (id) => {
      const channel = await bookChannel(id);
      const isFetch = channel.state === 'withdrawing';
      if (channel.state === 'closed' || (isFetch && clock.now() < (channel.refundAt ?? 0))) {
        throw new AskingError('payment-not-now');
      }
      const status = await wallet.status();
      const accounts = status.is === 'open' ? status.accounts : [];
      const account = accounts.find(({ address }) => address.toLowerCase() === channel.config.payer)?.address;
      if (account === undefined)
        throw new WalletError(status.is === 'open' ? 'wallet-account-unknown' : 'wallet-locked');
      await endRenewal(id);
      const work = await rail();
      const servers = await rpcs();
      const txHash = await wallet.useKey('withdrawal', account, (key) =>
        work.withdraw(isFetch ? 'fetch' : 'begin', channel, key, servers),
      );
      const refundAt = clock.now() + channel.config.withdrawDelay * 1000;
      const amount = lessOrNone(channel.funds.safe + channel.funds.unsafe, channel.paid.signed);
      await store.change((book) =>
        withHistory(
          withChannel(book, id, (each) => ({
            ...each,
            // Never topped up nor paid by again (top-up.ts).
            everWithdrew: true,
            state: isFetch ? 'closed' : 'withdrawing',
            refundAt: isFetch ? undefined : refundAt,
          })),
          {
            at: clock.now(),
            kind: isFetch ? 'withdrawn' : 'withdrawal-begun',
            operator: channel.operator,
            amount,
            txHash,
          },
        ),
      );
      if (isFetch) return;
      sessions.end(channel.peer);
      await abandon(channel.peer);
    },
  };
}
