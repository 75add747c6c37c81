// A channel as what pays: what was promised, what was served, and how much more may be. The rules are core's (src/core/payment/voucher.ts); here they meet the
// ledger: a voucher is on the disk before it counts, and the sum up to which traffic is served before it is served. One object for each channel, whoever uses it.

import { divideUp, lessOrNone, most } from '../../src/core/payment/amount.ts';
import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import type { ChannelFunds } from '../../src/core/payment/funds.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { BYTES_PER_MIB, owedFor } from '../../src/core/payment/price.ts';
import { judgeVoucher, markStep, nextReserve, serveUpTo, type Earned } from '../../src/core/payment/voucher.ts';
import type { Channels, StoredChannel } from '../ledger/channels.ts';
import type { StoredVoucher } from '../ledger/values.ts';
import { Account } from './account.ts';
import type { Clock } from './parts.ts';

export type ChannelRates = {
  /** Base units per MiB. */
  price: bigint;
  incrementBytes: bigint;
  /** What one increment costs, and what is served beyond the last voucher. Base units. */
  increment: bigint;
  grace: bigint;
};

export type ChannelAccountInit = {
  stored: StoredChannel;
  funds: ChannelFunds;
  rates: ChannelRates;
  channels: Channels;
  clock: Clock;
  stallLimitMs: number;
};

export class ChannelAccount extends Account {
  readonly id: Hex;
  readonly config: ChannelConfig;
  readonly freeBytes = 0n;
  readonly #rates: ChannelRates;
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #bytesBefore: { up: bigint; down: bigint };
  /** What counted as served when this was made: after a crash all that was reserved. */
  readonly #owedBefore: bigint;
  #voucher: StoredVoucher | undefined;
  #earned: Earned;
  #funds: ChannelFunds;
  /** Bytes since this was made, as all of these: the most that may be served, from how many the mark is looked at again, and when to count. */
  #servable = 0;
  #reserveFrom = 0;
  #countAt: number;
  /** Somebody has asked for traffic: a channel that is only opened writes no mark, which a restart would count as served. */
  #inUse = false;
  /** Nothing more is served: it is being closed, or was. */
  #ended: boolean;

  constructor({ stored, funds, rates, channels, clock, stallLimitMs }: ChannelAccountInit) {
    super(clock, stallLimitMs);
    this.id = stored.id;
    this.config = stored.config;
    this.#rates = rates;
    this.#channels = channels;
    this.#clock = clock;
    this.#funds = funds;
    this.#voucher = stored.voucher;
    this.#bytesBefore = { up: stored.bytesUp, down: stored.bytesDown };
    this.#owedBefore = most(stored.owed, stored.reserved, funds.totalClaimed);
    this.#earned = { promised: stored.voucher?.max ?? 0n, reserved: stored.reserved };
    this.#countAt = Number(rates.incrementBytes);
    this.#ended = stored.state === 'closed';
    this.#update();
  }

  /** What was used in all the life of the channel. */
  get owed(): bigint {
    return this.#owedBefore + owedFor(BigInt(this.bytes), this.#rates.price);
  }

  /** The best voucher. */
  get voucher(): StoredVoucher | undefined {
    return this.#voucher;
  }

  get promised(): bigint {
    return this.#earned.promised;
  }

  get funds(): ChannelFunds {
    return this.#funds;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The sum up to which it is served before the next voucher. */
  get credit(): bigint {
    return this.#ended ? this.owed : serveUpTo(this.#earned, { grace: this.#rates.grace, funds: this.#funds });
  }

  /**
   * Takes a voucher: the rules, then its signature, then the disk, and only then it counts. Throws `PaymentError` and `LedgerError`.
   * @param verify throws `PaymentError` bad_sig @param last it may be of any size: it opens or closes a stream
   */
  async take(voucher: StoredVoucher, verify: () => void, last = false): Promise<void> {
    const { increment } = this.#rates;
    if (this.#ended) throw new PaymentError('withdraw_pending', 'the channel is closed');
    const fault = judgeVoucher(this.#earned, voucher.max, { increment, funds: this.#funds, last });
    if (fault !== undefined) throw new PaymentError(fault, 'the sum of the voucher');
    verify();
    await this.#channels.creditVoucher({ id: this.id, ...voucher }, this.#clock.now());
    // A better one may have come by another stream meanwhile; the ledger has let the better one win.
    if (voucher.max <= this.#earned.promised) return;
    this.#voucher = voucher;
    this.#earned = { ...this.#earned, promised: voucher.max };
    this.#update();
  }

  /** What the chain says now. */
  setFunds(funds: ChannelFunds): void {
    this.#funds = funds;
    this.#update();
  }

  /** Serves no more, and writes down what was served. Throws `LedgerError`. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#write();
  }

  /** The close did not come to pass: it is served again. */
  goOn(): void {
    this.#ended = false;
    this.#update();
  }

  protected mayPass(): boolean {
    const { bytes } = this;
    this.#inUse = true;
    if (bytes >= this.#countAt) this.#count();
    if (bytes >= this.#reserveFrom) this.#reserve();
    return !this.#ended && bytes < this.#servable;
  }

  protected stalled(): void {
    this.#count();
  }

  #count(): void {
    // What is not written is still covered by the mark.
    this.#write().then(
      () => this.tellCounted(),
      () => undefined,
    );
  }

  async #write(): Promise<void> {
    const step = Number(this.#rates.incrementBytes);
    this.#countAt = (Math.floor(this.bytes / step) + 1) * step;
    const { up, down } = this.used;
    const bytes = { bytesUp: this.#bytesBefore.up + up, bytesDown: this.#bytesBefore.down + down };
    await this.#channels.count(this.id, { ...bytes, owed: this.owed });
  }

  /** Writes the next mark when the one before is near. */
  #reserve(): void {
    if (this.#ended) return;
    const { increment } = this.#rates;
    const mark = nextReserve(this.#earned, this.owed, { increment, limit: this.credit });
    if (mark === undefined) return;
    try {
      this.#channels.reserve(this.id, mark);
    } catch {
      // Without a mark nothing more is served: the tunnels wait, and the next that asks tries again.
      return;
    }
    this.#earned = { ...this.#earned, reserved: mark };
    this.#update();
  }

  #update(): void {
    const { price, increment } = this.#rates;
    const before = this.#servable;
    const limit = this.credit;
    const { reserved } = this.#earned;
    this.#servable = this.#bytesUpTo(limit < reserved ? limit : reserved);
    this.#reserveFrom = price === 0n ? Infinity : this.#bytesUpTo(reserved - markStep(increment).left);
    if (this.#ended) return;
    if (this.#inUse) this.#reserve();
    if (this.#servable > before) this.more();
  }

  /** From how many bytes since this was made that sum is owed. The tunnels stop there, and not where a unit more would be. */
  #bytesUpTo(sum: bigint): number {
    const { price } = this.#rates;
    return price === 0n ? Infinity : Number(divideUp(lessOrNone(sum, this.#owedBefore) * BYTES_PER_MIB, price));
  }
}
