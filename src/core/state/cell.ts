// What a stored cell is, and how its value becomes what storage holds and back. The cells themselves are in cells.ts; storage is src/platform/storage.ts.

export type Cell<T> = {
  key: string;
  area: 'local' | 'session';
  /** Raised with the form of the value; another version reads as damaged until a migration stands here. */
  version: number;
  /** Never in a snapshot, a message, a log or an error, not even its ciphertext. */
  secret: boolean;
  /** Whether something of it reaches the popup (snapshot.ts). */
  inPopup: boolean;
  /** Reads what was stored. Throws on anything else. */
  parse: (value: unknown) => T;
  /** The form in storage, where it is another one: storage carries no bigint. */
  encode?(value: T): unknown;
  missing: T;
  damaged: T;
};

/** A stored cell that cannot be read. The text names the cell and never its content. */
export class CellError extends Error {
  override readonly name = 'CellError';
  readonly code: 'damaged' | 'version';
  readonly key: string;

  constructor(code: 'damaged' | 'version', key: string) {
    super(
      code === 'damaged' ? `the stored cell "${key}" is damaged` : `the stored cell "${key}" is of another version`,
    );
    this.code = code;
    this.key = key;
  }
}

/** The form in storage. */
export function encodeCell<T>(cell: Cell<T>, value: T): unknown {
  return { version: cell.version, value: cell.encode === undefined ? value : cell.encode(value) };
}

/** Reads what storage held for a cell; `stored` is undefined where it held nothing. Never throws. */
export function decodeCell<T>(cell: Cell<T>, stored: unknown): { value: T; error?: CellError } {
  if (stored === undefined) return { value: cell.missing };
  if (typeof stored !== 'object' || stored === null || !('version' in stored) || !('value' in stored)) {
    return { value: cell.damaged, error: new CellError('damaged', cell.key) };
  }
  if (stored.version !== cell.version) return { value: cell.damaged, error: new CellError('version', cell.key) };
  try {
    return { value: cell.parse(stored.value) };
  } catch {
    return { value: cell.damaged, error: new CellError('damaged', cell.key) };
  }
}
