// The sessions with entries: one stream and one engine for each entry that is connected. A session gives the lease under which tunnels are counted.
// Called by background/attempt.ts through payments.ts, before the circuit is checked.

import { isPaymentError, PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { AskingError, type PaymentProblem } from '../../src/core/payment/payment-problem.ts';
import { LEASE_MS } from '../../src/core/circuit/durations.ts';
import { checkQuoteTime, type RelayQuote } from '../../src/core/payment/quote.ts';
import type { NetworkName } from '../../src/core/payment/payment-status.ts';
import { withDeposit, type OwnTotal, type PayerChannel } from '../../src/core/session/payer-channel.ts';
import type { PayerEvents, PayerKeys } from '../../src/core/session/payer-ports.ts';
import { Payer, type Opened } from '../../src/core/session/payer.ts';
import { channelOf, type BookChannel } from '../../src/core/session/payment-book.ts';
import { withRelay } from '../../src/core/session/found-channel.ts';
import { fromHex } from '../../src/core/wallet/hex.ts';
import type { WireDeposit } from '../../src/core/wire/session-parts.ts';
import { EntryUnreachableError, type EntryClient, type PeerKeys } from '../../src/ports/entry-client.ts';
import type { Clock } from '../../src/ports/host.ts';
import type { PaymentRail } from '../../src/ports/payment-rail.ts';
import type { PaymentStream } from '../../src/ports/payment-stream.ts';
import type { Wallet } from '../wallet/wallet.ts';
import type { PaymentStore } from './payment-store.ts';

export type Payee = { peer: string; operator: string };

export type Session = Payee & {
  payer: Payer;
  network: NetworkName;
  terms: RelayQuote;
  /** Missing while the entry gives none: the stream stays for a deposit to be made on it. */
  port: number | undefined;
  isPaid: boolean;
  freeBytes: bigint | undefined;
};

export type SessionEvents = {
  /** The entry's tunnels come to this port from now on. */
  leased: (peer: string, port: number) => void;
  /** The entry is not paid any more, and must not be used. */
  stopped: (session: Payee, problem: PaymentProblem) => void;
  /** Told of each thing that the popup shows. */
  changed: () => void;
  deposit: (session: Payee, about: Parameters<PayerEvents['deposit']>[0]) => void;
  /** The entry has closed the channel, and this side died before it heard of it: it is to be closed here too. */
  closed: (session: Session) => Promise<void>;
  low: (session: Session, advice: 'top-up' | 'new-channel') => void;
  /** The free data of the day is used, and nothing pays: its tunnels stand still. */
  usedUp: (session: Session) => void;
};

export type SessionsDeps = SessionEvents & {
  entries: Pick<EntryClient, 'session'>;
  keys: PeerKeys;
  clock: Clock;
  wallet: Pick<Wallet, 'sessionKey'>;
  store: PaymentStore;
  network: () => Promise<NetworkName>;
  rail: () => Promise<PaymentRail>;
  own: (peer: string) => OwnTotal | undefined;
};

export type Sessions = {
  /** The port of the lease, after a session was opened if there is none. Undefined: the entry takes no money. Throws `PaymentError`, `EntryUnreachableError`. */
  lease: (entry: Payee, options: { signal: AbortSignal }) => Promise<number | undefined>;
  /**
   * A session that this very channel pays, in the place of another one with its relay. Throws `PaymentError`, and `AskingError` payment-relay-away where the
   * relay is not connected.
   */
  payBy: (channel: BookChannel) => Promise<Session>;
  all: () => readonly Session[];
  of: (peer: string) => Session | undefined;
  /** Shows the relay a deposit, which is stored before it is sent. Throws `PaymentError`. */
  deposit: (session: Session, channel: PayerChannel, deposit: WireDeposit) => Promise<void>;
  end: (peer: string) => void;
};

export function createSessions(deps: SessionsDeps): Sessions {
  const { entries, clock, store, changed } = deps;
  const sessions = new Map<string, Session & { stream: PaymentStream }>();
  const opening = new Map<string, Promise<number | undefined>>();

  const keysFor = (payee: Payee, stream: PaymentStream): PayerKeys => {
    const { payerPeer, payeePeer } = stream;
    const sessionKey = async (id: `0x${string}`): Promise<Uint8Array> => {
      const channel = channelOf(await store.read(), id);
      if (channel?.key === undefined) throw new PaymentError('unknown_channel', 'its key is not in the book');
      return deps.wallet.sessionKey(channel.key);
    };
    return {
      checkQuote: async (quote) => {
        const { terms, signed } = (await deps.rail()).readQuote(quote);
        checkQuoteTime(terms, clock.now());
        if (terms.peerId !== payeePeer) throw new PaymentError('bad_quote', 'it is another relay’s');
        if (!(await deps.keys.verify(payee.peer, signed, fromHex(quote.peerSignature.slice(2))))) {
          throw new PaymentError('bad_sig', 'the relay did not sign its quote');
        }
        return terms;
      },
      prove: async ({ id }) => (await deps.rail()).prove(id, { payerPeer, payeePeer }, await sessionKey(id)),
      signVoucher: async ({ id }, sum) => (await deps.rail()).signVoucher(id, sum, await sessionKey(id)),
      isOwn: async (channel, voucher) => (await deps.rail()).isOwn(channel, voucher),
    };
  };

  const start = async (
    payee: Payee,
    stream: PaymentStream,
    only?: Hex,
  ): Promise<Session & { stream: PaymentStream }> => {
    const { peer } = payee;
    const network = await deps.network();
    const stop = (problem: PaymentProblem): void => {
      deps.stopped(payee, problem);
    };
    const rail = await deps.rail();
    const payer = new Payer({
      chainId: rail.chainId,
      send: (message) => stream.send(message),
      keys: keysFor(payee, stream),
      book: store.of({ peer, network }, only),
      own: () => deps.own(peer),
      stopped: stop,
      held: (problem) => void store.change((book) => ({ ...book, problem })).then(changed),
      low: (advice) => {
        const session = sessions.get(peer);
        if (session?.payer === payer) deps.low(session, advice);
      },
      deposit: (about) => deps.deposit(payee, about),
      metered: ({ freeBytes }) => {
        const session = sessions.get(peer);
        if (session?.payer === payer) {
          session.freeBytes = freeBytes;
          if (freeBytes === 0n && !session.isPaid) deps.usedUp(session);
        }
        changed();
      },
    });
    stream.onMessage((message) => payer.receive(message));
    stream.onEnd(() => {
      payer.end();
      if (sessions.get(peer)?.payer === payer) sessions.delete(peer);
      changed();
    });
    const { channels } = await store.read();
    const quoted = payer.quote();
    if (!channels.some((channel) => channel.peer === peer)) payer.openAhead();
    const terms = await quoted;
    await store.change((book) => withRelay(book, payee, terms.receiver));
    return { ...payee, network, stream, payer, terms, port: undefined, isPaid: false, freeBytes: undefined };
  };

  const opened = (session: Session, { lease, isPaid }: Opened): void => {
    session.isPaid = isPaid;
    if (lease === undefined) return;
    session.freeBytes = lease.freeBytes;
    const moved = session.port !== undefined && session.port !== lease.port;
    session.port = lease.port;
    if (moved) deps.leased(session.peer, lease.port);
  };

  const open = async (payee: Payee, signal: AbortSignal, only?: Hex): Promise<number | undefined> => {
    const known = sessions.get(payee.peer);
    if (known?.port !== undefined) return known.port;
    const stream = known?.stream ?? (await entries.session(payee.peer, { signal }));
    const give = (): void => stream.close();
    signal.addEventListener('abort', give, { once: true });
    try {
      const session = known ?? (await start(payee, stream, only));
      sessions.set(payee.peer, session);
      const answer = await session.payer.open();
      if (answer.isPaid && answer.lease === undefined) {
        await deps.closed(session);
        throw new PaymentError('withdraw_pending', 'the channel was closed');
      }
      opened(session, answer);
      return session.port;
    } catch (error) {
      if (!stream.isSpoken()) {
        sessions.delete(payee.peer);
        return undefined;
      }
      // The stream stays for a deposit.
      if (!(error instanceof PaymentError) || error.code !== 'no_free_quota') {
        sessions.delete(payee.peer);
        stream.close();
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', give);
      changed();
    }
  };

  const openOnce = ({ peer, operator }: Payee, signal: AbortSignal, only?: Hex): Promise<number | undefined> => {
    const running = opening.get(peer) ?? open({ peer, operator }, signal, only).finally(() => opening.delete(peer));
    opening.set(peer, running);
    return running;
  };
  const lease: Sessions['lease'] = (payee, { signal }) => openOnce(payee, signal);

  const end: Sessions['end'] = (peer) => {
    const session = sessions.get(peer);
    sessions.delete(peer);
    session?.payer.end();
    session?.stream.close();
  };

  /** Another stream in the place of the one there is. The entry may count at another port then. */
  const reopen = async (payee: Payee, only?: Hex): Promise<void> => {
    const before = sessions.get(payee.peer)?.port;
    end(payee.peer);
    const port = await openOnce(payee, clock.timeout(LEASE_MS), only);
    if (before !== undefined && port !== undefined && port !== before) deps.leased(payee.peer, port);
  };

  return {
    lease,
    deposit: async (session, channel, deposit) => {
      const pays = session.payer.channel;
      if (pays !== undefined && pays !== channel.id) {
        // A stream has one channel: this one is opened with its deposit on another.
        await store.of(session).change(channel.id, (now) => withDeposit(now, deposit));
        return reopen(session);
      }
      try {
        opened(session, await session.payer.deposit(channel, deposit));
      } catch (error) {
        if (!isPaymentError(error, 'quote_expired')) throw error;
        // The deposit is in the book: a session on a new quote is opened with it.
        await reopen(session);
      }
    },
    payBy: async (channel) => {
      const { peer, id } = channel;
      // Whatever came of it, it was for another channel.
      await opening.get(peer)?.catch(() => undefined);
      if (sessions.get(peer)?.payer.channel !== id) {
        await reopen(channel, id).catch(async (error: unknown) => {
          // What paid before goes on; where it cannot, the next circuit asks for it.
          await lease(channel, { signal: clock.timeout(LEASE_MS) }).catch(() => undefined);
          throw error instanceof EntryUnreachableError ? new AskingError('payment-relay-away') : error;
        });
      }
      const session = sessions.get(peer);
      if (session?.payer.channel !== id) throw new PaymentError('unknown_channel', 'it pays another relay');
      return session;
    },
    all: () => [...sessions.values()],
    of: (peer) => sessions.get(peer),
    end,
  };
}
