// Waits until something is so, for what tells nobody: a file, a book, the chain. The limit bounds a hang and measures nothing: a machine that does ten things at
// once takes long for each.

import { vi } from 'vitest';

const LIMIT_MS = 30_000;

/** @param look throws until it is so */
export function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, LIMIT_MS);
}
