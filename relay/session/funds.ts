// What stands behind a channel, from what the chain says now and what the ledger knows of its deposits. Pure. A deposit that the chain has and the ledger still
// calls pending counts as unsafe until the ledger has seen its block become safe.

import { least, lessOrNone } from '../../src/core/payment/amount.ts';
import type { ChannelFunds } from '../../src/core/payment/funds.ts';
import type { DepositState } from '../../src/core/wire/session-protocol.ts';
import type { OnChain } from '../ledger/channels.ts';
import type { StoredDeposit } from '../ledger/deposits.ts';

type Standing = Pick<OnChain, 'balance' | 'claimed' | 'pendingWithdrawal'>;
type Deposit = Pick<StoredDeposit, 'amount' | 'state'>;

export function fundsOf({ balance, claimed, pendingWithdrawal }: Standing, deposits: readonly Deposit[]): ChannelFunds {
  const sum = (state: Deposit['state']): bigint =>
    deposits.reduce((total, deposit) => (deposit.state === state ? total + deposit.amount : total), 0n);
  const [unsafe, pending] = [sum('unsafe'), sum('pending')];
  // More than was seen in a block: of deposits that came into one just now, or of others than this relay sent.
  const unseen = least(lessOrNone(balance, sum('safe') + unsafe), pending);
  return {
    safe: lessOrNone(balance, unsafe + unseen),
    unsafe: unsafe + pending,
    totalClaimed: claimed,
    withdrawing: pendingWithdrawal,
  };
}

/** How sure its last deposit is that is not safe; `safe` where all are. */
export function depositStateOf(deposits: readonly Pick<StoredDeposit, 'state'>[]): DepositState {
  const open = deposits.findLast(({ state }) => state === 'pending' || state === 'unsafe')?.state;
  return open === 'pending' || open === 'unsafe' ? open : 'safe';
}
