// A deposit: asked for, shown as the very struct that will be signed, confirmed once, stored, and then sent to the relay that submits it. The question is in memory:
// a worker that dies with it has signed nothing.

import { LEASE_MS } from '../../src/core/circuit/durations.ts';
import { depositTimes } from '../../src/core/payment/deposit-times.ts';
import { asAddress, type Hex } from '../../src/core/payment/hex.ts';
import { formatAmount } from '../../src/core/payment/amount.ts';
import { isPaymentError, PaymentError } from '../../src/core/payment/payment-error.ts';
import { AskingError } from '../../src/core/payment/payment-problem.ts';
import type { DepositQuestion, NetworkName } from '../../src/core/payment/payment-status.ts';
import { newChannel } from '../../src/core/session/payer-channel.ts';
import {
  channelFor,
  channelOf,
  MAX_CHANNELS,
  type BookChannel,
  type PaymentBook,
} from '../../src/core/session/payment-book.ts';
import { toHex } from '../../src/core/wallet/hex.ts';
import { WalletError } from '../../src/core/wallet/wallet-error.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import type { Chance, Clock } from '../../src/ports/host.ts';
import type { PaymentRail, Servers, UnsignedDeposit } from '../../src/ports/payment-rail.ts';
import type { Wallet } from '../wallet/wallet.ts';
import type { PaymentStore } from './payment-store.ts';
import type { Session, Sessions } from './sessions.ts';

export type DepositsDeps = {
  store: PaymentStore;
  sessions: Sessions;
  wallet: Pick<Wallet, 'status' | 'useKey' | 'sessionKey'>;
  clock: Clock;
  chance: Chance;
  network: () => Promise<NetworkName>;
  rail: () => Promise<PaymentRail>;
  /** Servers that may be asked now without showing the person's address to them; empty: none. */
  servers: () => Promise<Servers>;
};

export type Deposits = {
  ask: (session: Session, amount: bigint) => Promise<DepositQuestion>;
  confirm: (id: string) => Promise<void>;
  refuse: () => void;
  question: () => DepositQuestion | undefined;
};

type Asked = {
  question: DepositQuestion;
  session: Session;
  deposit: UnsignedDeposit;
  account: string;
  channel: BookChannel;
};

export function createDeposits(deps: DepositsDeps): Deposits {
  const { store, sessions, wallet, clock, chance } = deps;
  let asked: Asked | undefined;

  const payerAccount = async (): Promise<string> => {
    const status = await wallet.status();
    const account = status.is === 'open' ? status.accounts[0]?.address : undefined;
    if (account === undefined) throw new WalletError(status.is === 'none' ? 'wallet-none' : 'wallet-locked');
    return account;
  };

  /** The channel of the relay, or a new one of the next session key. */
  const channelWith = async (session: Session, account: string): Promise<BookChannel> => {
    const network = await deps.network();
    const fresh: Hex = `0x${toHex(chance.bytes(16))}`;
    const book = await store.change((now) => (now.deviceId === undefined ? { ...now, deviceId: fresh } : now));
    const { peer, operator, terms } = session;
    const known = channelFor(book, { peer, receiver: terms.receiver, network });
    if (known?.deposit !== undefined) throw new AskingError('payment-not-now');
    if (known?.config.payer === asAddress(account)) return known;
    if (book.channels.length >= MAX_CHANNELS) throw new AskingError('payment-not-now');
    const key = book.nextKey;
    const { id, config } = (await deps.rail()).newChannel({
      ...{ payer: account, terms, key: await wallet.sessionKey(key), deviceId: book.deviceId ?? fresh },
      epoch: BigInt(book.channels.filter((channel) => channel.config.receiver === terms.receiver).length),
    });
    return { ...newChannel(id, config), key, peer, operator, network, state: 'opening', refundAt: undefined };
  };

  const assertFunds = async (account: string, amount: bigint): Promise<void> => {
    const servers = await deps.servers();
    if (servers.length === 0) return;
    const rail = await deps.rail();
    await rail.checkServers(servers);
    if ((await rail.balance(account, servers)) < amount) throw new AskingError('payment-no-funds');
  };

  return {
    question: () => (asked !== undefined && clock.now() < asked.question.expiresAt ? asked.question : undefined),
    refuse: () => void (asked = undefined),

    ask: async (session, amount) => {
      if (amount < session.terms.minDeposit || amount === 0n) throw new PaymentError('min_deposit', 'the deposit');
      const account = await payerAccount();
      await assertFunds(account, amount);
      const channel = await channelWith(session, account);
      const deposit: UnsignedDeposit = {
        ...{ amount, ...depositTimes(clock.now()) },
        salt: `0x${toHex(chance.bytes(32))}`,
      };
      const rail = await deps.rail();
      const { title, token } = NETWORKS[channel.network];
      const question: DepositQuestion = {
        ...rail.depositStruct(channel.config, deposit),
        id: toHex(chance.bytes(16)),
        payee: { peer: session.peer, operator: session.operator },
        isTopUp: channelOf(await store.read(), channel.id) !== undefined,
        ...{ amount: formatAmount(amount), network: title, symbol: token.symbol, config: channel.config },
        expiresAt: deposit.validBefore * 1000,
      };
      asked = { question, session, deposit, account, channel };
      return question;
    },

    confirm: async (id) => {
      const now = asked;
      if (now?.question.id !== id || clock.now() >= now.question.expiresAt)
        throw new AskingError('payment-no-question');
      // Whatever becomes of it, it is signed once.
      asked = undefined;
      const session = sessions.of(now.session.peer);
      if (session === undefined) throw new AskingError('payment-no-relay');
      const rail = await deps.rail();
      const deposit = await wallet.useKey('deposit', now.account, (key) =>
        rail.signDeposit(now.channel.config, now.deposit, key),
      );
      await store.change((book) => withNew(book, now.channel));
      try {
        sessions.opened(session, await session.payer.deposit(now.channel, deposit));
      } catch (error) {
        if (!isPaymentError(error, 'quote_expired')) throw error;
        // The deposit is in the book: a session on a new quote is opened with it.
        sessions.end(session.peer);
        await sessions.lease(session, { signal: clock.timeout(LEASE_MS) });
      }
    },
  };
}

function withNew(book: PaymentBook, channel: BookChannel): PaymentBook {
  if (channelOf(book, channel.id) !== undefined) return book;
  return { ...book, channels: [...book.channels, channel], nextKey: Math.max(book.nextKey, channel.key + 1) };
}
