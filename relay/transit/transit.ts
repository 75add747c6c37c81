// The entry pays its exits: one session for each exit that is connected and speaks the transit protocol, opened again when it ends. An exit that
// is not paid answers tunnels with `unpaid` (docs/protocol/tunnel.md), which the entry's clients see as a refusal. Made by relay/relay.ts.

import type { Connection } from '@libp2p/interface';
import type { Logger } from 'pino';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { OwnTotal, PayerChannel } from '../../src/core/session/payer-channel.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { logEvent, type RelayEvent } from '../log.ts';
import type { TunnelCount } from '../net/tunnel-set.ts';
import { giveBack, type GivenBack } from './give-back.ts';
import { TransitError, TransitSession, type TransitSessionInit } from './session.ts';
import { ExitTraffic } from './traffic.ts';

export type TransitInit = Pick<TransitSessionInit, 'ownPeer' | 'keys' | 'book' | 'limits' | 'balance' | 'now'> & {
  log: Logger;
  /** Whether the operator wants this exit paid. Throws where that cannot be read: then it is not. */
  mayPay: (exit: PeerLabel) => Promise<boolean>;
  /** Tests' own, ms. */
  retry?: { first: number; last: number };
};

export type Transit = {
  /** An exit has connected, over this connection from now on. */
  met(exit: PeerLabel, connection: Connection): void;
  /** Counts a tunnel to that exit. */
  count(exit: PeerLabel): TunnelCount;
  /** Resolves when its first session is open or could not be: a tunnel before that would only be refused. */
  ready(exit: PeerLabel): Promise<void>;
  /** It is connected, and has not said that it takes no money. */
  isThere(exit: PeerLabel): boolean;
  /** Tunnels run to it. */
  isBusy(exit: PeerLabel): boolean;
  /** The channel by which it is paid now. */
  paysBy(exit: PeerLabel): Hex | undefined;
  /** Its channel stands as closing: it is paid again when a tunnel comes, by another one. */
  leave(exit: PeerLabel): void;
  /** Asks it for the rest of a channel that stands as closing (give-back.ts). Throws where it is not there as well. */
  giveBack(exit: PeerLabel, channel: PayerChannel): Promise<GivenBack | undefined>;
  close(): void;
};

/** After a stream that ended, or an answer that may be another one soon; doubled each time that it was for nothing. */
const RETRY_MS = { first: 1000, last: 60_000 };
/** Asking again would change nothing while the exit runs as it does. */
const FINAL: readonly string[] = [
  'too-dear',
  'deposit-too-small',
  'pays-itself',
  'delay-too-long',
  'meter_apart',
  'bad_sig',
];

export function createTransit(init: TransitInit): Transit {
  const traffic = new ExitTraffic();
  const links = new Map<PeerLabel, Link>();
  return {
    met: (exit, connection) => {
      links.get(exit)?.end();
      const link = new Link(init, exit, connection, traffic);
      links.set(exit, link);
      connection.addEventListener('close', () => {
        link.end();
        if (links.get(exit) === link) links.delete(exit);
      });
    },
    count: (exit) => traffic.tunnel(exit),
    ready: async (exit) => links.get(exit)?.ready(),
    isThere: (exit) => links.has(exit),
    isBusy: (exit) => traffic.isBusy(exit),
    paysBy: (exit) => links.get(exit)?.channel,
    leave: (exit) => links.get(exit)?.rest(),
    giveBack: async (exit, channel) => {
      const link = links.get(exit);
      if (link === undefined) throw new PaymentError('unavailable', 'the exit is not connected');
      return link.giveBack(channel);
    },
    close: () => {
      for (const link of links.values()) link.end();
      links.clear();
    },
  };
}

class Link {
  /** The first try, or the one that a tunnel has asked for. */
  #tried: Promise<void>;
  /** Nothing is paid until a tunnel comes. */
  #resting = false;
  readonly #init: TransitInit;
  readonly #exit: PeerLabel;
  readonly #connection: Connection;
  readonly #traffic: ExitTraffic;
  readonly #stop = new AbortController();
  #session: TransitSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  /** Each trouble is told once. */
  #told: string | undefined;

