// Firefox with the extension installed as an unsigned XPI, in a throw-away home, driven by Puppeteer over WebDriver BiDi.
// In the devnet it resolves by the devnet's DNS over HTTPS alone (TRR mode 3).

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { DevnetError, messageOf } from '../errors.ts';
import {
  waitForTruthy,
  within,
  WAIT_MS,
  type Badge,
  type DrivenBrowser,
  type DrivenPopup,
  type DrivenTab,
  type LaunchInit,
} from './driven-browser.ts';
import { CONTROL_PAGE, geckoId, packXpi, popupPath } from './extension-copy.ts';
import { createHome, findBrowser, trustAuthority } from './home.ts';

const NEIGHBOURS_LATER_MS = 60_000;

/** The host of the extension's own pages; Firefox draws one per profile unless told. */
const EXTENSION_UUID = '6d6f7373-2d61-4e64-ad6c-616e7465726e';

export async function launchFirefox(init: LaunchInit): Promise<DrivenBrowser> {
  const executablePath = init.executable ?? findBrowser('firefox');
  const { env } = await createHome(init.folder);
  const profile = join(init.folder, 'profile');
  await trustAuthority(profile, init.caFile);
  const id = await geckoId(init.extension);
  const own = join(profile, 'extensions', `${id}.xpi`);
  await packXpi(init.extension, own);
  // Firefox takes the file's time for that of the installation, and gives settings to the newer one: two files of the same moment are a toss-up.
  const before = new Date(Date.now() - NEIGHBOURS_LATER_MS);
  if (init.neighbours !== undefined) await utimes(own, before, before);
  // What a person grants with "Run in Private Windows" and "Access your data for all websites": without the first,
  // `proxy.settings` refuses to be set.
  const grants = { permissions: ['internal:privateBrowsingAllowed'], origins: ['<all_urls>'] };
  const granted: Record<string, unknown> = { [id]: grants };
  for (const neighbour of init.neighbours ?? []) {
    const other = await geckoId(neighbour);
    await packXpi(neighbour, join(profile, 'extensions', `${other}.xpi`));
    granted[other] = grants;
  }
  await writeFile(join(profile, 'extension-preferences.json'), JSON.stringify(granted));
  const { asInstalled } = init;
  const started =
    asInstalled === undefined
      ? await launchQuiet(
          executablePath,
          profile,
          env,
          { ...prefs(id), ...dohPrefs(init.dohUrl), ...init.prefs },
          init.headless,
          init.args ?? [],
        )
      : await launchPlain(executablePath, profile, env, { ...prefs(id), ...AS_INSTALLED }, init.headless);
  if (started.pid !== undefined) init.onPid(started.pid);
  return drive(started, id, await popupPath(init.extension));
}

type Started = { browser: Browser; pid: number | undefined; ended: Promise<unknown> };

