// One stream of a payer, at the payee: its states and its answers (docs/protocol/session.md). It reads messages and gives messages; streams of libp2p are
// handler.ts's. Cheap checks come first, a signature last. One message at a time: the caller waits for `take` before it gives the next.

import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { decodeSessionMessage, type SessionBody, type SessionBodyOf } from '../../src/core/wire/session-messages.ts';
import type { SessionMessage } from '../../src/core/wire/session-messages.ts';
import { SESSION_ERRORS, type SessionErrorCode } from '../../src/core/wire/session-protocol.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import type { Account, Used } from './account.ts';
import { ChannelAccount } from './channel-account.ts';
import { closeChannel } from './close-channel.ts';
import { depositStateOf } from './funds.ts';
import { MAX_UNREADABLE, RATE_PAUSE_MS, RETRY_MS } from './limits.ts';
import { openChannel, openFree, stateOf, topUp, type Opened } from './open-channel.ts';
import type { GrantedLease } from '../entry/leases.ts';
import type { Payer } from './parts.ts';
import type { Payee } from './payee.ts';

export type Send = (message: SessionMessage) => void;

/** What becomes of the stream: it goes on, rests (its payer sends too much), ends in order, or is reset. */
export type Next = 'go-on' | 'rest' | 'end' | 'reset';

type Open = Opened & {
  /** What the account had counted when it became this stream's. */
  before: Used;
  /** What was counted on this stream before, on the free quota. */
  earlier: Used;
  untell: () => void;
};

export class PayeeSession {
  readonly #payee: Payee;
  readonly #payer: Payer;
  readonly #send: Send;
  #open: Open | undefined;
  #closed = false;
  #lastRequest = 0;
  #unreadable = 0;
  /** Seconds since the epoch: until when the quote holds that this stream was given. */
  #quotedUntil: number | undefined;

  constructor(payee: Payee, payer: Payer, send: Send) {
    this.#payee = payee;
    this.#payer = payer;
    this.#send = send;
  }

