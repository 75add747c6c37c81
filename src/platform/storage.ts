// The cells of src/core/state/cells.ts in two areas of storage. Changes of one cell run one after another; a damaged cell reads as its
// safe value and is reported. Built in background/main.ts.

import { decodeCell, encodeCell, type Cell, type CellError } from '../core/state/cell.ts';
import type { Cells } from '../ports/cells.ts';
import { createSerial, type Serial } from './serial.ts';

/** The part of `browser.storage.local` and `.session` that is used. */
export type StorageArea = {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(key: string): Promise<void>;
};

export type StorageAreas = Record<Cell<unknown>['area'], StorageArea>;

export function createCells(areas: StorageAreas): Cells {
  const serials = new Map<string, Serial>();
  const listeners = new Set<(error: CellError) => void>();
  /** A cell that stays damaged is read again and again, and reported once. */
  const reported = new Set<string>();

  const load = async <T>(cell: Cell<T>): Promise<T> => {
    const { value, error } = decodeCell(cell, (await areas[cell.area].get(cell.key))[cell.key]);
    if (error !== undefined && !reported.has(cell.key)) {
      reported.add(cell.key);
      listeners.forEach((listener) => listener(error));
    }
    return value;
  };

  const serialOf = ({ key }: { key: string }): Serial => {
    const serial = serials.get(key) ?? createSerial();
    serials.set(key, serial);
    return serial;
  };

  return {
    // Behind the changes that were asked for before: whoever reads sees what it wrote.
    read: (cell) => serialOf(cell)(() => load(cell)),
    update: (cell, change) =>
      serialOf(cell)(async () => {
        const before = await load(cell);
        const after = change(before);
        if (after !== before) await areas[cell.area].set({ [cell.key]: encodeCell(cell, after) });
        return after;
      }),
    size: (cell) =>
      serialOf(cell)(async () => {
        const stored = (await areas[cell.area].get(cell.key))[cell.key];
        return stored === undefined ? 0 : new TextEncoder().encode(JSON.stringify(stored)).length;
      }),
    forget: async (cells) => {
      for (const cell of cells) await serialOf(cell)(() => areas[cell.area].remove(cell.key));
    },
    onDamaged: (listener) => void listeners.add(listener),
  };
}
