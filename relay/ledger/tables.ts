// The tables of a ledger over one connection. Used where the ledger is written (ledger.ts, writer-thread.ts) and where it is only read beside that.

import type { DatabaseSync } from 'node:sqlite';
import { createChannels, type Channels } from './channels.ts';
import type { Write } from './commit-queue.ts';
import { createDeposits, type Deposits } from './deposits.ts';
import { createFreeQuota, type FreeQuota } from './free-quota.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { createTransactions, type Transactions } from './transactions.ts';

export type Tables = {
  channels: Channels;
  deposits: Deposits;
  transactions: Transactions;
  outgoing: Outgoing;
  /** Only at an entry. */
  freeQuota: FreeQuota | undefined;
};

export function createTables(db: DatabaseSync, write: Write, entry: boolean): Tables {
  return {
    channels: createChannels(db, write),
    deposits: createDeposits(db, write),
    transactions: createTransactions(db, write),
    outgoing: createOutgoing(db, write),
    freeQuota: entry ? createFreeQuota(db, write) : undefined,
  };
}

type Writes<T> = { [K in keyof T]: T[K] extends (...values: never[]) => Promise<unknown> ? K : never }[keyof T];

/** Everything that writes, by table: the compiler sees to it that none is missing. */
export const WRITES: { [G in keyof Tables]: Record<Writes<NonNullable<Tables[G]>>, true> } = {
  channels: { open: true, creditVoucher: true, count: true, saw: true, setState: true },
  deposits: { save: true, move: true },
  transactions: { prepare: true, sent: true, end: true, reopen: true },
  outgoing: { open: true, saveVoucher: true, update: true },
  freeQuota: { take: true },
};

/** A write as data, for the other thread. */
export type Call = { id: number; table: keyof Tables; method: string; values: unknown[] };
export type Reply = { id: number; value?: unknown; fault?: { code: string; message: string } };
/** What the writing thread is started with. `closed` becomes 1 when all is on the disk and the file is closed. */
export type WriterInit = { path: string; entry: boolean; closed: SharedArrayBuffer };
