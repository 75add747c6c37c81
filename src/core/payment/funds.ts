// What stands behind the vouchers of a channel: its money on the chain, as last seen. A deposit whose block may still be
// reorganised away counts for little; money that the payer is taking back does not count. Both sides read it here.

import { least, lessOrNone } from './amount.ts';

/** Amounts of the contract's `channels(id)` and `pendingWithdrawals(id)`, in base units. */
export type ChannelFunds = {
  /** Of `balance`: what stands in a block that the chain calls safe. Cumulative: claims do not lower it. */
  safe: bigint;
  /** Of `balance`, or of deposits that were submitted: what does not stand in such a block yet. */
  unsafe: bigint;
  /** What the receiver has claimed. */
  totalClaimed: bigint;
  /** What the payer has announced to withdraw, 0 where nothing. */
  withdrawing: bigint;
};

/**
 * What a relay serves against deposits that a reorganisation could undo: $0.05. On an L2 that has never happened; it is what a relay
 * may lose by it, half a gigabyte.
 */
export const UNSAFE_CREDIT = 50_000n;

/** The highest sum that vouchers may promise. A claim above it reverts on the chain, now or after the withdrawal. */
export function promisable({ safe, unsafe, withdrawing }: ChannelFunds): bigint {
  return lessOrNone(safe + unsafe, withdrawing);
}

/** The sum up to which traffic may be served. */
export function servable({ safe, unsafe, withdrawing }: ChannelFunds): bigint {
  return lessOrNone(safe + least(unsafe, UNSAFE_CREDIT), withdrawing);
}