  get state(): 'new' | 'free' | 'paying' | 'closed' {
    if (this.#closed) return 'closed';
    if (this.#open === undefined) return 'new';
    return this.#channel === undefined ? 'free' : 'paying';
  }

  get #channel(): ChannelAccount | undefined {
    const account = this.#open?.account;
    return account instanceof ChannelAccount ? account : undefined;
  }

  /** One message as it came. Rejects with what is a fault of this program, and nothing else. */
  async take(bytes: Uint8Array): Promise<Next> {
    if (this.#closed) return 'end';
    // Before it is read: a flood costs the counting.
    if (!this.#payee.often.take('message', this.#payer.peer)) return this.#rest(0);
    let message: SessionMessage;
    try {
      message = decodeSessionMessage(bytes, 'payer');
    } catch (error) {
      if (error instanceof WireError) return this.#cannotRead(error);
      throw error;
    }
    const { request, body } = message;
    if (request <= this.#lastRequest) {
      this.#refuse(request, 'out_of_order');
      return 'go-on';
    }
    this.#lastRequest = request;
    if (body.type !== 'voucher' && !this.#payee.often.take('dear', this.#payer.peer)) return this.#rest(request);
    this.#open?.lease?.touch();
    try {
      const answer = await this.#answer(body);
      if (answer !== undefined) this.#send({ request, body: answer });
      if (this.#open !== undefined && answer?.type === 'openAck') this.#tellMeter();
    } catch (error) {
      this.#refuse(request, codeOf(error));
    }
    return this.state === 'closed' ? 'end' : 'go-on';
  }

  /** The stream is gone. The lease and what pays stay. */
  gone(): void {
    this.#closed = true;
    this.#open?.untell();
  }

  async #answer(body: SessionBody): Promise<SessionBody | undefined> {
    switch (body.type) {
      case 'quoteRequest':
        return this.#quote(body.chainId);
      case 'open':
        return this.#openWith(body);
      case 'resync':
        return stateOf(this.#payee, this.#payer, body, this.#channel?.id);
      case 'voucher': {
        const channel = this.#channelOf(body.channelId);
        await channel.take(body.voucher, () => this.#verify(channel, body.voucher));
        return undefined;
      }
      case 'topUp': {
        const channel = this.#channelOf(body.channelId);
        const txHash = await topUp(this.#payee, this.#payer, channel, body.deposit);
        return { type: 'openAck', channel: this.#standing(channel, txHash) };
      }
      case 'close': {
        const channel = this.#channelOf(body.channelId);
        const closed = await closeChannel(this.#payee, channel, body, () => this.#verify(channel, body.voucher));
        this.#open?.lease?.release();
        this.#open?.untell();
        this.#closed = true;
        return closed;
      }
      case 'quote':
      case 'openAck':
      case 'meter':
      case 'closed':
      case 'state':
      case 'error':
        // The reader lets none of these pass from a payer.
        throw new PaymentError('unknown_message', body.type);
    }
  }

  async #quote(chainId: number): Promise<SessionBody> {
    if (chainId !== this.#payee.init.chain.network.chainId) throw new PaymentError('wrong_network', 'the chain');
    const { terms, body } = await this.#payee.quotes.current();
    this.#quotedUntil = terms.validUntil;
    return body;
  }

  async #openWith(body: SessionBodyOf<'open'>): Promise<SessionBody> {
    if (this.#payee.draining) throw new PaymentError('draining', 'the relay is being shut down');
    if (this.#channel !== undefined) throw new PaymentError('wrong_channel', 'the stream has one');
    if (body.channel === undefined) {
      if (body.deposit !== undefined || body.voucher !== undefined) throw new PaymentError('bad_message', 'no channel');
      const opened = await openFree(this.#payee, this.#payer);
      this.#opened(opened);
      return { type: 'openAck', lease: wireLease(opened.lease, opened.account) };
    }
    const seconds = Math.floor(this.#payee.init.clock.now() / 1000);
    if (this.#quotedUntil === undefined || seconds >= this.#quotedUntil) {
      throw new PaymentError('quote_expired', 'this stream has no quote that holds');
    }
    const shown = { ...body, channel: body.channel };
    const opened = await openChannel(this.#payee, this.#payer, shown, this.#open?.lease);
    const { account, lease, txHash } = opened;
    this.#opened(opened);
    return {
      type: 'openAck',
      ...(lease === undefined ? {} : { lease: wireLease(lease, account) }),
      channel: this.#standing(account, txHash),
    };
  }

  #opened({ account, lease }: Opened): void {
    const earlier = this.#used();
    this.#open?.untell();
    const untell = account.listen({ counted: () => this.#tellMeter(), changed: () => this.#tellStanding() });
    this.#open = { account, lease, before: account.used, earlier, untell };
    // The stream ended while this was under way.
    if (this.#closed) untell();
  }

  /** Since the stream was opened. */
  #used(): Used {
    if (this.#open === undefined) return { up: 0n, down: 0n };
    const { account, before, earlier } = this.#open;
    return {
      up: earlier.up + account.used.up - before.up,
      down: earlier.down + account.used.down - before.down,
    };
  }

  #channelOf(id: Hex): ChannelAccount {
    const channel = this.#channel;
    if (channel === undefined) throw new PaymentError('unknown_channel', 'the stream has opened none');
    if (channel.id !== id) throw new PaymentError('wrong_channel', 'the stream has opened another one');
    return channel;
  }

  #verify(channel: ChannelAccount, voucher: { max: bigint; signature: Hex }): void {
    this.#payee.vouchers.verify(channel.id, voucher, channel.config.payerAuthorizer);
  }

  /** @param txHash of the deposit that came just now */
  #standing(channel: ChannelAccount, txHash?: Hex) {
    const deposits = this.#payee.accounts.deposits(channel.id);
    const hash = txHash ?? deposits.at(-1)?.txHash;
    return {
      channelId: channel.id,
      credit: channel.credit,
      depositState: depositStateOf(deposits),
      ...(hash === undefined ? {} : { txHash: hash }),
    };
  }

  #tellMeter(): void {
    if (this.#open === undefined || this.#closed) return;
    const channel = this.#channel;
    this.#send({
      request: 0,
      body: {
        type: 'meter',
        ...this.#used(),
        freeBytes: this.#open.account.freeBytes,
        ...(channel && { channel: { channelId: channel.id, owed: channel.owed, lastMax: channel.promised } }),
      },
    });
  }

  #tellStanding(): void {
    const channel = this.#channel;
    if (channel === undefined || this.#closed) return;
    const failed = this.#payee.accounts.deposits(channel.id).at(-1)?.state === 'failed';
    if (failed) this.#refuse(0, 'deposit_failed');
    else this.#send({ request: 0, body: { type: 'openAck', channel: this.#standing(channel) } });
  }

  #cannotRead(error: WireError): Next {
    // Only the other side may send it: it is no payer that speaks there.
    if (error.code === 'wrong-side') return 'reset';
    this.#unreadable += 1;
    if (this.#unreadable >= MAX_UNREADABLE) return 'reset';
    this.#refuse(0, error.code === 'unknown-message' ? 'unknown_message' : 'bad_message');
    return 'go-on';
  }

  #rest(request: number): Next {
    this.#send({ request, body: { type: 'error', code: 'rate_limited', retryAfterMs: RATE_PAUSE_MS } });
    return 'rest';
  }

  #refuse(request: number, code: SessionErrorCode): void {
    const wait = code === 'unavailable' || code === 'rate_limited' ? { retryAfterMs: RETRY_MS } : {};
    this.#send({ request, body: { type: 'error', code, ...wait } });
  }
}

function wireLease({ port, idleSeconds }: GrantedLease, account: Account) {
  return { port, freeBytes: account.freeBytes, idleSeconds };
}

/** What the payer is told of an error; one that is none of these is a fault of this program, and goes on. */
function codeOf(error: unknown): SessionErrorCode {
  if (error instanceof PaymentError) return SESSION_ERRORS.find((code) => code === error.code) ?? 'unavailable';
  if (error instanceof LedgerError && error.code === 'not-advancing') return 'not_advancing';
  if (error instanceof LedgerError || error instanceof ChainError) return 'unavailable';
  throw error;
}
