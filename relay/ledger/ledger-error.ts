// What can be wrong with the ledger or with what is written into it. The text is for the operator and holds no voucher, signature or key.

export type LedgerErrorCode =
  /** Another process has the ledger open for writing. */
  | 'locked'
  | 'missing'
  /** Not a ledger, or not whole. It is left as it is. */
  | 'damaged'
  /** Written by a later version of this program. It is left as it is. */
  | 'newer'
  /** No room on the disk: nothing of it was written, and writing may be tried again. */
  | 'full'
  /** The disk, or the folder, cannot be written. Nothing is taken any more until the ledger is opened again. */
  | 'unavailable'
  | 'unknown-channel'
  /** A voucher that is not above the best one. */
  | 'not-advancing'
  /** Something else is kept under this id. */
  | 'conflict'
  /** A step that what is kept does not allow, such as a deposit that was safe and is pending again. */
  | 'wrong-state'
  /** A value that the ledger has no place for. */
  | 'bad-value';

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Result codes of SQLite (https://sqlite.org/rescode.html): a primary one, and in the bits above it which of its kind. */
const PRIMARY = 0xff;
const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const CONSTRAINT = 19;
const CONSTRAINT_FOREIGN_KEY = CONSTRAINT | (3 << 8);
const CONSTRAINT_PRIMARY_KEY = CONSTRAINT | (6 << 8);
const CONSTRAINT_UNIQUE = CONSTRAINT | (8 << 8);
const NOT_A_DATABASE = 26;

/** An error of SQLite as one of ours; any other is returned as it is. */
export function asLedgerError(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const options = { cause: error };
  switch (code) {
    case CONSTRAINT_PRIMARY_KEY:
    case CONSTRAINT_UNIQUE:
      return new LedgerError('conflict', 'something else is kept under this id', options);
    case CONSTRAINT_FOREIGN_KEY:
      return new LedgerError('unknown-channel', 'the ledger has no such channel', options);
  }
  switch (code & PRIMARY) {
    case BUSY:
      return new LedgerError('locked', 'the ledger is in use by another process', options);
    case FULL:
      return new LedgerError('full', 'there is no room on the disk for the ledger', options);
    case CORRUPT:
    case NOT_A_DATABASE:
      return new LedgerError('damaged', 'the ledger is damaged; it was left as it is', options);
    case CONSTRAINT:
      return new LedgerError('bad-value', 'the ledger has no place for this value', options);
    default:
      return new LedgerError('unavailable', 'the ledger cannot be written or read', options);
  }
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') return undefined;
  const { errcode } = error as { errcode?: number };
  return errcode ?? 0;
}
