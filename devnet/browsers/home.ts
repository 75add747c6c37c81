// A throw-away home for a browser: its own HOME, its own trust in the devnet's authority. The person's profile, trust store and
// settings are neither read nor written, since every path a browser derives from HOME or XDG leads in here.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DevnetError, messageOf } from '../errors.ts';
import type { BrowserName } from './driven-browser.ts';

const run = promisify(execFile);

/** What a desktop session gives a headed browser besides a home: where the screen and the sound are. */
const PASSED_ON = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'PULSE_SERVER',
];

export async function createHome(folder: string): Promise<{ home: string; env: Record<string, string> }> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const env: Record<string, string> = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local/share'),
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { home, env };
}

/** Makes the NSS database in `folder` (`cert9.db`) trust the authority for servers, as Chromium and Firefox read it. */
export async function trustAuthority(folder: string, caFile: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A profile that is used again.
  if (existsSync(join(folder, 'cert9.db'))) return;
  try {
    await run('certutil', ['-d', `sql:${folder}`, '-N', '--empty-password']);
    await run('certutil', ['-d', `sql:${folder}`, '-A', '-t', 'C,,', '-n', 'conet-devnet', '-i', caFile]);
  } catch (error) {
    throw new DevnetError('browser-failed', `certutil (package libnss3-tools) did not run: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Where each browser is looked for, and the environment variable that overrides it. */
const BROWSERS = {
  chromium: {
    title: 'Chromium',
    variable: 'CONET_CHROMIUM',
    candidates: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/snap/bin/chromium'],
  },
  firefox: {
    title: 'Firefox',
    variable: 'CONET_FIREFOX',
    candidates: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/snap/bin/firefox'],
  },
} as const satisfies Record<BrowserName, { title: string; variable: string; candidates: readonly string[] }>;

/** Path of the installed browser. Throws a `DevnetError` of one line where there is none. */
export function findBrowser(name: BrowserName): string {
  const { title, variable, candidates } = BROWSERS[name];
  const override = process.env[variable];
  const found = (override === undefined ? candidates : [override]).find((path) => existsSync(path));
  if (found === undefined) {
    throw new DevnetError(
      'missing-browser',
      `${title} is not installed (looked for ${(override === undefined ? candidates : [override]).join(', ')}); set ${variable} to its path.`,
    );
  }
  return found;
}
