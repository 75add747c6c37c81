// What a payer keeps of a channel, and how events change it. Stored before anything that follows from it is sent (docs/protocol/session.md section 4).
// Used by the engine (payer.ts); the worker keeps it in its payment book, an entry relay beside its ledger.

import { least, lessOrNone, most } from '../payment/amount.ts';
import type { ChannelConfig } from '../payment/channel.ts';
import type { ChannelFunds } from '../payment/funds.ts';
import type { Hex } from '../payment/hex.ts';
import type { OwnCount } from '../payment/meter.ts';
import { NOTHING_PAID, withOwed, type Paid } from '../payment/voucher.ts';
import type { SessionBodyOf } from '../wire/session-messages.ts';
import type { WireDeposit } from '../wire/session-parts.ts';
import type { DepositState } from '../wire/session-protocol.ts';

/** A running count of bytes, kept apart from any stream. `epoch` names the beginning that it counts from: of another one nothing can be subtracted. */
export type OwnTotal = OwnCount & { epoch: string };

export type PayerChannel = {
  id: Hex;
  config: ChannelConfig;
  paid: Paid;
  funds: ChannelFunds;
  /** The measure of "low" (top-up.ts). */
  lastDeposit: bigint;
  /** Signed and not known to be in a block: it is sent again until it is, and its nonce makes two of them one. */
  deposit: WireDeposit | undefined;
  /** What was paid above the payer's own count because the two had lost sight of each other (`believedOwed`). */
  drift: bigint;
  everWithdrew: boolean;
  /** The own count when `paid.owed` was stored: what came since then is known to be owed, also to the next worker. */
  counted: { epoch: string; most: bigint } | undefined;
};

export function newChannel(id: Hex, config: ChannelConfig): PayerChannel {
  const funds: ChannelFunds = { safe: 0n, unsafe: 0n, totalClaimed: 0n, withdrawing: 0n };
  return {
    id,
    config,
    paid: NOTHING_PAID,
    funds,
    lastDeposit: 0n,
    deposit: undefined,
    drift: 0n,
    everWithdrew: false,
    counted: undefined,
  };
}

/** A deposit is about to be sent. The one that is stored already counts once. */
export function withDeposit(channel: PayerChannel, deposit: WireDeposit): PayerChannel {
  if (channel.deposit?.salt === deposit.salt) return channel;
  const funds = { ...channel.funds, unsafe: channel.funds.unsafe + deposit.amount };
  return { ...channel, funds, deposit, lastDeposit: deposit.amount };
}

/** The payee says how the deposit stands. */
export function withDepositState(channel: PayerChannel, state: DepositState): PayerChannel {
  if (state === 'pending') return channel;
  if (state === 'unsafe') return channel.deposit === undefined ? channel : { ...channel, deposit: undefined };
  const { funds } = channel;
  if (channel.deposit === undefined && funds.unsafe === 0n) return channel;
  return { ...channel, deposit: undefined, funds: { ...funds, safe: funds.safe + funds.unsafe, unsafe: 0n } };
}

/** The chain did not take the deposit. */
export function withoutDeposit(channel: PayerChannel): PayerChannel {
  const { deposit, funds } = channel;
  if (deposit === undefined) return channel;
  return { ...channel, deposit: undefined, funds: { ...funds, unsafe: lessOrNone(funds.unsafe, deposit.amount) } };
}

/**
 * What the payee knows of a channel, after this side has lost sight of it. A voucher of one's own that is not known here is taken up: nothing may ever be signed below
 * it. What the payee says of the chain only ever lowers what is signed for: more than was deposited is not believed.
 * @param isOwn whether the voucher in it bears this side's signature; another one says nothing
 * @param increment amount of one increment: so much of a voucher was ahead of what was owed, and not more
 */
export function withState(
  channel: PayerChannel,
  state: SessionBodyOf<'state'>,
  { isOwn, increment }: { isOwn: boolean; increment: bigint },
): PayerChannel {
  const { funds } = channel;
  const known = isOwn && state.voucher !== undefined ? state.voucher.max : 0n;
  const signed = most(channel.paid.signed, known);
  const owed = known > channel.paid.signed ? lessOrNone(known, increment) : 0n;
  return {
    ...channel,
    paid: withOwed({ ...channel.paid, signed }, owed),
    funds: {
      ...funds,
      totalClaimed: most(funds.totalClaimed, least(state.totalClaimed, signed)),
      withdrawing: most(funds.withdrawing, state.pendingWithdrawal),
    },
    everWithdrew: channel.everWithdrew || state.pendingWithdrawal > 0n,
  };
}

/** Bytes that this side has counted since what is owed was stored: by a worker that died before it could. */
export function uncounted({ counted }: PayerChannel, own: OwnTotal | undefined): bigint {
  if (own === undefined || counted === undefined) return 0n;
  return own.epoch === counted.epoch ? lessOrNone(own.most, counted.most) : own.most;
}

/** Of what was signed, the share that differences of count may make up in all the life of a channel: the 5 % of meter.ts. */
const DRIFT_SHARE = 20n;

/** What a payer goes by when the payee says what is owed. */
export type OwedClaim = {
  /** The payee's `owed`. */
  claimed: bigint;
  /** What this side's own count comes to. */
  counted: bigint;
  /** Amount of one increment. */
  increment: bigint;
};

/**
 * The channel with what is owed by the payee's claim, as far as the own count bears it out, and how far the count was moved up for it. After a restart of either side
 * the payee may be ahead of it by what was not stored, as an eighth of an increment that was reserved and not used (voucher.ts). So a little is let pass, and in
 * all no more than one increment and a twentieth of what was paid: a payee that restarts for it gains no more than one that counts wrong.
 */
export function believeOwed(
  channel: PayerChannel,
  { claimed, counted, increment }: OwedClaim,
): { channel: PayerChannel; moved: bigint } {
  const allowed = lessOrNone(increment + channel.paid.signed / DRIFT_SHARE, channel.drift);
  const passed = least(lessOrNone(claimed, counted), allowed);
  const paid = withOwed(channel.paid, least(claimed, counted + passed));
  return { channel: { ...channel, paid, drift: channel.drift + passed }, moved: passed };
}
