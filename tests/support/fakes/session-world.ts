// A payer's engine with a disk that outlives it, and a payee that plays by the real rules of core/payment, or lies. The payer can be killed before and after
// everything that it asks of the world.

import type { Life } from './life.ts';
import type { ChannelConfig } from '../../../src/core/payment/channel.ts';
import type { ChannelFunds } from '../../../src/core/payment/funds.ts';
import type { Hex } from '../../../src/core/payment/hex.ts';
import { incrementAmount } from '../../../src/core/payment/increment.ts';
import type { PaymentProblem } from '../../../src/core/payment/payment-problem.ts';
import { bytesFor, owedFor } from '../../../src/core/payment/price.ts';
import type { RelayQuote } from '../../../src/core/payment/quote.ts';
import {
  judgeVoucher,
  nextReserve,
  NOTHING_EARNED,
  serveUpTo,
  type Earned,
} from '../../../src/core/payment/voucher.ts';
import { newChannel, type PayerChannel } from '../../../src/core/session/payer-channel.ts';
import type { PayerPorts } from '../../../src/core/session/payer-ports.ts';
import { Payer } from '../../../src/core/session/payer.ts';
import { encodePaymentBook, parsePaymentBook } from '../../../src/core/session/parse-payment-book.ts';
import {
  bookChannel,
  channelFor,
  channelOf,
  EMPTY_BOOK,
  promiseFrom,
  withChannel,
  type PaymentBook,
} from '../../../src/core/session/payment-book.ts';
import type { SessionBody, SessionMessage } from '../../../src/core/wire/session-messages.ts';
import type { SessionErrorCode } from '../../../src/core/wire/session-protocol.ts';

export const MIB = 1_048_576n;
const hex = (byte: string, bytes: number): Hex => `0x${byte.repeat(bytes)}`;
const RECEIVER = hex('11', 20);
export const CHANNEL = hex('cc', 32);

export const TERMS: RelayQuote = {
  peerId: '12D3KooW',
  receiver: RECEIVER,
  token: hex('22', 20),
  withdrawDelay: 86_400,
  minDeposit: 1_000n,
  entryPricePerMiB: 60n,
  exitPricePerMiB: 45n,
  incrementBytes: MIB,
  graceBytes: MIB,
  validFrom: 0,
  validUntil: 1_000_000,
};
const PRICE = 105n;
export const INCREMENT = incrementAmount(TERMS.incrementBytes, PRICE);

const CONFIG: ChannelConfig = {
  payer: hex('33', 20),
  payerAuthorizer: hex('44', 20),
  receiver: RECEIVER,
  receiverAuthorizer: RECEIVER,
  token: TERMS.token,
  withdrawDelay: 86_400,
  salt: hex('55', 32),
};

const signatureOf = (sum: bigint): Hex => `0x${sum.toString(16).padStart(130, '0')}`;

export type Lies = { bytes: bigint; owed: bigint };

/** The payee's disk and one stream of it. */
class FakePayee {
  readonly disk: { earned: Earned; funds: ChannelFunds; voucher: bigint | undefined };
  earned: Earned = NOTHING_EARNED;
  base = 0n;
  bytes = 0n;
  open = false;
  lies: Lies = { bytes: 0n, owed: 0n };
  /** Answers `open` or vouchers with it. */
  refuses: SessionErrorCode | undefined;
  /** Answers `close` with it. */
  closes: SessionErrorCode | undefined;
  /** Answers top-ups with it. */
  refusesDeposit: SessionErrorCode | undefined;
  send: (message: SessionMessage) => void = () => undefined;

  constructor(deposit: bigint) {
    const funds = { safe: deposit, unsafe: 0n, totalClaimed: 0n, withdrawing: 0n };
    this.disk = { earned: NOTHING_EARNED, funds, voucher: undefined };
  }

  get owed(): bigint {
    return this.base + owedFor(this.bytes, PRICE);
  }

  /** A new stream, after a restart or not: all that was reserved counts as served. */
  begin(send: (message: SessionMessage) => void, restarted: boolean): void {
    this.base = restarted ? this.disk.earned.reserved : this.owed;
    this.earned = this.disk.earned;
    this.bytes = 0n;
    this.open = false;
    this.send = send;
  }

