// The ledger of a relay: who has paid it what, and what it did with that. One SQLite file (node:sqlite) in WAL with a full sync at each commit; one writer.
// It decides nothing about money: it keeps what the rules decided, before anybody acts on it. Opened by relay/relay.ts.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { createCommitQueue } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import { openForWriting, withWords } from './ledger-file.ts';
import { attachMarks } from './marks.ts';
import { createTables, type Tables } from './tables.ts';
import { createThreadWriter } from './thread-writer.ts';
import { lockWriter } from './writer-lock.ts';

/** Every promise resolves when what it is about is on the disk, and rejects with a `LedgerError` when it is not. */
export type Ledger = Tables & {
  /** Commits what waits. */
  close(): void;
};

export type LedgerInit = {
  /** The file; made where there is none, with its folder. */
  path: string;
  /** Whether this relay has clients of its own, and so a free quota. */
  entry: boolean;
  /** Whether it is written in a thread of its own: the relay's, which carries bytes while the disk syncs. */
  thread?: boolean;
};

/** Throws `LedgerError`: `locked`, `damaged`, `newer`, `unavailable`, `full`. */
export function openLedger({ path, entry, thread = false }: LedgerInit): Ledger {
  makeFolder(path);
  const lock = lockWriter(path);
  try {
    const db = openWithMarks(path);
    const { tables, close } = thread ? createThreadWriter(db, path, entry) : createWriter(db, entry);
    return {
      ...tables,
      close: () => {
        close();
        db.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openWithMarks(path: string): DatabaseSync {
  const db = openForWriting(path);
  try {
    withWords(path, () => attachMarks(db, path));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function createWriter(db: DatabaseSync, entry: boolean): { tables: Tables; close: () => void } {
  const queue = createCommitQueue(db);
  return { tables: createTables(db, queue.write, entry), close: () => queue.close() };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LedgerError('unavailable', `cannot make the folder of the ledger ${path}`, { cause: error });
  }
}
