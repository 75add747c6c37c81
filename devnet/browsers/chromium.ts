// Chromium with the extension, in a throw-away home, driven by Playwright. It resolves by the devnet's DNS over HTTPS alone.

import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { DevnetError, messageOf } from '../errors.ts';
import { openActionPopup } from './chromium-popup.ts';
import { createPopupPage, createTab, firstLine, pageVerbs } from './chromium-tab.ts';
import {
  delay,
  HANG_MS,
  readBadge,
  waitForTruthy,
  WAIT_MS,
  within,
  type DrivenBrowser,
  type DrivenTab,
  type LaunchInit,
} from './driven-browser.ts';
import { CONTROL_PAGE, extensionName, popupPath } from './extension-copy.ts';
import { closeFirstRun, comesFirstRun, OPTIONS_PAGE } from './first-run.ts';
import { createHome, findBrowser, trustAuthority } from './home.ts';

/** A fresh profile asks its maker for updates, components and sync; none of that belongs into a network of one machine. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
];

/** An extension that comes by policy is fetched first. */
const INSTALL_MS = 60_000;
const POLL_MS = 50;

/** What cannot be otherwise here, or the browser would wait for an answer; nothing that makes it send less. */
const AS_INSTALLED = [
  '--no-default-browser-check',
  '--no-first-run',
  '--password-store=basic',
  // Reports (CSP, NEL) are sent at once instead of a minute later.
  '--short-reporting-delay',
  // Tabs of one site share a process, or a hundred tabs would be more than two cores and some memory carry.
  '--renderer-process-limit=4',
  '--restore-last-session',
];

export async function launchChromium(init: LaunchInit): Promise<DrivenBrowser> {
  const executablePath = init.executable ?? findBrowser('chromium');
  const { home, env } = await createHome(init.folder);
  await trustAuthority(join(home, '.pki/nssdb'), init.caFile);
  const profile = join(init.folder, 'profile');
  const firstRun = await comesFirstRun(init, profile);
  await mkdir(profile, { recursive: true });
  if (init.dohUrl !== undefined) {
    const resolver = { mode: 'secure', templates: `${init.dohUrl}{?dns}` };
    await writeFile(join(profile, 'Local State'), JSON.stringify({ dns_over_https: resolver }));
  }
  const isRoot = process.getuid?.() === 0;
  const extensions = [init.extension, ...(init.neighbours ?? [])].join(',');
  const headless = init.headless ? ['--headless=new', '--window-size=1280,900'] : [];
  const flags: Pick<Parameters<typeof chromium.launchPersistentContext>[1] & object, 'args' | 'ignoreDefaultArgs'> =
    init.asInstalled === undefined
      ? {
          ignoreDefaultArgs: ['--disable-extensions', '--enable-automation'],
          args: [
            ...QUIET,
            ...headless,
            `--disable-extensions-except=${extensions}`,
            `--load-extension=${extensions}`,
            ...(init.args ?? []),
          ],
        }
      : {
          ignoreDefaultArgs: true,
          args: [
            ...AS_INSTALLED,
            ...headless,
            ...(isRoot ? ['--no-sandbox'] : []),
            `--user-data-dir=${profile}`,
            '--remote-debugging-pipe',
          ],
        };
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      env,
      // Headless is asked for above: Playwright's own headless mode is the old one, without extensions.
      headless: false,
      viewport: null,
      // Ctrl-C is for the devnet, which closes its browser first and the network after it.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      // Chromium's sandbox refuses to run as root.
      chromiumSandbox: !isRoot,
      ...flags,
    });
  } catch (error) {
    throw new DevnetError('browser-failed', `Chromium did not start: ${firstLine(messageOf(error))}`, { cause: error });
  }
  return drive(context, init, firstRun);
}

