// What an operator asks of a ledger: what was earned, what of it can be claimed, what is still at risk. Read in one go from a file that a relay may be
// writing. Amounts in base units of the channel's token.

import type { DatabaseSync } from 'node:sqlite';
import type { Hex } from '../../src/core/wire/kinds.ts';
import { listChannels, type StoredChannel } from './channels.ts';
import { listDeposits, type StoredDeposit } from './deposits.ts';
import { listOutgoing, type StoredOutgoing } from './outgoing.ts';
import { listTransactions, type StoredTransaction } from './transactions.ts';

export type ChannelSummary = StoredChannel & {
  /** Signed, covered by the balance as last seen, and not claimed yet. */
  claimable: bigint;
  /** Served and not signed for: lost when the payer never comes back. */
  unsigned: bigint;
};

/** Of all channels of one token on one chain. */
export type LedgerTotals = {
  chainId: number;
  token: Hex;
  signed: bigint;
  claimed: bigint;
  claimable: bigint;
  unsigned: bigint;
  /** What this relay signed to others. */
  paid: bigint;
};

export type LedgerSummary = {
  totals: LedgerTotals[];
  channels: ChannelSummary[];
  outgoing: StoredOutgoing[];
  /** Not safe yet. */
  deposits: StoredDeposit[];
  /** Not ended yet. */
  transactions: StoredTransaction[];
};

export function readSummary(db: DatabaseSync): LedgerSummary {
  // One transaction: what the tables say belongs together.
  db.exec('BEGIN');
  try {
    const channels = listChannels(db).map(summarize);
    const outgoing = listOutgoing(db);
    return {
      totals: sumUp(channels, outgoing),
      channels,
      outgoing,
      deposits: listDeposits(db).filter(({ state }) => state === 'pending' || state === 'unsafe'),
      transactions: listTransactions(db, ['prepared', 'sent']),
    };
  } finally {
    db.exec('COMMIT');
  }
}

function summarize(channel: StoredChannel): ChannelSummary {
  const { voucher, balance, claimed, owed } = channel;
  const signed = voucher?.max ?? 0n;
  const covered = signed < balance ? signed : balance;
  return {
    ...channel,
    claimable: covered > claimed ? covered - claimed : 0n,
    unsigned: owed > signed ? owed - signed : 0n,
  };
}

function sumUp(channels: readonly ChannelSummary[], outgoing: readonly StoredOutgoing[]): LedgerTotals[] {
  const totals = new Map<string, LedgerTotals>();
  const of = (chainId: number, token: Hex): LedgerTotals => {
    const key = `${chainId} ${token}`;
    const known = totals.get(key);
    if (known !== undefined) return known;
    const fresh = { chainId, token, signed: 0n, claimed: 0n, claimable: 0n, unsigned: 0n, paid: 0n };
    totals.set(key, fresh);
    return fresh;
  };
  for (const { chainId, config, voucher, claimed, claimable, unsigned } of channels) {
    const total = of(chainId, config.token);
    total.signed += voucher?.max ?? 0n;
    total.claimed += claimed;
    total.claimable += claimable;
    total.unsigned += unsigned;
  }
  for (const { chainId, config, voucher } of outgoing) of(chainId, config.token).paid += voucher?.max ?? 0n;
  return [...totals.values()];
}
