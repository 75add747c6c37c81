// Where Chromium writes its session down, from which the next one brings the tabs back: a browser that is killed before knows nothing of them.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Below the profile. Chromium appends to one of two files, 2.5 s after a change. */
const FOLDER = 'Default/Sessions';

/** Whether it wrote since that time, ms since the epoch. */
export async function wroteSession(folder: string, since: number): Promise<boolean> {
  const kept = join(folder, 'profile', FOLDER);
  const files = await readdir(kept).catch(() => []);
  const written = await Promise.all(
    files.map((file) =>
      stat(join(kept, file)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return written.some((at) => at > since);
}

/** Of Chromium's one profile. */
export function preferencesOf(folder: string): string {
  return join(folder, 'profile', 'Default', 'Preferences');
}

/** Chromium writes its preferences for the first time about 10 s after its first start. */
export async function wrotePreferences(folder: string): Promise<boolean> {
  return stat(preferencesOf(folder)).then(
    () => true,
    () => false,
  );
}
