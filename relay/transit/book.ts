// The entry's book of what it pays: `ledger.outgoing`, seen as the payer's engine wants it. A voucher is signed and on the disk before the engine hears that it may
// send it (I4), so that after a kill -9 no exit has one that is not here. Made by transit.ts, one for all exits.

import type { RelayQuote } from '../../src/core/payment/quote.ts';
import { lessOrNone, most } from '../../src/core/payment/amount.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { withOwed } from '../../src/core/payment/voucher.ts';
import { newChannel, type PayerChannel } from '../../src/core/session/payer-channel.ts';
import type { PayerBook } from '../../src/core/session/payer-ports.ts';
import { encodePayerChannel, parsePayerChannel } from '../../src/core/session/parse-payment-book.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import type { ChannelState } from '../ledger/channels.ts';
import type { Outgoing, StoredOutgoing } from '../ledger/outgoing.ts';

export type TransitBookInit = {
  outgoing: Outgoing;
  chainId: number;
  sign: (id: Hex, sum: bigint) => Hex;
  /** ms since the epoch. */
  now: () => number;
};

/** `usedAt`: the last voucher, or the opening; ms since the epoch. */
export type BookEntry = { peer: PeerLabel; channel: PayerChannel; state: ChannelState; usedAt: number };
type Kept = BookEntry & { saved: bigint };

export class TransitBook {
  readonly #init: TransitBookInit;
  /** The newest last, as in the ledger. */
  readonly #kept = new Map<Hex, Kept>();

  /** Throws `LedgerError` damaged: half a book could sign twice. */
  constructor(init: TransitBookInit) {
    this.#init = init;
    for (const stored of init.outgoing.list()) {
      if (stored.chainId !== init.chainId) continue;
      const { id, peer, state, voucher, voucherAt, openedAt } = stored;
      const usedAt = voucherAt ?? openedAt;
      this.#kept.set(id, { peer, channel: read(stored), state, usedAt, saved: voucher?.max ?? 0n });
    }
  }

  /** The newest one by which this exit is paid. */
  channelFor(peer: PeerLabel, receiver: Hex): PayerChannel | undefined {
    const fits = ({ state, channel, ...kept }: Kept): boolean =>
      state === 'open' && kept.peer === peer && channel.config.receiver === receiver && !channel.everWithdrew;
    return [...this.#kept.values()].findLast(fits)?.channel;
  }

  /** How many channels there ever were with that receiver. */
  channelsWith(receiver: Hex): bigint {
    return BigInt([...this.#kept.values()].filter(({ channel }) => channel.config.receiver === receiver).length);
  }

  /** What lies in channels and was not signed for; in those that are being closed too, until it is back. */
  unspent(): bigint {
    const left = ({ state, channel: { funds, paid } }: Kept): bigint =>
      state === 'closed' ? 0n : lessOrNone(funds.safe + funds.unsafe, paid.signed);
    return [...this.#kept.values()].reduce((sum, kept) => sum + left(kept), 0n);
  }

  /** All in which there may be money, oldest first. */
  unclosed(): BookEntry[] {
    return [...this.#kept.values()].filter(({ state }) => state !== 'closed');
  }

  /** Whether this exit was paid once and is not any more: it is paid again when a tunnel comes. */
  hasLeft(peer: PeerLabel): boolean {
    return [...this.#kept.values()].findLast((kept) => kept.peer === peer)?.state === 'closed';
  }

  /** It pays nobody from now on: on the disk before anybody hears of it. Never back to `open`. Throws `LedgerError`. */
  async end(id: Hex, state: 'closing' | 'closed'): Promise<void> {
    const kept = this.#of(id);
    if (kept.state === state || kept.state === 'closed') return;
    kept.state = state;
    await this.#store(kept, kept.channel);
  }

  /** A channel that was never used. Throws `LedgerError`. */
  async add(peer: PeerLabel, channel: PayerChannel): Promise<void> {
    const { outgoing, chainId, now } = this.#init;
    if (this.#kept.has(channel.id)) return;
    await outgoing.open({ id: channel.id, peer, chainId, config: channel.config }, now());
    this.#kept.set(channel.id, { peer, channel, state: 'open', usedAt: now(), saved: 0n });
  }

  /** What the engine of the stream to that exit may see and change. */
  of(peer: PeerLabel): PayerBook {
    return {
      channel: ({ receiver }: RelayQuote) => Promise.resolve(this.channelFor(peer, receiver)),
      ...this.#changes(),
    };
  }

  /** For the stream by which one channel is given back. */
  ofChannel(id: Hex): PayerBook {
    return { channel: () => Promise.resolve(this.#kept.get(id)?.channel), ...this.#changes() };
  }

  #changes(): Pick<PayerBook, 'change' | 'promise'> {
    return {
      change: async (id, change) => {
        const kept = this.#of(id);
        const next = change(kept.channel);
        if (next !== kept.channel) await this.#store(kept, next);
        return next;
      },
      // The price was looked at before the stream was opened (terms.ts), and is frozen for it; what may be lost is bounded by the deposits.
      promise: async (id, decide) => {
        const kept = this.#of(id);
        const { channel, sum } = decide(kept.channel);
        const isMore = sum !== undefined && sum > channel.paid.signed;
        const next = isMore ? { ...channel, paid: { ...channel.paid, signed: sum } } : channel;
        await this.#store(kept, next);
        return isMore ? { is: 'promised', channel: next } : { is: 'nothing', channel: next };
      },
    };
  }

  #of(id: Hex): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new PaymentError('unknown_channel', 'it is not in the book');
    return kept;
  }

  /** Voucher and standing in one turn, which the ledger makes one transaction. */
  async #store(kept: Kept, channel: PayerChannel): Promise<void> {
    const { outgoing, sign, now } = this.#init;
    const { id, paid, funds } = channel;
    // At once, so that whoever comes next goes on from here. What the disk refuses is never sent.
    kept.channel = channel;
    const writes: Promise<void>[] = [];
    if (paid.signed > kept.saved) {
      kept.saved = paid.signed;
      kept.usedAt = now();
      writes.push(outgoing.saveVoucher({ id, max: paid.signed, signature: sign(id, paid.signed) }, now()));
    }
    const standing = JSON.stringify(encodePayerChannel(channel));
    const balance = funds.safe + funds.unsafe;
    writes.push(outgoing.update(id, { state: kept.state, balance, owed: paid.owed, standing }));
    await Promise.all(writes);
  }
}

function read({ id, config, voucher, owed, standing }: StoredOutgoing): PayerChannel {
  try {
    const channel = standing === undefined ? newChannel(id, config) : parsePayerChannel(JSON.parse(standing));
    const signed = most(channel.paid.signed, voucher?.max ?? 0n);
    return { ...channel, id, config, paid: withOwed({ ...channel.paid, signed }, owed) };
  } catch (cause) {
    throw new LedgerError('damaged', 'the ledger holds a channel that cannot be read; it was left as it is', { cause });
  }
}
