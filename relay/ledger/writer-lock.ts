// One writer: a second relay or settler on the same ledger would send the same nonces and grant the same credit twice. The lock is SQLite's own
// on an empty file beside the ledger, so it ends with the process, however that ends, and readers of the ledger are not held up.

import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { asLedgerError, LedgerError } from './ledger-error.ts';

export type WriterLock = { release(): void };

/** Throws `LedgerError` `locked` when another process, or this one, has it. The file stays: removing it would let two in. */
export function lockWriter(ledgerPath: string): WriterLock {
  const path = `${ledgerPath}.lock`;
  let db: DatabaseSync | undefined;
  try {
    closeSync(openSync(path, 'a', 0o600));
    // Waits for nobody: who has the lock keeps it.
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    const known = asLedgerError(error);
    if (known instanceof LedgerError && known.code === 'locked') {
      throw new LedgerError('locked', `the ledger ${ledgerPath} is open in another process`, { cause: error });
    }
    throw new LedgerError('unavailable', `cannot write beside the ledger ${ledgerPath}`, { cause: error });
  }
  const held = db;
  return { release: () => held.close() };
}