async function drive(context: BrowserContext, init: LaunchInit, firstRun: boolean): Promise<DrivenBrowser> {
  const browser = context.browser();
  if (!browser) throw new Error('Playwright gave no browser for the profile');
  const root = await browser.newBrowserCDPSession();
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  const pid = processInfo.find(({ type }) => type === 'browser')?.id;
  if (pid !== undefined) init.onPid(pid);
  const id = init.asInstalled?.extensionId ?? (await loadedExtension(context, init));
  const origin = `chrome-extension://${id}`;
  if (init.asInstalled) await installed(root, origin);
  // Before anything that restarts the extension, and takes its pages away.
  if (firstRun && init.firstRun !== true) {
    await closeFirstRun(async () => {
      const { targetInfos } = await root.send('Target.getTargets');
      const page = targetInfos.find(({ type, url }) => type === 'page' && url.startsWith(`${origin}/${OPTIONS_PAGE}`));
      return page !== undefined && (await root.send('Target.closeTarget', { targetId: page.targetId })).success;
    });
  }
  if (init.allowIncognito === true) await allowIncognito(context, id);
  const popupUrl = `${origin}/${await popupPath(init.extension)}`;
  const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));

  let control: Promise<Page> | undefined;
  const openControl = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`${origin}/${CONTROL_PAGE}`);
    return page;
  };
  const asExtension = async (expression: string): Promise<unknown> => {
    const page = await (control ??= openControl());
    for (;;) {
      try {
        return await within(page.evaluate(expression), HANG_MS, expression);
      } catch (error) {
        // The extension loads pages again that it took for a person's tabs.
        if (!messageOf(error).includes(CONTEXT_GONE)) throw error;
        await page.waitForLoadState();
      }
    }
  };
  let settings: Promise<Page> | undefined;
  const openSettings = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto('chrome://extensions/');
    return page;
  };
  const asBrowser = async (expression: string): Promise<unknown> =>
    within((await (settings ??= openSettings())).evaluate(expression), HANG_MS, expression);
  const remove = async (id: number): Promise<void> => {
    await asExtension(
      `chrome.tabs.remove(${id}).catch((error) => chrome.tabs.get(${id}).then(() => Promise.reject(error), () => 0))`,
    );
  };
  const tabIds = async (): Promise<number[]> =>
    (await asExtension('chrome.tabs.query({}).then((tabs) => tabs.map(({ id }) => id))')) as number[];

  /** The browser's target and the extension's tab have no name in common but what the tab shows: a passing mark in its title. */
  const tabIdOf = async (page: Page): Promise<number | undefined> => {
    const mark = `tab ${randomUUID()}`;
    const title = await page.evaluate((text) => {
      const before = document.title;
      document.title = text;
      return before;
    }, mark);
    const find = `chrome.tabs.query({}).then((tabs) => tabs.find((tab) => tab.title === '${mark}')?.id)`;
    const id = await waitForTruthy(asExtension, find).catch(() => undefined);
    await page.evaluate((text) => (document.title = text), title);
    return id as number | undefined;
  };

  const tabOf = async (before: readonly number[], page: Page): Promise<DrivenTab> => {
    const id = (await tabIds()).find((each) => !before.includes(each));
    if (id === undefined) throw new Error('the new tab has no id');
    return createTab(id, page, remove);
  };

  return {
    name: 'chromium',
    version: browser.version(),
    closed,
    asExtension,
    asBrowser,
    openTab: async (url) => {
      const before = await tabIds();
      const tab = await tabOf(before, await context.newPage());
      const failure = await tab.open(url);
      if (failure !== undefined) throw new DevnetError('browser-failed', `Chromium could not open ${url}: ${failure}`);
      return tab;
    },
    openPrivateWindow: async (url) => {
      const before = await tabIds();
      // Blank first: the tab is found before anything is loaded in it, and loading waits for the page.
      const create = `chrome.windows.create({ incognito: true, url: 'about:blank' }).then(() => true)`;
      const [page] = await Promise.all([context.waitForEvent('page', { timeout: WAIT_MS }), asExtension(create)]);
      const tab = await tabOf(before, page);
      const failure = await tab.open(url);
      if (failure !== undefined) throw new DevnetError('browser-failed', `Chromium could not open ${url}: ${failure}`);
      return tab;
    },
    tabOpenedBy: async (act) => {
      const before = await tabIds();
      const [page] = await Promise.all([context.waitForEvent('page', { timeout: WAIT_MS }), act()]);
      return tabOf(before, page);
    },
    openPage: async (path) => {
      const page = await context.newPage();
      await page.goto(`${origin}/${path}`);
      return pageVerbs(page);
    },
    openPopup: async (tab) => {
      await tab.activate();
      // The button's own popup first; where the window may not show it (no focus), the same page in a tab.
      const popup = await openActionPopup(root, popupUrl, asExtension);
      if (popup) return popup;
      const page = await context.newPage();
      await page.goto(`${popupUrl}?tab=${tab.id}`);
      return createPopupPage(page);
    },
    badge: async ({ id }) => {
      const get = `Promise.all([chrome.action.getBadgeText({ tabId: ${id} }), chrome.action.getTitle({ tabId: ${id} })])`;
      const [text, title] = (await asExtension(get)) as [string, string];
      return readBadge(text, title);
    },
    tabs: async () => {
      const list = `chrome.tabs.query({}).then((tabs) => tabs.map(({ id, url }) => ({ id, url })))`;
      const known = (await asExtension(list)) as { id: number; url: string }[];
      const open: DrivenTab[] = [];
      for (const page of context.pages()) {
        const url = page.url();
        if (!/^(?:https?|about):/.test(url)) continue;
        const same = known.filter((tab) => tab.url === url);
        const id = same.length === 1 ? same[0]?.id : await tabIdOf(page);
        if (id !== undefined) open.push(createTab(id, page, remove));
      }
      return open;
    },
    kill: async () => {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await closed;
    },
    killWorker: async () => killWorker(context, await (control ??= openControl()), origin),
    close: async () => {
      await context.close();
      await closed;
    },
  };
}

