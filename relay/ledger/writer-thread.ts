// The thread that writes the ledger: the sync of the disk, some 4 ms for each commit, holds up nobody's bytes here. Started by thread-writer.ts, which holds the lock.

import { parentPort, workerData } from 'node:worker_threads';
import { createCommitQueue } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import { openForWriting } from './ledger-file.ts';
import { createTables, type Call, type Reply, type WriterInit } from './tables.ts';

const { path, entry, closed } = workerData as WriterInit;
const port = parentPort;
if (port === null) throw new Error('not a thread of a ledger');

const db = openForWriting(path);
const queue = createCommitQueue(db);
const tables = createTables(db, queue.write, entry);
let running = 0;
let closing = false;

port.on('message', (call: Call | 'close') => {
  if (call === 'close') {
    closing = true;
    queue.close();
    endIfDone();
    return;
  }
  running += 1;
  void run(call).then((reply) => {
    port.postMessage(reply);
    running -= 1;
    endIfDone();
  });
});

/** Calls that come together are begun in one turn, and so are in one commit. */
async function run({ id, table, method, values }: Call): Promise<Reply> {
  try {
    const methods = tables[table] as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
    return { id, value: await methods[method]?.(...values) };
  } catch (error) {
    // Only what is ours has words that may be shown; of others the operator gets to know that there was one.
    if (error instanceof LedgerError) return { id, fault: { code: error.code, message: error.message } };
    return { id, fault: { code: 'unavailable', message: 'the ledger cannot be written' } };
  }
}

function endIfDone(): void {
  if (!closing || running > 0) return;
  db.close();
  port?.close();
  const flag = new Int32Array(closed);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}
