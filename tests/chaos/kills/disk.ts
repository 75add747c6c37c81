// The browser's storage for a payer that is killed: files with what browsers promise of theirs. A write is whole or absent, and it is on the disk when it
// resolves. `session` outlives the worker, as in a browser.

import { open, readFile, rename, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCell } from '../../../src/core/state/cell.ts';
import { paymentsCell } from '../../../src/core/state/cells.ts';
import type { PaymentBook } from '../../../src/core/session/payment-book.ts';
import type { StorageArea, StorageAreas } from '../../../src/platform/storage.ts';

/** Told around each write; it may end the process. */
export type OnStore = (when: 'before-store' | 'after-store') => void;

export function createDisk(folder: string, onStore: OnStore): StorageAreas {
  const area = (name: keyof StorageAreas): StorageArea => ({
    get: async (key) => {
      const text = await readFile(fileOf(folder, name, key), 'utf8').catch(() => undefined);
      return text === undefined ? {} : { [key]: JSON.parse(text) as unknown };
    },
    set: async (items) => {
      for (const [key, value] of Object.entries(items)) {
        const path = fileOf(folder, name, key);
        await writeWhole(`${path}.new`, JSON.stringify(value), name === 'local');
        onStore('before-store');
        await rename(`${path}.new`, path);
        if (name === 'local') await sync(folder);
        onStore('after-store');
      }
    },
    remove: (key) => rm(fileOf(folder, name, key), { force: true }),
  });
  return { local: area('local'), session: area('session') };
}

/** The payment book as it lies on the disk, whether or not its payer lives. */
export function readBook(folder: string): PaymentBook {
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(fileOf(folder, paymentsCell.area, paymentsCell.key), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { value, error } = decodeCell(paymentsCell, stored);
  if (error !== undefined) throw error;
  return value;
}

function fileOf(folder: string, area: string, key: string): string {
  return join(folder, `${area}-${encodeURIComponent(key)}.json`);
}

async function writeWhole(path: string, text: string, durable: boolean): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}

/** Of the folder: the new name. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
