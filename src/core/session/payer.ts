// The payer's side of one stream of `/conet/session/1.0.0` or `/conet/transit/1.0.0`: quote, opening, vouchers, top-ups, closing, and finding its feet again after
// lost state. Transport-free; what it decides by is in core/payment. One for each stream; it ends with it.

import { incrementAmount } from '../payment/increment.ts';
import { PaymentError } from '../payment/payment-error.ts';
import type { Hex } from '../payment/hex.ts';
import { quotePrice, type RelayQuote } from '../payment/quote.ts';
import { adviseTopUp } from '../payment/top-up.ts';
import { lastVoucher } from '../payment/voucher.ts';
import type { SessionBody, SessionBodyOf, SessionMessage } from '../wire/session-messages.ts';
import type { WireDeposit, WireLease, WireVoucher } from '../wire/session-parts.ts';
import type { SessionErrorCode } from '../wire/session-protocol.ts';
import { MeterReader } from './meter-reader.ts';
import { withDeposit, withDepositState, withoutDeposit, withState, type PayerChannel } from './payer-channel.ts';
import type { PayerPorts, Promised } from './payer-ports.ts';
import { Requests } from './requests.ts';

export type Opened = { terms: RelayQuote; lease: WireLease | undefined; isPaid: boolean };

/** Errors of a voucher after which a newer look at the channel mends it. */
const MENDED_BY_RESYNC: readonly SessionErrorCode[] = ['not_advancing', 'unknown_channel'];
/** Errors after which money is needed in this or another channel. */
const NEEDS_MONEY: Partial<Record<SessionErrorCode, 'top-up' | 'new-channel'>> = {
  exceeds_balance: 'top-up',
  withdraw_pending: 'new-channel',
};

export class Payer {
  readonly #ports: PayerPorts;
  readonly #requests: Requests;
  #terms: RelayQuote | undefined;
  #channel: PayerChannel | undefined;
  #reader: MeterReader | undefined;
  #stopped = false;
  /** The payee was asked to give the rest back; until it refuses, nothing more is paid. */
  #closing = false;
  /** A resync that changed nothing is not tried again: the payee only says no. */
  #resyncs = 0;
  #settling: Promise<void> | undefined;
  #again = false;
  /** The opening on the free quota that went out with the first question. */
  #ahead: Promise<SessionBodyOf<'openAck'>> | undefined;

  constructor(ports: PayerPorts) {
    this.#ports = ports;
    this.#requests = new Requests(ports.send);
  }

  get terms(): RelayQuote | undefined {
    return this.#terms;
  }

  /** What pays on this stream; undefined: nothing, or the free quota. */
  get channel(): Hex | undefined {
    return this.#channel?.id;
  }

  /** Asks for a quote and takes it. Throws `PaymentError`. */
  async quote(): Promise<RelayQuote> {
    const answer = await this.#requests.ask({ type: 'quoteRequest', chainId: this.#ports.chainId }, 'quote');
    // Frozen for a session: a payee that changes its mind is asked on another stream.
    this.#terms ??= await this.#ports.keys.checkQuote(answer);
    return this.#terms;
  }

  /** Where nothing can pay, the opening need not wait for the quote: it promises nothing. To be called before `quote`'s answer; `open` takes it up. */
  openAhead(): void {
    this.#metering();
    this.#ahead = this.#requests.ask({ type: 'open' }, 'openAck');
    // Whoever asks hears of it.
    this.#ahead.catch(() => undefined);
  }

