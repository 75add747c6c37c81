// The ledger of a relay: who has paid it what, and what it did with that. One SQLite file (node:sqlite) in WAL with a full sync at each commit; one writer.
// It decides nothing about money: it keeps what the rules decided, before anybody acts on it. Opened by relay/relay.ts.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createChannels, type Channels } from './channels.ts';
import { createCommitQueue } from './commit-queue.ts';
import { createDeposits, type Deposits } from './deposits.ts';
import { createFreeQuota, type FreeQuota } from './free-quota.ts';
import { LedgerError } from './ledger-error.ts';
import { openForWriting } from './ledger-file.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { createTransactions, type Transactions } from './transactions.ts';
import { lockWriter } from './writer-lock.ts';

/** Every promise resolves when what it is about is on the disk, and rejects with a `LedgerError` when it is not. */
export type Ledger = {
  channels: Channels;
  deposits: Deposits;
  transactions: Transactions;
  outgoing: Outgoing;
  /** Only at an entry. */
  freeQuota: FreeQuota | undefined;
  /** Commits what waits. */
  close(): void;
};

export type LedgerInit = {
  /** The file; made where there is none, with its folder. */
  path: string;
  /** Whether this relay has clients of its own, and so a free quota. */
  entry: boolean;
};

/** Throws `LedgerError`: `locked`, `damaged`, `newer`, `unavailable`, `full`. */
export function openLedger({ path, entry }: LedgerInit): Ledger {
  makeFolder(path);
  const lock = lockWriter(path);
  try {
    const db = openForWriting(path);
    const queue = createCommitQueue(db);
    const { write } = queue;
    return {
      channels: createChannels(db, write),
      deposits: createDeposits(db, write),
      transactions: createTransactions(db, write),
      outgoing: createOutgoing(db, write),
      freeQuota: entry ? createFreeQuota(db, write) : undefined,
      close: () => {
        queue.close();
        db.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LedgerError('unavailable', `cannot make the folder of the ledger ${path}`, { cause: error });
  }
}