/** Puppeteer's own way, with all the settings that quieten a Firefox under test. */
async function launchQuiet(
  executablePath: string,
  userDataDir: string,
  env: Record<string, string>,
  extraPrefsFirefox: Record<string, unknown>,
  headless: boolean,
  args: readonly string[],
): Promise<Started> {
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
    const ended = new Promise<void>((resolve) => browser.once('disconnected', () => resolve()));
    return { browser, pid: browser.process()?.pid, ended };
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
): Promise<Started> {
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

function prefs(id: string): Record<string, unknown> {
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

async function drive({ browser, pid, ended }: Started, id: string, popup: string): Promise<DrivenBrowser> {
  const origin = `moz-extension://${EXTENSION_UUID}`;
  const closed = ended.then(() => undefined);

  const openPrivileged = async (url: string): Promise<Page> => {
    const page = await browser.newPage();
    // The page moves to another process, and Puppeteer never hears that it loaded: look, do not wait.
    page.goto(url).catch(() => undefined);
    await waitForTruthy(
      (expression) => page.evaluate(expression),
      `location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`,
    );
    return page;
  };
  let control: Promise<Page> | undefined;
  const asExtension = async (expression: string): Promise<unknown> =>
    (await (control ??= openPrivileged(`${origin}/${CONTROL_PAGE}`))).evaluate(expression);
  let system: Promise<Page> | undefined;
  const asSystem = async (expression: string): Promise<unknown> =>
    (await (system ??= openPrivileged('about:support'))).evaluate(expression);
  const tabIds = async (): Promise<number[]> =>
    JSON.parse(
      String(await asExtension('browser.tabs.query({}).then((tabs) => JSON.stringify(tabs.map(({ id }) => id)))')),
    ) as number[];
  const tabOf = async (before: readonly number[], page: Page): Promise<DrivenTab> => {
    const tab = (await tabIds()).find((each) => !before.includes(each));
    if (tab === undefined) throw new Error('the new tab has no id');
    return createTab(tab, page);
  };

  return {
    name: 'firefox',
    version: await browser.version(),
    closed,
    asExtension,
    asBrowser: asSystem,
    openTab: async (url) => {
      const before = await tabIds();
      const tab = await tabOf(before, await browser.newPage());
      const failure = await tab.open(url);
      if (failure !== undefined) throw new DevnetError('browser-failed', `Firefox could not open ${url}: ${failure}`);
      return tab;
    },
    openPrivateWindow: async (url) => {
      const before = await tabIds();
      const opened = new Promise<Page>((resolve) => {
        browser.once('targetcreated', (target) => void target.page().then((page) => page && resolve(page)));
      });
      const create = `browser.windows.create({ incognito: true, url: 'about:blank' }).then(() => true)`;
      const [page] = await Promise.all([within(opened, WAIT_MS), asExtension(create)]);
      const tab = await tabOf(before, page);
      const failure = await tab.open(url);
      if (failure !== undefined) throw new DevnetError('browser-failed', `Firefox could not open ${url}: ${failure}`);
      return tab;
    },
    tabOpenedBy: async (act) => {
      const before = await tabIds();
      const opened = new Promise<Page>((resolve) => {
        browser.once('targetcreated', (target) => void target.page().then((page) => page && resolve(page)));
      });
      const [page] = await Promise.all([within(opened, WAIT_MS), act()]);
      return tabOf(before, page);
    },
    openPage: async (path) => pageVerbs(await openPrivileged(`${origin}/${path}`)),
    openPopup: async (tab) => createPopup(await openPrivileged(`${origin}/${popup}?tab=${tab.id}`)),
    badge: async ({ id: tabId }) => {
      const get = `Promise.all([browser.action.getBadgeText({ tabId: ${tabId} }), browser.action.getTitle({ tabId: ${tabId} })]).then(JSON.stringify)`;
      const [text, title] = JSON.parse(String(await asExtension(get))) as [string, string];
      return { text, title } satisfies Badge;
    },
    tabs: async () => {
      const open: DrivenTab[] = [];
      for (const page of await browser.pages()) {
        if (!/^(?:https?|about:blank)/.test(page.url())) continue;
        const mark = `tab ${randomUUID()}`;
        const title = await page.evaluate((text) => [document.title, (document.title = text)][0], mark);
        const find = `browser.tabs.query({}).then((tabs) => tabs.find((tab) => tab.title === '${mark}')?.id)`;
        const tab = await waitForTruthy(asExtension, find).catch(() => undefined);
        await page.evaluate((text) => (document.title = text ?? ''), title);
        if (tab !== undefined) open.push(createTab(tab as number, page));
      }
      return open;
    },
    kill: async () => {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await closed;
    },
    killWorker: async () => {
      const extension = `WebExtensionPolicy.getByID(${JSON.stringify(id)}).extension`;
      const options = '{ ignoreDevToolsAttached: true, disableResetIdleForTest: true }';
      await asSystem(`${extension}.terminateBackground(${options}).then(() => true)`);
    },
    close: async () => {
      await browser.close();
      await closed;
    },
  };
}

function createTab(id: number, page: Page): DrivenTab {
  return {
    id,
    ...pageVerbs(page),
    open: async (url) => {
      try {
        await page.goto(url, { timeout: WAIT_MS });
        return undefined;
      } catch (error) {
        return messageOf(error).split('\n', 1)[0];
      }
    },
    activate: () => page.bringToFront(),
  };
}

function createPopup(page: Page): DrivenPopup {
  const verbs = pageVerbs(page);
  return {
    real: false,
    ...verbs,
    click: async (selector) => {
      await verbs.waitFor(`document.querySelector(${JSON.stringify(selector)}) !== null`);
      await page.click(selector);
    },
  };
}

function pageVerbs(page: Page): Pick<DrivenTab, 'evaluate' | 'waitFor' | 'text' | 'screenshot' | 'close'> {
  const evaluate = (expression: string): Promise<unknown> => within(page.evaluate(expression), WAIT_MS);
  return {
    evaluate,
    waitFor: (expression, timeoutMs) => waitForTruthy(evaluate, expression, timeoutMs),
    text: async () => String(await evaluate('document.body.innerText')),
    screenshot: async (path) => {
      // Only what is in view: a picture of the whole page would resize it.
      await page.screenshot({ path: path });
    },
    close: () => page.close(),
  };
}
