// A fresh profile opens the page of the first run by itself, as it does for a person. Tests count tabs and look at theirs: the driver closes it as soon as
// it is there, unless it is wanted. Only in a profile that never ran: nobody is welcomed twice.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { delay, WAIT_MS, type LaunchInit } from './driven-browser.ts';

export const OPTIONS_PAGE = 'popup/options.html';
export const FIRST_RUN_PAGE = `${OPTIONS_PAGE}#/welcome`;
const POLL_MS = 50;

/** Whether that page comes: an extension of a test's own, or of another version, may have none. To be asked before the profile is made. */
export async function comesFirstRun({ extension }: LaunchInit, profile: string): Promise<boolean> {
  if (existsSync(profile)) return false;
  const manifest = JSON.parse(await readFile(join(extension, 'manifest.json'), 'utf8')) as { options_ui?: unknown };
  return manifest.options_ui !== undefined;
}

/** @param close closes the page where it is there; false where it is not yet */
export async function closeFirstRun(close: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await close())) {
    if (Date.now() > deadline) throw new Error('the page of the first run did not come');
    await delay(POLL_MS);
  }
}
