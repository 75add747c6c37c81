// The file of the ledger: made once, whole or not at all; opened only when it is a whole ledger of this version. What is damaged or newer is
// left byte for byte: it is opened for reading first, and for writing only when it is good.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asLedgerError, LedgerError } from './ledger-error.ts';
import { attachMarksToRead, removeMarks } from './marks.ts';
import { APPLICATION_ID, migrate, MIGRATIONS, readVersion } from './schema.ts';

const OWNER_ONLY = 0o600;

/** Opens for writing, under the lock of `lockWriter`; makes the file where there is none. Throws `LedgerError`. */
export function openForWriting(path: string): DatabaseSync {
  if (!existsSync(path)) createFile(path);
  openForReading(path).close();
  return withWords(path, () => {
    const db = open(path, false);
    try {
      // Full: a commit is on the disk before it returns (https://sqlite.org/pragma.html#pragma_synchronous).
      db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON');
      if (db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'] !== 'wal') {
        throw new LedgerError('unavailable', `the ledger ${path} is on a disk without shared memory`);
      }
      migrate(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Opens for reading alone, also while a relay writes. Throws `LedgerError` `missing`, `damaged` or `newer`. */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path)) {
    throw new LedgerError('missing', `there is no ledger at ${path}; a relay with payments makes it when it starts`);
  }
  return withWords(path, () => {
    const db = open(path, true);
    try {
      attachMarksToRead(db, path);
      check(db, path);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function open(path: string, readOnly: boolean): DatabaseSync {
  // A reader may have to wait while another recovers the log of a killed relay.
  return new DatabaseSync(path, { readOnly, timeout: 2000, enableDoubleQuotedStringLiterals: false });
}

function check(db: DatabaseSync, path: string): void {
  const id = db.prepare('PRAGMA application_id').get()?.['application_id'];
  if (id !== APPLICATION_ID) throw new LedgerError('damaged', `${path} is not a ledger; it was left as it is`);
  if (readVersion(db) > MIGRATIONS.length) {
    throw new LedgerError('newer', `the ledger ${path} was written by a later version of conet-relay`);
  }
  // Of all that is attached.
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok')
    throw new LedgerError('damaged', `the ledger ${path} or ${path}.marks is damaged; both were left as they are`);
}

/** Under another name first: a file at `path` is a whole ledger, and an empty one there is damage. */
function createFile(path: string): void {
  if (existsSync(`${path}-wal`)) {
    // The log may hold vouchers that were credited.
    throw new LedgerError('damaged', `the ledger ${path} is gone, but its log ${path}-wal is there`);
  }
  const fresh = `${path}.new`;
  withWords(path, () => {
    for (const left of ['', '-wal', '-shm', '-journal']) rmSync(fresh + left, { force: true });
    // SQLite gives its other files the mode of this one.
    closeSync(openSync(fresh, 'wx', OWNER_ONLY));
    const db = new DatabaseSync(fresh);
    try {
      db.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL');
      migrate(db);
    } finally {
      db.close();
    }
    removeMarks(path);
    renameSync(fresh, path);
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  });
}

/** Runs it, and gives what SQLite throws our names and the path. */
export function withWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const known = asLedgerError(error);
    if (!(known instanceof LedgerError)) {
      throw new LedgerError('unavailable', `cannot read or write the ledger ${path}`, { cause: error });
    }
    // Errors of SQLite do not know the path.
    throw known === error ? known : new LedgerError(known.code, `${path}: ${known.message}`, { cause: error });
  }
}
