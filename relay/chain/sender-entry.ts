// What the sender knows of a transaction that is under way, and what of it the ledger gives back after a restart. Used by sender.ts.

import type { Call } from '../../src/chain/rail/calldata.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { NewTransaction, TransactionKind, Transactions } from '../ledger/transactions.ts';
import type { Fees } from './gas.ts';

export type Work = {
  kind: TransactionKind;
  /** Which channels, and for a claim up to what. */
  channels: NewTransaction['channels'];
  call: Call;
  /** Waiting for cheaper gas would lose money. */
  urgent?: boolean;
};

export type Ending = 'mined' | 'reverted' | 'dropped';
export type Sent = Pick<Work, 'kind' | 'channels'> & { id: number; nonce: number; hash: Hex };
export type Ended = Sent & { ending: Ending; block: number | undefined };

export type Plan = { call: Call; gas: bigint; fees: Fees };

export type Entry = Omit<Sent, 'hash'> & {
  hashes: Hex[];
  /** Undefined after a restart, until a node has shown it. */
  plan: Plan | undefined;
  /** As it was sent last by this process. */
  raw: Hex | undefined;
  urgent: boolean;
  sentAt: number;
  /** Undefined while it is in none. */
  block: number | undefined;
  /** Looks that found its nonce used and itself nowhere. */
  missed: number;
};

/** Blocks are safe after minutes; one that was mined before is not looked for again after a restart. */
const LOOK_BACK_MS = 86_400_000;

/** What an earlier run left. @param now ms since the epoch */
export async function recoverEntries(
  transactions: Pick<Transactions, 'list' | 'end'>,
  { chainId, account }: { chainId: number; account: Hex },
  now: number,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const stored of transactions.list(['prepared', 'sent', 'mined'])) {
    const { id, kind, channels, nonce, hashes, state, preparedAt } = stored;
    if (stored.chainId !== chainId || stored.account !== account) continue;
    if (state === 'mined' && now - preparedAt > LOOK_BACK_MS) continue;
    // Its hash is kept before it is sent: without one it never was.
    if (hashes.length === 0) {
      await transactions.end(id, 'dropped');
      continue;
    }
    const block = state === 'mined' ? stored.block : undefined;
    const unknown = { plan: undefined, raw: undefined, urgent: false, missed: 0 };
    found.push({ id, kind, channels, nonce, hashes: [...hashes], sentAt: preparedAt, block, ...unknown });
  }
  return found;
}

export function publicOf({ id, kind, channels, nonce, hashes }: Entry): Sent {
  return { id, kind, channels, nonce, hash: hashes.at(-1) ?? '0x' };
}