  constructor(init: TransitInit, exit: PeerLabel, connection: Connection, traffic: ExitTraffic) {
    this.#init = init;
    this.#exit = exit;
    this.#connection = connection;
    this.#traffic = traffic;
    // One that was left is not paid before it is needed: its money would lie there again.
    if (init.book.hasLeft(exit)) this.#resting = true;
    this.#tried = this.#resting ? Promise.resolve() : this.#try();
  }

  get channel(): Hex | undefined {
    return this.#session?.channel;
  }

  ready(): Promise<void> {
    if (this.#resting) {
      this.#resting = false;
      this.#tried = this.#try();
    }
    return this.#tried;
  }

  rest(): void {
    this.#resting = true;
    clearTimeout(this.#timer);
    const session = this.#session;
    this.#session = undefined;
    session?.close();
  }

  giveBack(channel: PayerChannel): Promise<GivenBack | undefined> {
    const { ownPeer, keys, book, now } = this.#init;
    const { signal } = this.#stop;
    const own = this.#count();
    return giveBack({ ...{ keys, book, ownPeer, now, signal, own, channel }, connection: this.#connection });
  }

  end(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#session?.close();
  }

  async #try(): Promise<void> {
    const { signal } = this.#stop;
    const { ownPeer, keys, book, limits, balance, now, log } = this.#init;
    const exit = this.#exit;
    const own = this.#count();
    if (!(await this.#init.mayPay(exit).catch(() => false))) {
      // Asked again with the next tunnel.
      this.#resting = true;
      return;
    }
    const session: TransitSession = new TransitSession({
      ...{ exit, connection: this.#connection, ownPeer, keys, book, limits, balance, now, signal },
      own,
      on: {
        ended: (problem) => {
          if (this.#session === session) this.#again(problem);
        },
        deposited: (amount) => {
          this.#failures = 0;
          this.#told = undefined;
          logEvent(log, 'transit-deposit', { exit, amount: String(amount) });
        },
        notFilled: (error) => {
          if (this.#session !== session) return;
          this.#tell(codeOf(error));
          this.#later(() => session.fill());
        },
      },
    });
    try {
      await session.open();
      if (signal.aborted) return;
      if (this.#resting) {
        session.close();
        return;
      }
      this.#session = session;
      this.#failures = 0;
      this.#told = undefined;
      logEvent(log, 'transit-open', { exit });
    } catch (error) {
      session.close();
      if (!signal.aborted) this.#again(codeOf(error));
    }
  }

  /** This side's count for one stream. */
  #count(): () => OwnTotal {
    let counts = false;
    return () => {
      // The engine's first question is where to begin.
      if (counts) return this.#traffic.total(this.#exit);
      counts = true;
      return this.#traffic.begin(this.#exit);
    };
  }

  #again(code: string | undefined): void {
    this.#session = undefined;
    if (this.#stop.signal.aborted || this.#resting) return;
    if (code !== undefined) this.#tell(code);
    if (code !== undefined && FINAL.includes(code)) return;
    this.#later(() => void this.#try());
  }

  #later(act: () => void): void {
    const { first, last } = this.#init.retry ?? RETRY_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, Math.min(last, first * 2 ** this.#failures));
    this.#timer.unref();
    this.#failures = Math.min(this.#failures + 1, 20);
  }

  #tell(code: string): void {
    if (code === this.#told) return;
    this.#told = code;
    this.#init.log.warn({ event: eventOf(code), exit: this.#exit, code });
  }
}

function eventOf(code: string): RelayEvent {
  if (code === 'too-dear') return 'exit-too-dear';
  return code === 'no-money' ? 'transit-no-money' : 'transit-trouble';
}

/** A word of a closed list; of what libp2p throws only that the exit was not reached. */
function codeOf(error: unknown): string {
  const isOurs =
    error instanceof TransitError ||
    error instanceof PaymentError ||
    error instanceof ChainError ||
    error instanceof LedgerError;
  return isOurs ? error.code : 'unreachable';
}