  /** Carries what the rules allow, and says how much that was. */
  carry(wanted: bigint): bigint {
    if (!this.open) return 0n;
    const grace = INCREMENT;
    let left = wanted;
    for (;;) {
      const limit = serveUpTo(this.earned, { grace, funds: this.disk.funds });
      const mark = nextReserve(this.earned, this.owed, { increment: INCREMENT, limit });
      if (mark !== undefined) this.earned = this.disk.earned = { ...this.disk.earned, reserved: mark };
      const upTo = limit < this.earned.reserved ? limit : this.earned.reserved;
      const room = (bytesFor(upTo - this.base, PRICE) ?? 0n) - this.bytes;
      const now = room < left ? room : left;
      if (now <= 0n) return wanted - left;
      left -= now;
      this.bytes += now;
    }
  }

  meter(): void {
    this.say(0, {
      type: 'meter',
      up: 0n,
      down: this.bytes + this.lies.bytes,
      freeBytes: 0n,
      channel: { channelId: CHANNEL, owed: this.owed + this.lies.owed, lastMax: this.earned.promised },
    });
  }

  receive({ request, body }: SessionMessage): void {
    switch (body.type) {
      case 'quoteRequest':
        this.say(request, {
          type: 'quote',
          terms: { ...TERMS, chainId: 1, escrow: hex('66', 20) },
          payeeSignature: signatureOf(1n),
          peerSignature: hex('00', 64),
        });
        return;
      case 'resync': {
        const { funds, voucher } = this.disk;
        this.say(request, {
          type: 'state',
          channelId: CHANNEL,
          balance: funds.safe,
          totalClaimed: funds.totalClaimed,
          pendingWithdrawal: 0n,
          refundNonce: 0n,
          owed: this.owed,
          voucher: voucher === undefined ? undefined : { max: voucher, signature: signatureOf(voucher) },
        });
        return;
      }
      case 'open':
        if (this.refuses !== undefined) {
          this.say(request, { type: 'error', code: this.refuses });
          return;
        }
        if (body.voucher !== undefined && body.voucher.max > 0n) this.take(request, body.voucher.max);
        this.open = true;
        this.say(request, {
          type: 'openAck',
          lease: { port: 4000, freeBytes: 0n, idleSeconds: 60 },
          channel: { channelId: CHANNEL, credit: 0n, depositState: 'safe' },
        });
        this.meter();
        return;
      case 'voucher':
        this.take(request, body.voucher.max);
        return;
      case 'close':
        if (this.closes !== undefined) {
          this.say(request, { type: 'error', code: this.closes });
          return;
        }
        if (body.voucher.max > this.earned.promised) this.take(request, body.voucher.max);
        this.say(request, { type: 'closed', channelId: CHANNEL });
        return;
      case 'topUp':
        this.topUp(request, body.deposit.amount);
        return;
      case 'quote':
      case 'openAck':
      case 'meter':
      case 'closed':
      case 'state':
      case 'error':
        throw new Error(`the payee does not know ${body.type}`);
    }
  }

  private topUp(request: number, amount: bigint): void {
    if (this.refusesDeposit !== undefined) {
      this.say(request, { type: 'error', code: this.refusesDeposit });
      return;
    }
    this.disk.funds.safe += amount;
    const channel = { channelId: CHANNEL, credit: 0n, depositState: 'safe' as const };
    this.say(request, { type: 'openAck', channel });
  }

  private take(request: number, sum: bigint): void {
    const code = this.refuses ?? judgeVoucher(this.earned, sum, { increment: INCREMENT, funds: this.disk.funds });
    if (code !== undefined) {
      this.say(request, { type: 'error', code });
      return;
    }
    this.disk.voucher = sum;
    this.earned = this.disk.earned = { ...this.disk.earned, promised: sum };
  }

  private say(request: number, body: SessionBody): void {
    this.send({ request, body });
  }
}

export class SessionWorld {
  disk: unknown;
  readonly payee: FakePayee;
  payer: Payer | undefined;
  /** Every sum that a key was asked to sign, in order. */
  readonly signed: bigint[] = [];
  readonly sent: SessionMessage[] = [];
  readonly problems: PaymentProblem[] = [];
  readonly advice: string[] = [];
  now = 1_000_000;
  /** Bytes that came through since the own count began, and in all. */
  received = 0n;
  epoch = 0;
  receivedInAll = 0n;
  /** How often the counts began anew. */
  streams = 0;
  /** Nothing counts here. */
  uncounted = false;
  lost = 0;
  private life: Life = { alive: true };
  /** The payer dies when it has asked so much of the world. */
  private dieAfter = Infinity;
  private asked = 0;