  /** Opens the session: by the channel that there is, else by the free quota. Throws `PaymentError`. */
  async open(): Promise<Opened> {
    const terms = this.#terms ?? (await this.quote());
    const channel = await this.#ports.book.channel(terms);
    if (channel !== undefined) return this.#openPaid(terms, channel);
    this.#metering();
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const { lease } = await (ahead ?? this.#requests.ask({ type: 'open' }, 'openAck'));
    return { terms, lease, isPaid: false };
  }

  /** The deposit is stored here before it is sent. Throws `PaymentError` where the payee does not take it. */
  async deposit(channel: PayerChannel, deposit: WireDeposit): Promise<Opened> {
    const terms = this.#terms ?? (await this.quote());
    const stored = await this.#ports.book.change(channel.id, (now) => withDeposit(now, deposit));
    if (this.#channel?.id !== channel.id) return this.#openPaid(terms, stored);
    try {
      this.#standing(await this.#requests.ask({ type: 'topUp', channelId: channel.id, deposit }, 'openAck'));
    } catch (error) {
      await this.#depositRefused(stored, error);
      throw error;
    }
    await this.again();
    return { terms, lease: undefined, isPaid: true };
  }

  /** Pays what is owed and asks for the rest back. Throws `PaymentError`. */
  async close(): Promise<SessionBodyOf<'closed'>> {
    const channel = this.#channel;
    if (channel === undefined) throw new PaymentError('unknown_channel', 'no channel is open on this stream');
    this.#closing = true;
    try {
      await this.#settling;
      // At no price: it pays for what was had, and the person was asked about that.
      const last = (now: PayerChannel) => ({ channel: now, sum: lastVoucher(now.paid, now.funds) });
      await this.#ports.book.promise(channel.id, last, 0n);
      const voucher = await this.#voucher(await this.#ports.book.change(channel.id, (same) => same));
      return await this.#requests.ask({ type: 'close', channelId: channel.id, voucher, refund: true }, 'closed');
    } catch (error) {
      // It goes on as before: the payee serves on too, and waits for vouchers.
      this.#closing = false;
      void this.again();
      throw error;
    }
  }

  /** Looks again whether a voucher is due: after a meter, a top-up, or when the person has changed a limit. */
  again(): Promise<void> {
    this.#again = true;
    this.#settling ??= this.#settle().finally(() => (this.#settling = undefined));
    return this.#settling;
  }

  /** A message came. */
  receive({ request, body }: SessionMessage): void {
    if (body.type === 'meter') {
      this.#metered(body);
      return;
    }
    if (body.type === 'openAck' && request === 0) {
      this.#standing(body);
      return;
    }
    if (this.#requests.answered(request, body) || body.type !== 'error') return;
    // Of a voucher, which nothing else answers, or of none.
    this.#refused(body.code).catch(() => this.#stop(body.code));
  }

  /** The stream has ended. */
  end(): void {
    this.#stopped = true;
    this.#requests.end();
  }

  async #openPaid(terms: RelayQuote, stored: PayerChannel): Promise<Opened> {
    const { keys, book } = this.#ports;
    const proof = await keys.prove(stored);
    const isNew = stored.paid.signed === 0n && stored.funds.safe === 0n;
    const known = isNew ? undefined : await this.#resync(stored, proof);
    const channel = await book.change(stored.id, (same) => same);
    const { deposit, config } = channel;
    // The payee has it already: the same one again would only be refused.
    const voucher = isNew || channel.paid.signed > (known ?? 0n) ? await this.#voucher(channel) : undefined;
    // Before it is sent: the first meter may come in one piece with the answer.
    this.#channel = channel;
    this.#reader = this.#metering().from(channel);
    try {
      const open: SessionBody = { type: 'open', channel: { config, proof }, deposit, voucher };
      const answer = await this.#requests.ask(open, 'openAck');
      this.#standing(answer);
      return { terms, lease: answer.lease, isPaid: true };
    } catch (error) {
      this.#channel = undefined;
      await this.#depositRefused(channel, error);
      throw error;
    }
  }

  /** Returns the sum of this side's voucher that the payee has; undefined where it knows the channel no more. */
  async #resync(channel: PayerChannel, proof: SessionBodyOf<'resync'>['proof']): Promise<bigint | undefined> {
    try {
      const state = await this.#requests.ask({ type: 'resync', config: channel.config, proof }, 'state');
      if (state.channelId !== channel.id) throw new PaymentError('wrong_channel', 'the payee speaks of another one');
      const increment = this.#increment();
      const isOwn = state.voucher !== undefined && (await this.#ports.keys.isOwn(channel, state.voucher));
      const now = await this.#ports.book.change(channel.id, (stored) => withState(stored, state, { isOwn, increment }));
      if (now.everWithdrew) throw new PaymentError('withdraw_pending', 'a withdrawal was begun');
      return isOwn ? state.voucher?.max : undefined;
    } catch (error) {
      if (error instanceof PaymentError && error.code === 'unknown_channel') return undefined;
      throw error;
    }
  }

  #metered(meter: SessionBodyOf<'meter'>): void {
    this.#reader?.take(meter);
    this.#ports.metered({ bytes: meter.up + meter.down, freeBytes: meter.freeBytes });
    void this.again();
  }

  async #settle(): Promise<void> {
    while (this.#again && !this.#stopped && !this.#closing) {
      this.#again = false;
      await this.#pay().catch(() => this.#stop('unavailable'));
    }
  }

