// Up to where each channel may be served before that is written again (`nextReserve` of src/core/payment/voucher.ts). In a file of its own beside the ledger, attached to the
// connection of the main thread: a mark is due every few megabytes of every channel, and is written at once where bytes are copied, some 20 µs each. In the ledger it
// was a way to the writing thread and a sync, for which tunnels waited (docs/decisions/0032-marks-beside-the-ledger.md).

import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Hex } from '../../src/core/wire/kinds.ts';
import { asLedgerError, LedgerError } from './ledger-error.ts';
import { amountBlob, asAmount, asHex, hexText } from './values.ts';

export type Marks = {
  /** 0 where there is none. Base units. */
  get(id: Hex): bigint;
  /** When it returns a kill cannot undo the mark. It never falls. Throws `LedgerError`. */
  set(id: Hex, reserved: bigint): void;
};

const OWNER_ONLY = 0o600;

const fileOf = (ledgerPath: string): string => `${ledgerPath}.marks`;

/**
 * Makes the file where there is none. Not on the connection of a writing thread: its transactions would lock it. Throws what SQLite throws.
 * `synchronous = NORMAL`: a power failure takes the marks since SQLite last moved its log (https://sqlite.org/pragma.html#pragma_synchronous), and the loss is the relay's own.
 */
export function attachMarks(db: DatabaseSync, ledgerPath: string): void {
  const path = fileOf(ledgerPath);
  closeSync(openSync(path, 'a', OWNER_ONLY));
  attach(db, path);
  db.exec(`
    PRAGMA marks.journal_mode = WAL;
    PRAGMA marks.synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS marks.marks (
      id TEXT PRIMARY KEY CHECK (length(id) = 66), reserved BLOB NOT NULL CHECK (length(reserved) = 16)
    ) STRICT, WITHOUT ROWID;
  `);
}

/** For a reader. A ledger that was never served from has no marks. */
export function attachMarksToRead(db: DatabaseSync, ledgerPath: string): void {
  const path = fileOf(ledgerPath);
  if (existsSync(path)) attach(db, path);
}

/** Of a ledger that is no more. */
export function removeMarks(ledgerPath: string): void {
  for (const companion of ['', '-wal', '-shm']) rmSync(fileOf(ledgerPath) + companion, { force: true });
}

/** Where none are attached all are 0, and none is taken. */
export function createMarks(db: DatabaseSync): Marks {
  if (!hasMarks(db)) {
    return {
      get: () => 0n,
      set: () => {
        throw new LedgerError('unavailable', 'marks are not written here');
      },
    };
  }
  const get = db.prepare('SELECT reserved FROM marks.marks WHERE id = ?');
  const set = db.prepare(
    'INSERT INTO marks.marks VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET reserved = max(reserved, ?2)',
  );
  return {
    get: (id) => {
      const row = get.get(hexText(id, 32));
      return row === undefined ? 0n : asAmount(row['reserved']);
    },
    set: (id, reserved) => {
      const values = [hexText(id, 32), amountBlob(reserved)];
      try {
        set.run(...values);
      } catch (error) {
        throw asLedgerError(error);
      }
    },
  };
}

export function listMarks(db: DatabaseSync): Map<Hex, bigint> {
  if (!hasMarks(db)) return new Map();
  const rows = db.prepare('SELECT id, reserved FROM marks.marks').all();
  return new Map(rows.map(({ id, reserved }) => [asHex(id), asAmount(reserved)]));
}

function attach(db: DatabaseSync, path: string): void {
  db.prepare('ATTACH DATABASE ? AS marks').run(path);
}

/** A reader may come between the making of the file and of its table. */
function hasMarks(db: DatabaseSync): boolean {
  return db.prepare(`SELECT 1 FROM pragma_table_list WHERE schema = 'marks' AND name = 'marks'`).get() !== undefined;
}
