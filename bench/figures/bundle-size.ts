// Size of the worker that every person downloads with the extension and the browser compiles at each wake.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Figure } from '../figure.ts';

const MUST_BYTES = 220_000;

export async function measureBundle(): Promise<Figure> {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'dist', 'chrome', 'worker.js'));
  const bytes = gzipSync(text, { level: 9 }).length;
  return {
    name: 'worker bundle, minified and gzipped',
    must: `<= ${MUST_BYTES / 1000} kB`,
    measured: `${(bytes / 1000).toFixed(1)} kB`,
    reached: bytes <= MUST_BYTES,
    detail: `${(text.length / 1000).toFixed(1)} kB minified`,
  };
}
