// What the payer makes of the payee's meters on one stream: the highest claim, compared with its own count, and what follows for the next voucher.
// Cumulative throughout, so that meters that are lost, repeated or late change nothing.

import { lessOrNone, most } from '../payment/amount.ts';
import type { Hex } from '../payment/hex.ts';
import { judgeMeter, METER_START, type MeterJudgement, type MeterStart } from '../payment/meter.ts';
import { owedFor } from '../payment/price.ts';
import { nextVoucher } from '../payment/voucher.ts';
import type { SessionBodyOf } from '../wire/session-messages.ts';
import { believeOwed, uncounted, type OwnTotal, type PayerChannel } from './payer-channel.ts';

export type Decided = { channel: PayerChannel; sum: bigint | undefined; moved: bigint };

export class MeterReader {
  readonly #price: bigint;
  readonly #origin: OwnTotal | undefined;
  #own: OwnTotal | undefined;
  #start: MeterStart = METER_START;
  /** Bytes of this stream by the highest claim, and as far as they are believed. */
  #claimed = 0n;
  #believed = 0n;
  /** Where paying began on this stream: what had passed by then was free. */
  #free = 0n;
  #base = 0n;
  #owed: { channel: Hex; sum: bigint } | undefined;

  /** @param own the count as the stream is opened */
  constructor(pricePerMib: bigint, own: OwnTotal | undefined) {
    this.#price = pricePerMib;
    this.#origin = own;
    this.#own = own;
  }

  /** From now on a channel pays. */
  from(channel: PayerChannel): this {
    this.#free = this.#believed;
    this.#base = channel.paid.owed + owedFor(uncounted(channel, this.#own), this.#price);
    return this;
  }

  take({ up, down, channel }: SessionBodyOf<'meter'>): void {
    this.#claimed = most(this.#claimed, up + down);
    if (channel === undefined) return;
    const before = this.#owed?.channel === channel.channelId ? this.#owed.sum : 0n;
    this.#owed = { channel: channel.channelId, sum: most(before, channel.owed) };
  }

  /** @param own undefined: nobody counts on this side, and the claim is believed */
  judge(own: OwnTotal | undefined): MeterJudgement['verdict'] {
    const origin = this.#origin;
    this.#own = own;
    if (own === undefined || origin === undefined) {
      this.#believed = this.#claimed;
      return 'agree';
    }
    // Of what was on when the stream was opened nobody knows how much came before: all of it may be in the claim, or nothing.
    const onThen = origin.pending ?? 0n;
    const since = {
      least: lessOrNone(own.least, origin.least + onThen),
      most: lessOrNone(own.most, lessOrNone(origin.most, onThen)),
      pending: own.pending ?? 0n,
      blur: lessOrNone(own.blur ?? 0n, origin.blur ?? 0n),
    };
    const { verdict, believed, start } = judgeMeter(this.#start, since, this.#claimed);
    this.#start = start;
    this.#believed = most(this.#believed, believed);
    return verdict;
  }

  claimedOwed(channel: Hex): bigint | undefined {
    return this.#owed?.channel === channel ? this.#owed.sum : undefined;
  }

  /** Whether the payee claims more than an increment beyond what this side believes: then it serves no more, and nothing can be signed. */
  isStuck({ id, paid }: PayerChannel, increment: bigint): boolean {
    return lessOrNone(this.claimedOwed(id) ?? 0n, paid.owed) > increment;
  }

  /** The channel with what is owed by now, and the sum to sign next. Asked in the write that stores what it answers, with the channel as it is stored. */
  next(channel: PayerChannel, increment: bigint): Decided {
    const mine = this.#base + owedFor(this.#believed - this.#free, this.#price);
    const claimed = this.claimedOwed(channel.id) ?? 0n;
    // Where nobody counts there is nothing to hold a claim against: what passed while this side was dead is known to the payee alone.
    const counted = this.#own === undefined ? most(mine, claimed) : mine;
    const believed = believeOwed(channel, { claimed, counted, increment });
    const { paid, funds } = believed.channel;
    const mark =
      this.#own === undefined
        ? undefined
        : { epoch: this.#own.epoch, most: lessOrNone(this.#own.most, this.#own.pending ?? 0n) };
    const known = { ...believed.channel, counted: mark };
    return { channel: known, sum: nextVoucher(paid, { increment, funds }), moved: believed.moved };
  }

  /** What `next` answered is stored. */
  stored({ moved }: Pick<Decided, 'moved'>): void {
    this.#base += moved;
  }
}
