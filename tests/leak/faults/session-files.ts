// Where a browser writes its session down, from which the next one brings the tabs back: a browser that is killed before knows nothing of them.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of Chromium, below the profile: it appends to one of two files, 2.5 s after a change. */
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
function preferencesOf(folder: string): string {
  return join(folder, 'profile', 'Default', 'Preferences');
}

/** Chromium writes its preferences for the first time about 10 s after its first start. */
export async function wrotePreferences(folder: string): Promise<boolean> {
  return stat(preferencesOf(folder)).then(
    () => true,
    () => false,
  );
}

/** After a crash Chromium asks the person whether to bring the pages back, by a bubble that nobody can click here: what a yes comes to. */
export async function agreeToRestore(folder: string): Promise<void> {
  const file = preferencesOf(folder);
  const preferences = JSON.parse(await readFile(file, 'utf8')) as { profile?: Record<string, unknown> };
  const profile = { ...preferences.profile, exit_type: 'Normal' };
  await writeFile(file, JSON.stringify({ ...preferences, profile }));
}

/** Firefox writes a session down only when something in it changed, and a quiet tab changes nothing; what tabs show is collected first. */
export const SAVE_SESSION = `(async () => {
  const from = 'resource:///modules/sessionstore/';
  const { TabStateFlusher } = ChromeUtils.importESModule(from + 'TabStateFlusher.sys.mjs');
  const { SessionSaver } = ChromeUtils.importESModule(from + 'SessionSaver.sys.mjs');
  for (const window of Services.wm.getEnumerator('navigator:browser')) await TabStateFlusher.flushWindow(window);
  await SessionSaver.run();
  return true;
})()`;