  constructor(init: { deposit: bigint; limits?: Partial<PaymentBook['limits']>; freshChannel?: boolean }) {
    this.payee = new FakePayee(init.deposit);
    const channel = newChannel(CHANNEL, CONFIG);
    this.write({
      ...EMPTY_BOOK,
      limits: { perDay: 10n ** 12n, perSession: 10n ** 12n, askAbovePerGb: 10n ** 9n, ...init.limits },
      channels: [
        bookChannel(
          { ...channel, funds: { ...channel.funds, safe: init.deposit }, lastDeposit: init.deposit },
          { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open' },
        ),
      ],
    });
  }

  get book(): PaymentBook {
    return parsePaymentBook(this.disk);
  }

  get channel(): PayerChannel {
    return channelOf(this.book, CHANNEL)!;
  }

  write(book: PaymentBook): void {
    this.disk = JSON.parse(JSON.stringify(encodePaymentBook(book)));
  }

  /** A worker starts, or starts again. It may die on the way (`killAfter`). */
  async start(payeeRestarted = false): Promise<void> {
    this.life.alive = false;
    this.payer?.end();
    const life: Life = { alive: true };
    this.life = life;
    this.streams += 1;
    const payer = new Payer(this.ports(life));
    this.payer = payer;
    this.payee.begin((message) => {
      if (life.alive) payer.receive(message);
    }, payeeRestarted);
    payer.open().catch((error: unknown) => {
      if (life.alive) this.problems.push((error as { code: PaymentProblem }).code);
    });
    await this.settle();
  }

  /** The browser has died: what it counted is gone. */
  loseCount(): void {
    this.received = 0n;
    this.epoch += 1;
  }

  killAfter(steps: number): void {
    this.asked = 0;
    this.dieAfter = steps;
  }

  get alive(): boolean {
    return this.life.alive;
  }

  /** As much traffic as the payee carries at once. */
  carry(bytes: bigint): bigint {
    const carried = this.payee.carry(bytes);
    this.received += carried;
    this.receivedInAll += carried;
    return carried;
  }

  async meter(): Promise<void> {
    this.payee.meter();
    await this.settle();
  }

  /** Everything that is under way has been done: nothing here waits for a clock. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  private async ask<T>(life: Life, work: () => T): Promise<T> {
    await this.step(life);
    const result = work();
    await this.step(life);
    return result;
  }

  private async step(life: Life): Promise<void> {
    this.asked += 1;
    if (this.asked > this.dieAfter) {
      life.alive = false;
      this.dieAfter = Infinity;
    }
    if (!life.alive) await new Promise(() => undefined);
  }

  private ports(life: Life): PayerPorts {
    return {
      chainId: 1,
      send: (message) => {
        this.asked += 1;
        if (this.asked > this.dieAfter) life.alive = false;
        if (!life.alive) return;
        this.sent.push(message);
        queueMicrotask(() => this.payee.receive(message));
      },
      keys: {
        checkQuote: () => this.ask(life, () => TERMS),
        prove: () => this.ask(life, () => signatureOf(9n)),
        signVoucher: (_, sum) =>
          this.ask(life, () => {
            this.signed.push(sum);
            if (sum > this.channel.paid.signed) throw new Error(`signed ${sum.toString()} before it was stored`);
            return signatureOf(sum);
          }),
        isOwn: (_, { max, signature }) => this.ask(life, () => signature === signatureOf(max)),
      },
      book: {
        channel: ({ receiver }) =>
          this.ask(life, () => channelFor(this.book, { peer: 'p', receiver, network: 'devnet' })),
        change: (id, change) =>
          this.ask(life, () => {
            this.write(withChannel(this.book, id, (channel) => ({ ...channel, ...change(channel) })));
            return channelOf(this.book, id)!;
          }),
        promise: (id, decide, pricePerMib) =>
          this.ask(life, () => {
            const { book, promised } = promiseFrom(this.book, id, decide, {
              pricePerMib,
              day: Math.floor(this.now / 86_400_000),
            });
            this.write(book);
            return promised;
          }),
      },
      own: () =>
        this.uncounted ? undefined : { epoch: String(this.epoch), least: this.received, most: this.received },
      stopped: (problem) => void this.problems.push(problem),
      held: (problem) => void this.problems.push(problem),
      low: (advice) => void this.advice.push(advice),
      deposit: () => undefined,
      metered: () => undefined,
    };
  }
}
