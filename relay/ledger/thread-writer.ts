// The ledger with its writing in a thread of its own: the same promises, kept by writer-thread.ts. Reading stays here, on a connection that writes marks alone; what a
// promise has said to be written is seen by it. Called by ledger.ts.

import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { LedgerError, type LedgerErrorCode } from './ledger-error.ts';
import { createTables, WRITES, type Call, type Reply, type Tables, type WriterInit } from './tables.ts';

/** What waits is committed in one or two syncs; a disk that takes longer than this is given up. */
const CLOSE_TIMEOUT_MS = 10_000;

/** `.js` where the relay was compiled. */
const PROGRAM = new URL(`./writer-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

export type ThreadWriter = {
  tables: Tables;
  /** Waits until all that was asked for is on the disk. */
  close: () => void;
};

/** @param db for reading, and open for as long as this is */
export function createThreadWriter(db: DatabaseSync, path: string, entry: boolean): ThreadWriter {
  const closed = new SharedArrayBuffer(4);
  const init: WriterInit = { path, entry, closed };
  const thread = new Worker(PROGRAM, { workerData: init });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let over = false;

  const settle = ({ id, value, fault }: Reply): void => {
    const asked = waiting.get(id);
    waiting.delete(id);
    // A process with nothing else to do ends; one that waits for the disk does not.
    if (waiting.size === 0) thread.unref();
    if (fault === undefined) asked?.resolve(value as never);
    else asked?.reject(new LedgerError(fault.code as LedgerErrorCode, fault.message));
  };

  const giveUp = (): void => {
    over = true;
    for (const { reject } of waiting.values()) reject(gone());
    waiting.clear();
  };

  thread.on('message', settle);
  // Nobody knows what of it is on the disk: nothing is taken any more.
  thread.on('error', giveUp);
  thread.on('exit', giveUp);
  thread.unref();

  const call = (table: keyof Tables, method: string, values: unknown[]): Promise<never> => {
    if (over) return Promise.reject(gone());
    const { promise, resolve, reject } = Promise.withResolvers<never>();
    last += 1;
    waiting.set(last, { resolve, reject });
    thread.ref();
    thread.postMessage({ id: last, table, method, values } satisfies Call);
    return promise;
  };

  const tables = createTables(db, () => Promise.reject(gone()), entry);
  for (const [table, methods] of Object.entries(WRITES) as [keyof Tables, object][]) {
    for (const method of Object.keys(methods)) {
      if (tables[table] === undefined) continue;
      Object.assign(tables[table], { [method]: (...values: unknown[]) => call(table, method, values) });
    }
  }

  return {
    tables,
    close: () => {
      if (over) return;
      over = true;
      thread.postMessage('close');
      Atomics.wait(new Int32Array(closed), 0, 0, CLOSE_TIMEOUT_MS);
    },
  };
}

function gone(): LedgerError {
  return new LedgerError('unavailable', 'the ledger is closed');
}
