// Where state is kept: the cells of src/core/state/cells.ts.

import type { Cell, CellError } from '../core/state/cell.ts';

export interface Cells {
  /** The value, `missing` where nothing was stored, or `damaged` where it cannot be read, which is reported. Rejects only when storage itself fails. */
  read<T>(cell: Cell<T>): Promise<T>;
  /**
   * Reads, changes and writes a cell; changes of one cell run one after another. A change that returns the value it was given writes
   * nothing. Resolves with the new value when it is stored.
   */
  update<T>(cell: Cell<T>, change: (value: T) => T): Promise<T>;
  /** Bytes of what is stored, as JSON text; 0 where nothing is. */
  size(cell: Cell<unknown>): Promise<number>;
  /** Each of them is missing from now on. */
  forget(cells: readonly Cell<unknown>[]): Promise<void>;
  onDamaged(listener: (error: CellError) => void): void;
}
