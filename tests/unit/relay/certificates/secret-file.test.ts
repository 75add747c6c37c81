// A file with a key: for its owner alone, whole, and another file each time.

import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecret, writeSecret } from '../../../../relay/certificates/secret-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conet-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('is written beside the old one and takes its place, whatever a run that was broken off has left', async () => {
  const path = join(folder, 'new/secret.pem');
  await writeSecret(path, 'first');
  const { ino } = await stat(path);
  await writeFile(`${path}.new`, 'half of something that was much lon', { mode: 0o644 });
  await writeSecret(path, 'second');
  const after = await stat(path);
  expect(await readSecret(path)).toBe('second');
  expect(after.ino).not.toBe(ino);
  expect([after.mode & 0o777, (await stat(join(folder, 'new'))).mode & 0o777]).toEqual([0o600, 0o700]);
  await expect(stat(`${path}.new`)).rejects.toThrow('ENOENT');
});

test('what is not there, no file, or far too large is none', async () => {
  await writeFile(join(folder, 'large'), 'x'.repeat(300_000));
  await symlink('/dev/zero', join(folder, 'endless'));
  for (const name of ['nothing', '.', 'large', 'endless']) expect(await readSecret(join(folder, name))).toBeUndefined();
});
