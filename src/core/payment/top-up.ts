// When a channel needs money before it runs dry, and when it must not be given any. The client asks after each voucher.

import { lessOrNone } from './amount.ts';
import { promisable, type ChannelFunds } from './funds.ts';

/** Below a fifth of a deposit: at 20 Mbit/s and $2 that is half an hour, in which the person can unlock the wallet. */
const LOW_SHARE = 5n;

export type TopUpAdvice =
  | 'enough'
  /** Another deposit into this channel. */
  | 'top-up'
  /** A channel of another salt: this one has seen a timed withdrawal. */
  | 'new-channel';

export type TopUpCase = {
  funds: ChannelFunds;
  /** The highest sum that was signed. */
  signed: bigint;
  /** What was deposited last, the measure of "low". */
  deposit: bigint;
  /** Whether a timed withdrawal was ever begun on it. */
  everWithdrew: boolean;
};

/**
 * The contract keeps no epoch: a voucher from before a withdrawal that was never claimed could be claimed out of a later deposit. So such a channel
 * is never topped up.
 */
export function adviseTopUp({ funds, signed, deposit, everWithdrew }: TopUpCase): TopUpAdvice {
  if (lessOrNone(promisable(funds), signed) * LOW_SHARE >= deposit) return 'enough';
  return everWithdrew ? 'new-channel' : 'top-up';
}
