// A file with a key in it that a program writes again and again: readable by its owner alone, and whole or not there, whenever the machine stops. Called by account-key.ts and
// certificate-store.ts.

import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;
const FOLDER_MODE = 0o700;
/** Far above any key with its chain; keeps a mistaken path from being read into memory. */
const MAX_BYTES = 256 * 1024;

/** Undefined where there is none, or nothing that can be one. */
export async function readSecret(path: string): Promise<string | undefined> {
  try {
    const facts = await stat(path);
    return facts.isFile() && facts.size <= MAX_BYTES ? await readFile(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Beside it, onto the disk, then into its place. Throws what Node does. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const draft = `${path}.new`;
  const file = await open(draft, 'w', OWNER_ONLY);
  try {
    // A draft that somebody else left keeps its mode when it is opened.
    await file.chmod(OWNER_ONLY);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const names = await open(folder, 'r');
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}
