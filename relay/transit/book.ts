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
import type { Outgoing, StoredOutgoing } from '../ledger/outgoing.ts';

export type TransitBookInit = {
  outgoing: Outgoing;
  chainId: number;
  sign: (id: Hex, sum: bigint) => Hex;
  /** ms since the epoch. */
  now: () => number;
};

type Kept = { peer: PeerLabel; channel: PayerChannel; isOpen: boolean; saved: bigint };

export class TransitBook {
  readonly #init: TransitBookInit;
  /** The newest last, as in the ledger. */
  readonly #kept = new Map<Hex, Kept>();

  /** Throws `LedgerError` damaged: half a book could sign twice. */
  constructor(init: TransitBookInit) {
    this.#init = init;
    for (const stored of init.outgoing.list()) {
      if (stored.chainId !== init.chainId) continue;
      const { id, peer, state, voucher } = stored;
      this.#kept.set(id, { peer, channel: read(stored), isOpen: state === 'open', saved: voucher?.max ?? 0n });
    }
  }

  /** The newest one by which this exit is paid. */
  channelFor(peer: PeerLabel, receiver: Hex): PayerChannel | undefined {
    const fits = ({ isOpen, channel, ...kept }: Kept): boolean =>
      isOpen && kept.peer === peer && channel.config.receiver === receiver && !channel.everWithdrew;
    return [...this.#kept.values()].findLast(fits)?.channel;
  }

  /** How many channels there ever were with that receiver. */
  channelsWith(receiver: Hex): bigint {
    return BigInt([...this.#kept.values()].filter(({ channel }) => channel.config.receiver === receiver).length);
  }

  /** What lies in open channels and was not signed for. */
  unspent(): bigint {
    const left = ({ funds, paid }: PayerChannel): bigint => lessOrNone(funds.safe + funds.unsafe, paid.signed);
    return [...this.#kept.values()].reduce((sum, { isOpen, channel }) => (isOpen ? sum + left(channel) : sum), 0n);
  }

  /** A channel that was never used. Throws `LedgerError`. */
  async add(peer: PeerLabel, channel: PayerChannel): Promise<void> {
    const { outgoing, chainId, now } = this.#init;
    if (this.#kept.has(channel.id)) return;
    await outgoing.open({ id: channel.id, peer, chainId, config: channel.config }, now());
    this.#kept.set(channel.id, { peer, channel, isOpen: true, saved: 0n });
  }

  /** What the engine of the stream to that exit may see and change. */
  of(peer: PeerLabel): PayerBook {
    return {
      channel: ({ receiver }: RelayQuote) => Promise.resolve(this.channelFor(peer, receiver)),
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
      writes.push(outgoing.saveVoucher({ id, max: paid.signed, signature: sign(id, paid.signed) }, now()));
    }
    const standing = JSON.stringify(encodePayerChannel(channel));
    writes.push(outgoing.update(id, { state: 'open', balance: funds.safe + funds.unsafe, owed: paid.owed, standing }));
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
