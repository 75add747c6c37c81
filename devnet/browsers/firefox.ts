// Firefox with the extension installed as an unsigned XPI, in a throw-away home, driven by Puppeteer over WebDriver BiDi.
// In the devnet it resolves by the devnet's DNS over HTTPS alone (TRR mode 3).

import { randomUUID } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { DevnetError, messageOf } from '../errors.ts';
import {
  waitForTruthy,
  within,
  HANG_MS,
  readBadge,
  WAIT_MS,
  type DrivenBrowser,
  type DrivenPopup,
  type DrivenTab,
  type LaunchInit,
} from './driven-browser.ts';
import { CONTROL_PAGE, geckoId, packXpi, popupPath } from './extension-copy.ts';
import { EXTENSION_UUID, startFirefox, type StartedFirefox } from './firefox-start.ts';
import { closeFirstRun, comesFirstRun, FIRST_RUN_PAGE } from './first-run.ts';
import { createHome, findBrowser, trustAuthority } from './home.ts';

const NEIGHBOURS_LATER_MS = 60_000;

export async function launchFirefox(init: LaunchInit): Promise<DrivenBrowser> {
  const executable = init.executable ?? findBrowser('firefox');
  const { env } = await createHome(init.folder);
  const profile = join(init.folder, 'profile');
  const firstRun = (await comesFirstRun(init, profile)) && init.firstRun !== true;
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
  const started = await startFirefox({ executable, profile, env, id }, init);
  if (started.pid !== undefined) init.onPid(started.pid);
  const driven = await drive(started, id, await popupPath(init.extension));
  if (firstRun) {
    const page = JSON.stringify(FIRST_RUN_PAGE);
    // By the browser's own means: the page that speaks for the extension keeps the address under which it spoke first, and tests give it another.
    const close = `(() => {
      const { gBrowser } = Services.wm.getMostRecentWindow('navigator:browser');
      const tab = [...gBrowser.tabs].find(({ linkedBrowser }) => linkedBrowser.currentURI.spec.endsWith(${page}));
      if (tab !== undefined) gBrowser.removeTab(tab);
      return tab !== undefined;
    })()`;
    await closeFirstRun(async () => (await driven.asBrowser(close)) === true);
  }
  return driven;
}

async function drive({ browser, pid, ended }: StartedFirefox, id: string, popup: string): Promise<DrivenBrowser> {
  const origin = `moz-extension://${EXTENSION_UUID}`;
  const closed = ended.then(() => undefined);

  const openPrivileged = async (url: string, hasCome = 'true'): Promise<Page> => {
    const page = await browser.newPage();
    // The page moves to another process, and Puppeteer never hears that it loaded: look, do not wait.
    page.goto(url).catch(() => undefined);
    await waitForTruthy(
      (expression) => page.evaluate(expression),
      `location.href === ${JSON.stringify(url)} && document.readyState === 'complete' && ${hasCome}`,
    );
    return page;
  };
  let system: Promise<Page> | undefined;
  const asSystem = async (expression: string): Promise<unknown> =>
    within((await (system ??= openPrivileged('about:support'))).evaluate(expression), HANG_MS, expression);
  // Of an extension that has not started Firefox shows an error page, at the page's own address and without `browser`, which stays.
  let started: Promise<unknown> | undefined;
  const hasStarted = `(async () => {
    const policy = WebExtensionPolicy.getByID(${JSON.stringify(id)});
    await policy?.readyPromise;
    return policy?.active === true;
  })()`;
  const openOwn = async (path: string): Promise<Page> => {
    await (started ??= waitForTruthy(asSystem, hasStarted));
    return openPrivileged(`${origin}/${path}`, "typeof browser === 'object'");
  };
  let control: Promise<Page> | undefined;
  const asExtension = async (expression: string): Promise<unknown> =>
    within((await (control ??= openOwn(CONTROL_PAGE))).evaluate(expression), HANG_MS, expression);
  const tabIds = async (): Promise<number[]> =>
    JSON.parse(
      String(await asExtension('browser.tabs.query({}).then((tabs) => JSON.stringify(tabs.map(({ id }) => id)))')),
    ) as number[];
  const tabOf = async (before: readonly number[], page: Page): Promise<DrivenTab> => {
    const tab = (await tabIds()).find((each) => !before.includes(each));
    if (tab === undefined) throw new Error('the new tab has no id');
    return createTab(tab, page);
  };

  const nextPage = (): Promise<Page> => {
    const opened = new Promise<Page>((resolve) => {
      browser.once('targetcreated', (target) => void target.page().then((page) => page && resolve(page)));
    });
    return within(opened, WAIT_MS);
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
      const create = `browser.windows.create({ incognito: true, url: 'about:blank' }).then(() => true)`;
      const [page] = await Promise.all([nextPage(), asExtension(create)]);
      const tab = await tabOf(before, page);
      const failure = await tab.open(url);
      if (failure !== undefined) throw new DevnetError('browser-failed', `Firefox could not open ${url}: ${failure}`);
      return tab;
    },
    tabOpenedBy: async (act) => {
      const before = await tabIds();
      const [page] = await Promise.all([nextPage(), act()]);
      return tabOf(before, page);
    },
    openPage: async (path) => pageVerbs(await openOwn(path)),
    openPopup: async (tab) => createPopup(await openOwn(`${popup}?tab=${tab.id}`)),
    badge: async ({ id: tabId }) => {
      const get = `Promise.all([browser.action.getBadgeText({ tabId: ${tabId} }), browser.action.getTitle({ tabId: ${tabId} })]).then(JSON.stringify)`;
      const [text, title] = JSON.parse(String(await asExtension(get))) as [string, string];
      return readBadge(text, title);
    },
    tabs: async () => {
      // What a session brings back has no page until somebody looks at it.
      await asExtension(
        `browser.tabs.query({ discarded: true }).then((tabs) => Promise.all(tabs.map(({ id }) => browser.tabs.update(id, { active: true })))).then(() => true)`,
      );
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
    // What is drawn anew between the look and the click is clicked where it is then, as a person would.
    click: async (selector) => {
      await verbs.waitFor(`document.querySelector(${JSON.stringify(selector)}) !== null`);
      await page.locator(selector).click();
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
    close: () => within(page.close(), HANG_MS, 'closing a tab'),
  };
}