/** The id of our extension among those of the command line. */
async function loadedExtension(context: BrowserContext, init: LaunchInit): Promise<string> {
  if (init.neighbours === undefined) {
    const worker =
      context.serviceWorkers().find((each) => each.url().startsWith('chrome-extension://')) ??
      (await context.waitForEvent('serviceworker', { timeout: WAIT_MS }));
    return new URL(worker.url()).host;
  }
  const name = await extensionName(init.extension);
  const page = await context.newPage();
  try {
    await page.goto('chrome://extensions');
    const find = `chrome.developerPrivate.getExtensionsInfo().then((all) => all.find(({ name }) => name === ${JSON.stringify(name)})?.id)`;
    return String(await waitForTruthy((expression) => page.evaluate(expression), find));
  } finally {
    await page.close();
  }
}

/** Until the extension's worker runs for the first time: the browser has fetched and unpacked it by then. */
async function installed(root: CDPSession, origin: string): Promise<void> {
  const deadline = Date.now() + INSTALL_MS;
  for (;;) {
    const { targetInfos } = await root.send('Target.getTargets');
    if (targetInfos.some(({ type, url }) => type === 'service_worker' && url.startsWith(origin))) return;
    if (Date.now() > deadline) throw new DevnetError('browser-failed', 'Chromium did not install the extension');
    await delay(POLL_MS);
  }
}

/** Playwright's words for a page that is replaced while it is asked. */
const CONTEXT_GONE = 'Execution context was destroyed';

/** The switch "Allow in Incognito". The browser restarts the extension for it. */
async function allowIncognito(context: BrowserContext, id: string): Promise<void> {
  const page = await context.newPage();
  try {
    await page.goto('chrome://extensions');
    // Without developer mode an unpacked extension does not come back from that restart.
    await page.evaluate('chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true })');
    const wanted = JSON.stringify({ extensionId: id, incognitoAccess: true });
    await page.evaluate(`chrome.developerPrivate.updateExtensionConfiguration(${wanted})`);
    const isThere = `chrome.developerPrivate.getExtensionInfo('${id}').then(({ incognitoAccess, state }) => incognitoAccess.isActive && state === 'ENABLED')`;
    await waitForTruthy((expression) => page.evaluate(expression), isThere);
  } finally {
    await page.close();
  }
}

/**
 * Stops the extension's worker as the idle timer does; its next event starts a new one. Resolves when the browser says that it stopped,
 * which its target does not show: a worker that starts again at once gets the same one.
 */
async function killWorker(context: BrowserContext, control: Page, origin: string): Promise<void> {
  const session = await context.newCDPSession(control);
  try {
    const status = new Map<string, string>();
    const reported = new EventEmitter();
    let stopped = false;
    session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      for (const { scriptURL, versionId, runningStatus } of versions) {
        if (!scriptURL.startsWith(origin)) continue;
        status.set(versionId, runningStatus);
        stopped ||= runningStatus === 'stopped';
      }
      reported.emit('report');
    });
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await once(reported, 'report', { signal: AbortSignal.timeout(WAIT_MS) });
    };
    await session.send('ServiceWorker.enable');
    // The first report is of now. A worker that had ended by itself a moment before is as dead.
    await until(() => status.size > 0);
    for (const [versionId, running] of status) {
      if (running !== 'stopped') await session.send('ServiceWorker.stopWorker', { versionId });
    }
    // An event may start it again at once: one report of the end is enough.
    await until(() => stopped);
  } finally {
    await session.detach();
  }
}
