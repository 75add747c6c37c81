// What an entry takes of an exit's terms, and when it puts money into a channel with it. Pure. Asked by link.ts.

import { promisable } from '../../src/core/payment/funds.ts';
import { quotePrice, type RelayQuote } from '../../src/core/payment/quote.ts';
import { adviseTopUp } from '../../src/core/payment/top-up.ts';
import type { PayerChannel } from '../../src/core/session/payer-channel.ts';
import type { Hex } from '../../src/core/payment/hex.ts';

export type TransitLimits = {
  /** What clients pay this entry for the exit's part: no exit is paid more. Base units for 2^20 bytes. */
  pricePerMiB: bigint;
  /** Of one deposit, base units. */
  deposit: bigint;
  /** What may lie in channels with all exits together and not be spent: whoever says that he is an exit gets a channel. */
  most: bigint;
};

export type TermsFault = 'too-dear' | 'deposit-too-small' | 'pays-itself' | 'delay-too-long';

/** Our exits ask for a day. Money that is locked for longer is no use to an operator. */
const MAX_WITHDRAW_DELAY_S = 7 * 86_400;

/** Why an exit is not used; undefined: it is. @param payer this relay's own address */
export function judgeTerms(terms: RelayQuote, limits: TransitLimits, payer: Hex): TermsFault | undefined {
  if (quotePrice(terms) > limits.pricePerMiB) return 'too-dear';
  if (terms.minDeposit > limits.deposit) return 'deposit-too-small';
  if (terms.receiver === payer) return 'pays-itself';
  if (terms.withdrawDelay > MAX_WITHDRAW_DELAY_S) return 'delay-too-long';
  return undefined;
}

/** What to do before the channel can pay on, or pay at all. A deposit that is under way is waited for. */
export function needOf(channel: PayerChannel | undefined): 'nothing' | 'deposit' | 'new-channel' {
  if (channel === undefined) return 'new-channel';
  if (channel.deposit !== undefined) return 'nothing';
  const { funds, paid, lastDeposit, everWithdrew } = channel;
  if (promisable(funds) === 0n) return everWithdrew ? 'new-channel' : 'deposit';
  const advice = adviseTopUp({ funds, signed: paid.signed, deposit: lastDeposit, everWithdrew });
  if (advice === 'enough') return 'nothing';
  return advice === 'top-up' ? 'deposit' : 'new-channel';
}

/** Whether there is money for another deposit. @param unspent lies in channels already @param balance of the account */
export function mayDeposit({ deposit, most }: TransitLimits, unspent: bigint, balance: bigint): boolean {
  return unspent + deposit <= most && balance >= deposit;
}
