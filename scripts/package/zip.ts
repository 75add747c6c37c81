// Zips that depend on names and bytes alone: no times, no owners, no order of a folder, no time zone. Used by scripts/package.ts.

import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export type ZipEntry = { name: string; bytes: Uint8Array };

/** A regular file that all may read. */
const MODE = 0o100644;

/** Writes the entries in the order of their names. Throws where two have one name. */
export async function writeZip(file: string, entries: readonly ZipEntry[]): Promise<void> {
  const sorted = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const twice = sorted.find(({ name }, index) => name === sorted[index + 1]?.name);
  if (twice !== undefined) throw new Error(`two files of one name: ${twice.name}`);
  const zip = new ZipFile();
  for (const { name, bytes } of sorted) {
    // Any moment, in the machine's own time: a zip knows no zone. Without `forceDosTimestamp` it would stand there in UTC as well.
    zip.addBuffer(Buffer.from(bytes), name, { mtime: new Date(1981, 0, 1), forceDosTimestamp: true, mode: MODE });
  }
  zip.end();
  await mkdir(dirname(file), { recursive: true });
  await pipeline(zip.outputStream, createWriteStream(file));
}

/** All files below a folder, by their paths from it. */
export async function entriesOf(folder: string): Promise<ZipEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return readEntries(
    folder,
    found.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))),
  );
}

export function readEntries(folder: string, names: readonly string[]): Promise<ZipEntry[]> {
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
}
