// The payment of one exit over one connection: quote, channel, deposits by the relay itself, and vouchers as the exit's meters come (the payer's engine of
// src/core/session). Opened by transit.ts; it ends with its stream.

import type { Connection } from '@libp2p/interface';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { PaymentProblem } from '../../src/core/payment/payment-problem.ts';
import type { RelayQuote } from '../../src/core/payment/quote.ts';
import { newChannel, type OwnTotal, type PayerChannel } from '../../src/core/session/payer-channel.ts';
import { Payer } from '../../src/core/session/payer.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { TransitBook } from './book.ts';
import type { TransitKeys } from './keys.ts';
import { payerKeys } from './payer-keys.ts';
import { openTransitStream, type TransitStream } from './stream.ts';
import { judgeTerms, mayDeposit, needOf, type TermsFault, type TransitLimits } from './terms.ts';

export type TransitSessionInit = {
  exit: PeerLabel;
  connection: Connection;
  /** This relay, as libp2p prints it. */
  ownPeer: string;
  keys: TransitKeys;
  book: TransitBook;
  limits: TransitLimits;
  /** What the account of the payment key holds. Throws `ChainError`. */
  balance: () => Promise<bigint>;
  own: () => OwnTotal;
  /** ms since the epoch. */
  now: () => number;
  signal: AbortSignal;
  on: {
    /** Nothing is paid over it any more. Called once, with the reason where it is not that the stream has ended. */
    ended: (problem: PaymentProblem | undefined) => void;
    deposited: (amount: bigint) => void;
    /** The channel is low, and nothing could be put in; to be tried again. */
    notFilled: (error: unknown) => void;
  };
};

export type TransitFault = TermsFault | 'no-money';

/** Why an exit is not paid, where it is not the exit or the chain that says so. */
export class TransitError extends Error {
  override readonly name = 'TransitError';
  readonly code: TransitFault;

  constructor(code: TransitFault) {
    super(`the exit is not paid: ${code}`);
    this.code = code;
  }
}

/** Tunnels wait for it. The exit asks its chain before it answers to a deposit. */
const OPEN_TIMEOUT_MS = 20_000;

export class TransitSession {
  readonly #init: TransitSessionInit;
  readonly #payer: Payer;
  #stream: TransitStream | undefined;
  #terms: RelayQuote | undefined;
  #filling: Promise<void> | undefined;
  #over = false;

  constructor(init: TransitSessionInit) {
    this.#init = init;
    const { keys, book, exit, own } = init;
    this.#payer = new Payer({
      chainId: keys.network.chainId,
      send: (message) => {
        if (this.#stream === undefined) throw new PaymentError('unavailable', 'the stream has ended');
        this.#stream.send(message);
      },
      keys: payerKeys(init),
      book: book.of(exit),
      own,
      stopped: (problem) => this.end(problem),
      // The book has no limits of a person's.
      held: () => undefined,
      low: () => this.fill(),
      deposit: () => undefined,
      metered: () => undefined,
    });
  }

  /** The channel by which it pays. */
  get channel(): Hex | undefined {
    return this.#terms && this.#init.book.channelFor(this.#init.exit, this.#terms.receiver)?.id;
  }

  /** Throws `TransitError`, `PaymentError`, `ChainError`, `LedgerError`, or what libp2p throws. */
  async open(): Promise<void> {
    const late = setTimeout(() => this.close(), OPEN_TIMEOUT_MS);
    try {
      await this.#open();
    } finally {
      clearTimeout(late);
    }
    if (this.#over) throw new PaymentError('unavailable', 'the stream has ended');
    this.fill();
  }

  async #open(): Promise<void> {
    const { connection, signal, limits, keys, book } = this.#init;
    this.#stream = await openTransitStream(connection, signal, {
      message: (message) => this.#payer.receive(message),
      end: () => this.end(undefined),
    });
    const stop = (): void => this.close();
    signal.addEventListener('abort', stop, { once: true });
    const terms = await this.#payer.quote();
    this.#terms = terms;
    const fault = judgeTerms(terms, limits, keys.payer);
    if (fault !== undefined) throw new TransitError(fault);
    const channel = await book.of(this.#init.exit).channel(terms);
    const need = needOf(channel);
    // What is low can still pay; what is empty or not there cannot.
    if (channel === undefined || isEmpty(channel))
      await this.#deposit(terms, need === 'new-channel' ? undefined : channel);
    else await this.#payer.open();
  }

  /** Puts another deposit in where the channel is low. */
  fill(): void {
    this.#filling ??= this.#fill()
      .catch((error: unknown) => this.#init.on.notFilled(error))
      .finally(() => (this.#filling = undefined));
  }

  close(): void {
    this.end(undefined);
  }

  end(problem: PaymentProblem | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#payer.end();
    this.#stream?.close();
    this.#init.on.ended(problem);
  }

  async #fill(): Promise<void> {
    const terms = this.#terms;
    if (terms === undefined || this.#over) return;
    const channel = await this.#init.book.of(this.#init.exit).channel(terms);
    const need = needOf(channel);
    if (need !== 'nothing') await this.#deposit(terms, need === 'deposit' ? channel : undefined);
  }

  async #deposit(terms: RelayQuote, into: PayerChannel | undefined): Promise<void> {
    const { keys, book, limits, balance, now, exit, on } = this.#init;
    if (!mayDeposit(limits, book.unspent(), await balance())) throw new TransitError('no-money');
    const channel = into ?? this.#new(terms);
    await book.add(exit, channel);
    const deposit = keys.signDeposit(channel.config, limits.deposit, now());
    await this.#payer.deposit(channel, deposit);
    on.deposited(limits.deposit);
  }

  #new(terms: RelayQuote): PayerChannel {
    const { keys, book } = this.#init;
    const { id, config } = keys.newChannel(terms, book.channelsWith(terms.receiver));
    return newChannel(id, config);
  }
}

/** Nothing was ever put in that the chain took, or is on its way. */
function isEmpty({ funds, deposit }: PayerChannel): boolean {
  return deposit === undefined && funds.safe + funds.unsafe === 0n;
}
