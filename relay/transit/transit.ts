// The entry pays its exits: one session for each exit that is connected and speaks the transit protocol, opened again when it ends. An exit that
// is not paid answers tunnels with `unpaid` (docs/protocol/tunnel.md), which the entry's clients see as a refusal. Made by relay/relay.ts.

import type { Connection } from '@libp2p/interface';
import type { Logger } from 'pino';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { OwnTotal } from '../../src/core/session/payer-channel.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { logEvent, type RelayEvent } from '../log.ts';
import type { TunnelCount } from '../net/tunnel-set.ts';
import { TransitError, TransitSession, type TransitSessionInit } from './session.ts';
import { ExitTraffic } from './traffic.ts';

export type TransitInit = Pick<TransitSessionInit, 'ownPeer' | 'keys' | 'book' | 'limits' | 'balance' | 'now'> & {
  log: Logger;
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
    ready: async (exit) => links.get(exit)?.tried,
    close: () => {
      for (const link of links.values()) link.end();
      links.clear();
    },
  };
}

class Link {
  readonly tried: Promise<void>;
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
    this.tried = this.#try();
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
    let counts = false;
    const own = (): OwnTotal => {
      // The engine's first question is where to begin.
      if (counts) return this.#traffic.total(exit);
      counts = true;
      return this.#traffic.begin(exit);
    };
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
      this.#session = session;
      this.#failures = 0;
      this.#told = undefined;
      logEvent(log, 'transit-open', { exit });
    } catch (error) {
      session.close();
      if (!signal.aborted) this.#again(codeOf(error));
    }
  }

  #again(code: string | undefined): void {
    this.#session = undefined;
    if (this.#stop.signal.aborted) return;
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
