// "Look for money in deposits of this wallet": asks the chain which channels its accounts have paid into, and takes those with money left into the book. For whoever brought
// their words to another machine, or lost what the browser had stored. Signs nothing, and asks no relay. Part of payments.ts.

import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import { asAddress, type Hex } from '../../src/core/payment/hex.ts';
import { AskingError } from '../../src/core/payment/payment-problem.ts';
import type { FindReport, NetworkName } from '../../src/core/payment/payment-status.ts';
import { NO_PEER, withFound, type Found } from '../../src/core/session/found-channel.ts';
import { channelOf, type PaymentBook } from '../../src/core/session/payment-book.ts';
import { WalletError } from '../../src/core/wallet/wallet-error.ts';
import type { PaymentRail, Servers } from '../../src/ports/payment-rail.ts';
import type { Wallet } from '../wallet/wallet.ts';
import type { PaymentStore } from './payment-store.ts';
import type { Sessions } from './sessions.ts';

/** Accounts of the words that are not in the wallet, and are looked for all the same: words bring the first account only. */
const ACCOUNTS_AHEAD = 3;

export type FindDeps = {
  store: PaymentStore;
  wallet: Pick<Wallet, 'status' | 'nextAddresses' | 'addAccount' | 'eachSessionKey'>;
  sessions: Pick<Sessions, 'all' | 'payBy'>;
  network: () => Promise<NetworkName>;
  rail: () => Promise<PaymentRail>;
  rpcs: () => Promise<Servers>;
  /** Whether what is asked goes through a circuit. */
  isCovered: () => boolean;
};

export type FindChannels = {
  /** Throws `WalletError`, `AskingError` payment-no-circuit, `ChainError`. */
  findChannels: (options: { direct: boolean; further: boolean }) => Promise<FindReport>;
  /** The person's word that a found channel is used here and nowhere else. Throws `AskingError`, `PaymentError`. */
  useChannel: (id: Hex) => Promise<void>;
};

export function createFindChannels(deps: FindDeps): FindChannels {
  const { store, wallet, sessions } = deps;
  /** How far the last look came. In memory: a new worker begins at the newest block. */
  let reached: bigint | undefined;

  const relayOf = (book: PaymentBook, receiver: Hex): Found['relay'] =>
    sessions.all().find(({ terms }) => terms.receiver === receiver) ??
    book.channels.findLast(({ config, peer }) => config.receiver === receiver && peer !== NO_PEER);

  const numbersOf = async (signers: ReadonlySet<Hex>): Promise<Map<Hex, number>> => {
    const numbers = new Map<Hex, number>();
    const rail = await deps.rail();
    if (signers.size > 0) {
      await wallet.eachSessionKey((key, index) => {
        const signer = rail.signerOf(key);
        if (signers.has(signer)) numbers.set(signer, index);
        return numbers.size < signers.size;
      });
    }
    return numbers;
  };

  return {
    findChannels: async ({ direct, further }) => {
      const status = await wallet.status();
      if (status.is !== 'open') throw new WalletError(status.is === 'none' ? 'wallet-none' : 'wallet-locked');
      if (!direct && !deps.isCovered()) throw new AskingError('payment-no-circuit');
      const [rail, servers, network] = [await deps.rail(), await deps.rpcs(), await deps.network()];
      await rail.checkServers(servers);
      const own = status.accounts.map(({ address }) => asAddress(address));
      const ahead = (await wallet.nextAddresses(ACCOUNTS_AHEAD)).map(asAddress);
      const look = await rail.findChannels(
        { payers: [...own, ...ahead], before: further ? reached : undefined },
        servers,
      );
      const before = await store.read();
      const wanted = look.channels.filter(({ id, config }) => mayBeOurs(config) && isToBeRead(before, id));
      const facts = new Map<Hex, Found['facts']>();
      for (const { id } of wanted) facts.set(id, await rail.channel(id, servers));
      const withMoney = wanted.filter(({ id }) => left(facts.get(id)) > 0n);
      const numbers = await numbersOf(new Set(withMoney.map(({ config }) => config.payerAuthorizer)));
      const found = wanted.flatMap(({ id, config }): Found[] => {
        const read = facts.get(id);
        const key = numbers.get(config.payerAuthorizer);
        return read === undefined ? [] : [{ id, config, facts: read, key, relay: relayOf(before, config.receiver) }];
      });
      // The rest of a channel comes back to its account: the wallet has to have it.
      const last = Math.max(-1, ...withMoney.map(({ config }) => ahead.indexOf(config.payer)));
      for (let added = 0; added <= last; added += 1) await wallet.addAccount();
      await store.change((book) => withFound(book, found, network));
      reached = look.from;
      return {
        found: withMoney.length,
        known: look.channels.length - withMoney.length,
        ...{ since: look.since, isAll: look.from === 0n },
        ...{ asked: servers.length, answered: look.answered },
      };
    },

    useChannel: async (id) => {
      const channel = channelOf(await store.read(), id);
      if (channel === undefined) throw new AskingError('payment-no-channel');
      if (channel.state !== 'found' || channel.key === undefined) throw new AskingError('payment-not-now');
      // The relay shows the last voucher before anything is signed (payer.ts).
      await sessions.payBy(channel);
      await store.change((book) => withFoundInUse(book, id));
    },
  };
}

/** What a relay is paid by (src/core/payment/channel.ts): another form was never made here. */
function mayBeOurs({ receiver, receiverAuthorizer }: ChannelConfig): boolean {
  return receiver === receiverAuthorizer;
}

/** One that is in use here is not read: the book knows more of it. */
function isToBeRead(book: PaymentBook, id: Hex): boolean {
  const state = channelOf(book, id)?.state;
  return state === undefined || state === 'found' || state === 'closed';
}

function left(facts: Found['facts'] | undefined): bigint {
  return facts === undefined ? 0n : facts.balance - facts.totalClaimed;
}

function withFoundInUse(book: PaymentBook, id: Hex): PaymentBook {
  // The newest that is open pays: it stands last from now on.
  const channel = channelOf(book, id);
  if (channel?.state !== 'found') return book;
  const others = book.channels.filter((each) => each.id !== id);
  return { ...book, channels: [...others, { ...channel, state: 'open' }] };
}
