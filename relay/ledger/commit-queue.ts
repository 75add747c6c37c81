// Group commit: what is written in one turn of the event loop is one transaction with one sync of the disk, and nobody is told "written" before
// that. A commit each would cost every voucher a sync (docs/decisions/0021-the-ledger-of-a-relay.md has the figures).

import type { DatabaseSync } from 'node:sqlite';
import { asLedgerError, LedgerError, type LedgerErrorCode } from './ledger-error.ts';

/** Work runs inside of the transaction, synchronously. What it throws undoes this work alone. */
export type Write = <T>(work: () => T) => Promise<T>;

export type CommitQueue = {
  write: Write;
  /** Commits what waits; later work is refused. */
  close(): void;
};

/** Bounds how long the event loop stands still: about 10 ms of work. */
const MAX_BATCH = 256;

/** After these the disk may hold something else than the memory thinks: nothing more is written. */
const FATAL: readonly LedgerErrorCode[] = ['damaged', 'unavailable'];

type Item = { run: () => void; settle: (failure?: Error) => void };

export function createCommitQueue(db: DatabaseSync): CommitQueue {
  const waiting: Item[] = [];
  let scheduled = false;
  let broken: Error | undefined;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const save = db.prepare('SAVEPOINT item');
  const release = db.prepare('RELEASE item');
  const undo = db.prepare('ROLLBACK TO item');

  const flush = (): void => {
    scheduled = false;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      const failure = broken ?? commitBatch(batch);
      for (const item of batch) item.settle(failure);
    }
  };

  /** The error that undid the whole batch; undefined when it is on the disk. */
  const commitBatch = (batch: readonly Item[]): Error | undefined => {
    try {
      begin.run();
      for (const { run } of batch) {
        save.run();
        run();
        release.run();
      }
      commit.run();
      return undefined;
    } catch (error) {
      if (db.isTransaction) rollBack();
      const known = asLedgerError(error);
      const failure =
        known instanceof LedgerError
          ? known
          : new LedgerError('unavailable', 'the ledger cannot be written', { cause: error });
      if (FATAL.includes(failure.code)) broken = failure;
      return failure;
    }
  };

  const rollBack = (): void => {
    try {
      db.exec('ROLLBACK');
    } catch {
      broken = new LedgerError('unavailable', 'the ledger cannot be written or read');
    }
  };

  const write: Write = <T>(work: () => T) => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let outcome: () => void;
    waiting.push({
      run: () => {
        try {
          const value = work();
          outcome = () => resolve(value);
        } catch (error) {
          const known = asLedgerError(error);
          if (concernsAll(known)) throw error;
          undo.run();
          outcome = () => reject(known);
        }
      },
      settle: (failure) => (failure === undefined ? outcome() : reject(failure)),
    });
    if (!scheduled) {
      scheduled = true;
      setImmediate(flush);
    }
    return promise;
  };

  return {
    write,
    close: () => {
      flush();
      broken ??= new LedgerError('unavailable', 'the ledger is closed');
    },
  };
}

/** Whether what failed is the ledger, and not one work in it, after which the others may go on. */
function concernsAll(error: unknown): boolean {
  return error instanceof LedgerError && ['full', 'locked', ...FATAL].includes(error.code);
}
