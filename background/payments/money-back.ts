// The two ways in which a person gets the rest of a deposit back: with the relay's agreement, which costs no gas, and without it, which takes the withdraw
// delay. Part of payments.ts.

import { least, lessOrNone, most } from '../../src/core/payment/amount.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { AskingError } from '../../src/core/payment/payment-problem.ts';
import { isChainFailure } from '../../src/core/payment/chain-code.ts';
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
  /** A circuit is up: the chain may be asked through it. */
  isCovered: () => boolean;
  /** The entry must not be used any more. */
  abandon: (peer: string) => Promise<void>;
};

export type MoneyBack = Pick<PaymentActions, 'closeChannel' | 'withdraw'> & {
  /** The same on the session that the channel pays already, and that may still be opening. */
  closeOn: (session: Pick<Session, 'payer'>, id: Hex) => Promise<void>;
};

export function createMoneyBack(deps: MoneyBackDeps): MoneyBack {
  const { clock, wallet, store, sessions, endRenewal, rail, rpcs, isCovered, abandon } = deps;
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
    const amount = await givenBack(channel, refund?.amount ?? 0n);
    if (amount !== undefined) await storeClosed(channel, amount, txHash);
    // It stays in sight, and pays nothing any more.
    else await store.change((book) => withChannel(book, id, (each) => ({ ...each, everWithdrew: true })));
    sessions.end(channel.peer);
    await abandon(channel.peer);
    if (amount === undefined) throw new AskingError('payment-no-refund');
  };

  const storeClosed = async ({ id, operator }: BookChannel, amount: bigint, txHash: Hex | undefined): Promise<void> => {
    const line = { at: clock.now(), kind: 'refund', operator, amount, txHash } as const;
    await store.change((book) => {
      const closed = withChannel(book, id, (each) => ({ ...each, state: 'closed' }));
      return withHistory(closed, line);
    });
  };

  /**
   * What came back or will, in base units. A relay that signs for less than the rest has given it before, or keeps it back: the chain says which. Undefined
   * where that is not known, or some is still there.
   * @param refund what the relay signed, 0 where nothing
   */
  const givenBack = async ({ id, funds, paid }: BookChannel, refund: bigint): Promise<bigint | undefined> => {
    const there = funds.safe + funds.unsafe;
    if (refund >= lessOrNone(there, paid.signed)) return least(refund, there);
    if (!isCovered()) return undefined;
    try {
      const { balance, totalClaimed } = await (await rail()).channel(id, await rpcs());
      if (lessOrNone(balance, most(totalClaimed, paid.signed)) > refund) return undefined;
      return refund > 0n ? refund : lessOrNone(there, balance);
    } catch (error) {
      if (isChainFailure(error)) return undefined;
      throw error;
    }
  };

  return {
    closeOn,
    // There may be another one that pays the same relay.
    closeChannel: async (id) => {
      const channel = await openChannel(id);
      if (channel.everWithdrew) {
        // The relay has nothing more to say of it.
        const amount = await givenBack(channel, 0n);
        if (amount === undefined) throw new AskingError('payment-no-refund');
        return storeClosed(channel, amount, undefined);
      }
      let session: Session;
      try {
        session = await sessions.payBy(channel);
      } catch (error) {
        // The relay had closed it already: opening the session has closed it here too.
        if (channelOf(await store.read(), id)?.state === 'closed') return;
        throw error;
      }
      await closeOn(session, id);
    },

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
