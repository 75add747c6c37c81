import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeZip, type ZipEntry } from '../../../scripts/package/zip.ts';

const ENTRIES: ZipEntry[] = ['b.txt', 'a/z.txt', 'a.txt'].map((name) => ({ name, bytes: Buffer.from(`of ${name}`) }));

let folder: string;
const zone = process.env['TZ'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zip-'));
});
afterEach(async () => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  await rm(folder, { recursive: true });
});

async function zipped(entries: ZipEntry[]): Promise<Buffer> {
  const file = join(folder, 'of.zip');
  await writeZip(file, entries);
  return readFile(file);
}

test('the same files give the same bytes, in any order and time zone', async () => {
  process.env['TZ'] = 'America/New_York';
  const one = await zipped(ENTRIES);
  process.env['TZ'] = 'Pacific/Auckland';
  const other = await zipped(ENTRIES.toReversed());
  expect(other.equals(one)).toBe(true);
  const changed = ENTRIES.map((entry, index) => (index === 0 ? { ...entry, bytes: Buffer.from('other') } : entry));
  expect((await zipped(changed)).equals(one)).toBe(false);
});

test('two files of one name are no package', async () => {
  await expect(zipped([...ENTRIES, ENTRIES[0]!])).rejects.toThrow('b.txt');
});
