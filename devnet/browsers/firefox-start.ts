// How a Firefox is started and with which settings: quiet, for tests, or as a person has it. Used by firefox.ts, which puts the extension into the profile before and
// drives it after.

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import puppeteer, { type Browser } from 'puppeteer-core';
import { DevnetError, messageOf } from '../errors.ts';
import { within, WAIT_MS, type LaunchInit } from './driven-browser.ts';

/** The host of the extension's own pages; Firefox draws one per profile unless told. */
export const EXTENSION_UUID = '6d6f7373-2d61-4e64-ad6c-616e7465726e';

export type StartedFirefox = { browser: Browser; pid: number | undefined; ended: Promise<unknown> };

/** @param id the extension's */
export async function startFirefox(
  { executable, profile, env, id }: { executable: string; profile: string; env: Record<string, string>; id: string },
  { asInstalled, headless, args = [], dohUrl, prefs }: LaunchInit,
): Promise<StartedFirefox> {
  if (asInstalled !== undefined) {
    return launchPlain(executable, profile, env, { ...installPrefs(id), ...AS_INSTALLED }, headless);
  }
  return launchQuiet(executable, profile, env, { ...installPrefs(id), ...dohPrefs(dohUrl), ...prefs }, headless, args);
}

/** Puppeteer's own way, with all the settings that quieten a Firefox under test. */
async function launchQuiet(
  executablePath: string,
  userDataDir: string,
  env: Record<string, string>,
  extraPrefsFirefox: Record<string, unknown>,
  headless: boolean,
  args: readonly string[],
): Promise<StartedFirefox> {
  try {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless,
      userDataDir,
      env,
      defaultViewport: null,
      // Ctrl-C is for the devnet, which closes its browser first and the network after it.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      // Without it BiDi opens no page of an extension.
      args: ['--remote-allow-system-access', ...args],
      extraPrefsFirefox,
    });
    // Not when it no longer answers: until its process has ended the profile is locked.
    const child = browser.process();
    const ended = new Promise<void>((resolve) => {
      if (child === null) browser.once('disconnected', () => resolve());
      else child.once('exit', () => resolve());
    });
    return { browser, pid: child?.pid, ended };
  } catch (error) {
    throw notStarted(error);
  }
}

/**
 * The profile as it is, and the few settings that nothing here works without. They stand in user.js, which Firefox reads at every start and
 * which goes over what an extension set before: so none that the product sets may ever be among them.
 */
async function launchPlain(
  executablePath: string,
  profile: string,
  env: Record<string, string>,
  settings: Record<string, unknown>,
  headless: boolean,
): Promise<StartedFirefox> {
  const lines = Object.entries(settings).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, 'user.js'), `${lines.join('\n')}\n`);
  const words = ['--remote-debugging-port', '0', '--remote-allow-system-access', '--no-remote', '--profile', profile];
  const child = spawn(executablePath, [...(headless ? ['--headless'] : []), ...words], {
    env,
    // A process group of its own: Ctrl-C is for the program, which closes its browser first.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const endpoint = await within(bidiEndpoint(child.stderr), WAIT_MS);
    const browser = await puppeteer.connect({
      browserWSEndpoint: `${endpoint}/session`,
      protocol: 'webDriverBiDi',
      defaultViewport: null,
    });
    return { browser, pid: child.pid, ended };
  } catch (error) {
    child.kill('SIGKILL');
    throw notStarted(error);
  }
}

/** Where Firefox says that it listens; what it prints after that is read and forgotten. */
function bidiEndpoint(output: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      const endpoint = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1];
      if (endpoint !== undefined) resolve(endpoint);
    });
    lines.once('close', () => reject(new Error('it ended before it listened')));
  });
}

function notStarted(error: unknown): DevnetError {
  const message = `Firefox did not start: ${messageOf(error).split('\n', 1)[0] ?? ''}`;
  return new DevnetError('browser-failed', message, { cause: error });
}

function dohPrefs(dohUrl: string | undefined): Record<string, unknown> {
  if (dohUrl === undefined) return {};
  return {
    // Only this resolver, and no probing of it by names of the outside world.
    'network.trr.mode': 3,
    'network.trr.uri': dohUrl,
    'network.trr.custom_uri': dohUrl,
    'network.trr.bootstrapAddr': new URL(dohUrl).hostname,
    'network.trr.confirmationNS': 'skip',
    'network.trr.allow-rfc1918': true,
    // Loopback is the devnet's internet.
    'network.lna.enabled': false,
    'services.settings.server': 'data:,',
  };
}

function installPrefs(id: string): Record<string, unknown> {
  return {
    // A permanent add-on from the profile's folder, enabled without a question.
    'xpinstall.signatures.required': false,
    'extensions.autoDisableScopes': 0,
    'extensions.enabledScopes': 15,
    'extensions.startupScanScopes': 15,
    'extensions.webextensions.uuids': JSON.stringify({ [id]: EXTENSION_UUID }),
  };
}

const AS_INSTALLED = {
  // Driving it by itself would set fifty settings, prefetch among them.
  'remote.prefs.recommended': false,
  'browser.startup.page': 3,
  'browser.sessionstore.resume_from_crash': true,
  'browser.sessionstore.max_resumed_crashes': -1,
  // Saved each second instead of every fifteen: what a crash leaves is what was open.
  'browser.sessionstore.interval': 1000,
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'termsofuse.bypassNotification': true,
  'datareporting.policy.dataSubmissionPolicyBypassNotification': true,
};