  async #pay(): Promise<void> {
    const { own, book, held } = this.#ports;
    const [channel, reader] = [this.#channel, this.#reader];
    if (reader === undefined) return;
    if (reader.judge(own()) !== 'agree') {
      this.#stop('meter_apart');
      return;
    }
    if (channel === undefined || reader.claimedOwed(channel.id) === undefined) return;
    const increment = this.#increment();
    let moved = 0n;
    const promised: Promised = await book.promise(
      channel.id,
      (now) => {
        const decided = reader.next(now, increment);
        moved = decided.moved;
        return decided;
      },
      this.#price(),
    );
    reader.stored({ moved });
    if (promised.is === 'nothing') {
      if (reader.isStuck(promised.channel ?? channel, increment)) this.#stop('meter_apart');
      // What is used up to the last unit gives no voucher to be asked after.
      else this.#advise(promised.channel ?? channel);
      return;
    }
    if (promised.is !== 'promised') {
      held(promised.code);
      return;
    }
    if (this.#stopped || this.#closing) return;
    const voucher = await this.#voucher(promised.channel);
    this.#requests.tell({ type: 'voucher', channelId: channel.id, voucher });
    this.#advise(promised.channel);
  }

  #advise({ funds, paid, lastDeposit, everWithdrew }: PayerChannel): void {
    const advice = adviseTopUp({ funds, signed: paid.signed, deposit: lastDeposit, everWithdrew });
    if (advice !== 'enough') this.#ports.low(advice);
  }

  async #refused(code: SessionErrorCode): Promise<void> {
    if (this.#stopped || this.#closing || code === 'rate_limited') return;
    const channel = this.#channel;
    const money = NEEDS_MONEY[code];
    if (money !== undefined) {
      this.#ports.low(money);
      return;
    }
    // The payee's word alone: the session goes on until its tunnels do not.
    if (code === 'no_free_quota' && channel === undefined) {
      this.#ports.held(code);
      return;
    }
    if (channel === undefined || !MENDED_BY_RESYNC.includes(code) || this.#resyncs > 0) {
      this.#stop(code);
      return;
    }
    this.#resyncs += 1;
    const has = await this.#resync(channel, await this.#ports.keys.prove(channel));
    const now = await this.#ports.book.change(channel.id, (same) => same);
    if (now.paid.signed <= (has ?? 0n)) return;
    this.#requests.tell({ type: 'voucher', channelId: now.id, voucher: await this.#voucher(now) });
  }

  #standing({ channel: standing }: SessionBodyOf<'openAck'>): void {
    if (standing === undefined) return;
    const { book, deposit } = this.#ports;
    book
      .change(standing.channelId, (channel) => withDepositState(channel, standing.depositState))
      .then(() => deposit(standing))
      // A channel that this side does not know.
      .catch(() => undefined);
  }

  async #depositRefused({ id, deposit }: PayerChannel, error: unknown): Promise<void> {
    if (deposit === undefined || !(error instanceof PaymentError)) return;
    if (error.code !== 'deposit_failed' && error.code !== 'min_deposit') return;
    await this.#ports.book.change(id, withoutDeposit);
    this.#ports.deposit({ refused: error.code });
  }

  /** The voucher for what is stored as signed. */
  async #voucher(channel: PayerChannel): Promise<WireVoucher> {
    const max = channel.paid.signed;
    return { max, signature: await this.#ports.keys.signVoucher(channel, max) };
  }

  #metering(): MeterReader {
    return (this.#reader ??= new MeterReader(this.#price(), this.#ports.own()));
  }

  #price(): bigint {
    return this.#terms === undefined ? 0n : quotePrice(this.#terms);
  }

  #increment(): bigint {
    return this.#terms === undefined ? 0n : incrementAmount(this.#terms.incrementBytes, this.#price());
  }

  #stop(problem: Parameters<PayerPorts['stopped']>[0]): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ports.stopped(problem);
  }
}
