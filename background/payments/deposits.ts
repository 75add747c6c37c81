// A deposit: asked for, shown as the very struct that will be signed, confirmed once, stored, and then sent to the relay that submits it. The question is in memory:
// a worker that dies with it has signed nothing.

import { depositTimes } from '../../src/core/payment/deposit-times.ts';
import { asAddress, type Hex } from '../../src/core/payment/hex.ts';
import { formatAmount } from '../../src/core/payment/amount.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { AskingError } from '../../src/core/payment/payment-problem.ts';
import type { DepositQuestion, NetworkName } from '../../src/core/payment/payment-status.ts';
import { newChannel, withDeposit } from '../../src/core/session/payer-channel.ts';
import {
  bookChannel,
  channelFor,
  channelOf,
  MAX_CHANNELS,
  withChannel,
  type BookChannel,
  type PaymentBook,
} from '../../src/core/session/payment-book.ts';
import type { WireDeposit } from '../../src/core/wire/session-parts.ts';
import { RENEWAL_DAYS, renewalAmount } from '../../src/core/session/renewal.ts';
import { toHex } from '../../src/core/wallet/hex.ts';
import { WalletError } from '../../src/core/wallet/wallet-error.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import type { Chance, Clock } from '../../src/ports/host.ts';
import type { PaymentRail, Servers, UnsignedDeposit } from '../../src/ports/payment-rail.ts';
import type { Wallet } from '../wallet/wallet.ts';
import type { PaymentStore } from './payment-store.ts';
import type { Renewals } from './renewals.ts';
import type { Session, Sessions } from './sessions.ts';

const DAY_S = 86_400;

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
  seal: Renewals['sealed'];
};

export type Deposits = {
  ask: (session: Session, amount: bigint) => Promise<DepositQuestion>;
  /** @param renew the person ticked that the second struct of the question is signed as well */
  confirm: (id: string, renew: boolean) => Promise<void>;
  refuse: () => void;
  question: () => DepositQuestion | undefined;
};

type Asked = {
  question: DepositQuestion;
  session: Session;
  deposit: UnsignedDeposit;
  /** To be signed as well, if the person ticks it. */
  ahead: UnsignedDeposit | undefined;
  account: string;
  channel: BookChannel;
};

export function createDeposits(deps: DepositsDeps): Deposits {
  const { store, sessions, wallet, clock, chance } = deps;
  let asked: Asked | undefined;

  const payerAccount = async (): Promise<string> => {
    const status = await wallet.status();
    if (status.is !== 'open') throw new WalletError(status.is === 'none' ? 'wallet-none' : 'wallet-locked');
    return status.paying;
  };

  /** The channel of the relay, or a new one of the next session key. */
  const channelWith = async (session: Session, account: string): Promise<BookChannel> => {
    const network = await deps.network();
    const fresh: Hex = `0x${toHex(chance.bytes(16))}`;
    const book = await store.change((now) => (now.deviceId === undefined ? { ...now, deviceId: fresh } : now));
    const { peer, operator, terms } = session;
    const known = channelFor(book, { peer, receiver: terms.receiver, network });
    if (known?.deposit !== undefined) throw new AskingError('payment-not-now');
    if (known?.config.payer === asAddress(account) && !known.isFound) return known;
    if (book.channels.length >= MAX_CHANNELS) throw new AskingError('payment-not-now');
    const key = book.nextKey;
    const { id, config } = (await deps.rail()).newChannel({
      ...{ payer: account, terms, key: await wallet.sessionKey(key), deviceId: book.deviceId ?? fresh },
      epoch: BigInt(book.channels.filter((channel) => channel.config.receiver === terms.receiver).length),
    });
    return bookChannel(newChannel(id, config), { key, peer, operator, network });
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
      const book = await store.read();
      const now = clock.now();
      const authorization = (value: bigint, seconds?: number): UnsignedDeposit => ({
        ...{ amount: value, ...depositTimes(now, seconds) },
        salt: `0x${toHex(chance.bytes(32))}`,
      });
      const deposit = authorization(amount);
      const later = renewalAmount(amount, book.limits, session.terms.minDeposit);
      const ahead = later === undefined ? undefined : authorization(later, RENEWAL_DAYS * DAY_S);
      const rail = await deps.rail();
      const { title, token } = NETWORKS[channel.network];
      const question: DepositQuestion = {
        ...rail.depositStruct(channel.config, deposit),
        id: toHex(chance.bytes(16)),
        payee: { peer: session.peer, operator: session.operator },
        isTopUp: channelOf(book, channel.id) !== undefined,
        ...{ amount: formatAmount(amount), network: title, symbol: token.symbol, config: channel.config },
        expiresAt: deposit.validBefore * 1000,
        renewal:
          ahead === undefined
            ? null
            : { amount: formatAmount(ahead.amount), message: rail.depositStruct(channel.config, ahead).message },
      };
      asked = { question, session, deposit, ahead, account, channel };
      return question;
    },

    confirm: async (id, renew) => {
      const now = asked;
      if (now?.question.id !== id || clock.now() >= now.question.expiresAt)
        throw new AskingError('payment-no-question');
      // Whatever becomes of it, it is signed once.
      asked = undefined;
      const session = sessions.of(now.session.peer);
      if (session === undefined) throw new AskingError('payment-no-relay');
      const rail = await deps.rail();
      const ahead = renew ? now.ahead : undefined;
      const [deposit, later] = await wallet.useKey('deposit', now.account, (key) => [
        rail.signDeposit(now.channel.config, now.deposit, key),
        ahead && rail.signDeposit(now.channel.config, ahead, key),
      ]);
      const renewal = later && (await deps.seal(now.channel.id, later));
      await store.change((book) => withSigned(book, now.channel, { deposit, renewal }));
      await sessions.deposit(session, now.channel, deposit);
    },
  };
}

type Signed = { deposit: WireDeposit; renewal: BookChannel['renewal'] };

/**
 * The channel, if it is new, with its deposit in one write: one without the other would open nothing, and stand in the way of the next. And what was
 * signed ahead: that takes the place of an earlier one, and where there is none that one stays.
 */
function withSigned(book: PaymentBook, channel: BookChannel, { deposit, renewal }: Signed): PaymentBook {
  const isNew = channelOf(book, channel.id) === undefined;
  const filled = { ...channel, ...withDeposit(channel, deposit) };
  const nextKey = Math.max(book.nextKey, (channel.key ?? 0) + 1);
  const kept = isNew ? { ...book, channels: [...book.channels, filled], nextKey } : book;
  return renewal === undefined ? kept : withChannel(kept, channel.id, (each) => ({ ...each, renewal }));
}
