// A new person's way in a real browser: the page that opens by itself, the first private tab with its clicks counted, settings that are in force in other
// pages at once, every new tab private, and everything wiped.

import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenPage, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { CONTROL_PAGE } from '../../devnet/browsers/extension-copy.ts';
import { FIRST_RUN_PAGE } from '../../devnet/browsers/first-run.ts';
import type { Network } from '../../devnet/network.ts';
import { addressShown, BADGE, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { isLong } from '../support/length.ts';
import { addressesOf, isExit, requestsTo, sharedTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
/** The figures of issue "The product". */
const MAX_CLICKS = 3;
const MAX_MS = 60_000;
/** Requests of closed private tabs linger for half a minute, and are blocked so long. */
const WIPE_MS = 75_000;

let network: Network;
beforeAll(async () => {
  network = await sharedTestNetwork();
});
afterAll(() => network.close());

const api = '(globalThis.browser ?? chrome)';

/** URLs of the extension's own pages that are open, but the driver's. */
async function ownPages(ask: (expression: string) => Promise<unknown>): Promise<string[]> {
  const list = `${api}.tabs.query({}).then((tabs) => JSON.stringify(tabs.map(({ url }) => url)))`;
  const own = `${api}.runtime.getURL('')`;
  const [urls, origin] = [JSON.parse(String(await ask(list))) as string[], String(await ask(own))];
  return urls.filter((url) => url.startsWith(origin)).map((url) => url.slice(origin.length));
}

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let first: DrivenTab;
  let started: number;

  beforeAll(async () => {
    started = Date.now();
    browser = await startBrowser(name, network, { headless: true, firstRun: true });
  });
  afterAll(() => browser.close());

  const change = async (page: DrivenPage, control: string, value: string): Promise<void> => {
    await page.waitFor(`document.querySelector('select[name=${control}]') !== null`);
    await page.evaluate(`{
      const select = document.querySelector('select[name=${control}]');
      select.value = '${value}';
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }`);
    // In whatever language that is.
    await page.waitFor(
      `[...document.querySelectorAll('[data-view=settings] [role=status]')].some(({ textContent }) => textContent !== '')`,
    );
  };

  test('the first steps open once, and lead to a private tab within three clicks and a minute', async () => {
    await expect
      .poll(() => ownPages((expression) => browser.asExtension(expression)), { timeout: 20_000 })
      .toContain(FIRST_RUN_PAGE);
    await browser.killWorker();
    const pages = await ownPages((expression) => browser.asExtension(expression));
    expect(pages.filter((page) => page === FIRST_RUN_PAGE)).toHaveLength(1);

    const welcome = await browser.openPage(FIRST_RUN_PAGE);
    let clicks = 0;
    const click = async (action: string): Promise<void> => {
      const button = `document.querySelector('[data-action=${action}]')`;
      await welcome.waitFor(`${button} !== null && !${button}.disabled`, MAX_MS);
      clicks += 1;
      await welcome.evaluate(`${button}.click()`);
    };
    first = await browser.tabOpenedBy(() => click('try'));
    await click('go');
    expect(await welcome.text()).toContain('It works: this tab is private.');
    await first.open(`${network.origin('shop')}/`);
    expect(await addressShown(first)).toSatisfy(isExit);
    await waitForBadge(browser, first, BADGE.private);
    expect(clicks).toBeLessThanOrEqual(MAX_CLICKS);
    expect(Date.now() - started).toBeLessThan(MAX_MS);
    await welcome.close();
  });

  test('appearance and language are in force in the popup at once, and in one that is opened after the worker died', async () => {
    // As a page: the button's own closes when another page is looked at.
    const popup = await browser.openPage(`popup/index.html?tab=${first.id}`);
    const theme = `document.documentElement.dataset.theme`;
    await popup.waitFor(`document.querySelector('article') !== null`);
    expect(await popup.evaluate(`${theme} ?? 'none'`)).toBe('none');
    const options = await browser.openPage('popup/options.html#/settings');
    await change(options, 'appearance', 'dark');
    await popup.waitFor(`${theme} === 'dark' && getComputedStyle(document.documentElement).colorScheme === 'dark'`);
    expect(await options.evaluate(theme)).toBe('dark');
    // The catalogs of other languages are files of their own.
    const isTranslated = existsSync(new URL('../../_locales/ar/messages.json', import.meta.url));
    if (isTranslated) {
      await change(options, 'language', 'ar');
      await popup.waitFor(`document.documentElement.lang === 'ar' && document.documentElement.dir === 'rtl'`);
      await options.evaluate(`location.hash`);
    }
    await popup.close();
    await options.close();
    await browser.killWorker();
    const again = await browser.openPopup(first);
    await again.waitFor(`document.querySelector('article') !== null`);
    expect(await again.evaluate(theme)).toBe('dark');
    if (isTranslated) expect(await again.evaluate('document.documentElement.lang')).toBe('ar');
    await again.close();
  });

  test('a new tab is private from its first request on, where the person wants it', async () => {
    const options = await browser.openPage('popup/options.html#/settings');
    await options.waitFor(`document.querySelector('input[name=auto]') !== null`);
    await options.evaluate(`document.querySelector('input[name=auto]').click()`);
    await options
      .waitFor(
        `[...document.querySelectorAll('[data-view=settings] [role=status]')].some(({ textContent }) => textContent !== '')`,
      )
      .catch(async (error: unknown) => {
        throw new Error(`${String(error)}; it says: ${await options.text()}`);
      });
    await options.close();
    const since = Date.now();
    const tab = await browser.openTab(`${network.origin('news')}/?auto`);
    expect(await addressShown(tab)).toSatisfy(isExit);
    await waitForBadge(browser, tab, BADGE.private);
    const seen = addressesOf(requestsTo(network, 'news', since));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((address) => !isExit(address))).toEqual([]);
  });

  test.runIf(isLong)(
    'everything is wiped: private tabs are gone, nothing of theirs went direct, and the extension is as new',
    async () => {
      const since = Date.now();
      const wipe = await browser.openPage('popup/options.html#/settings/wipe');
      await wipe.waitFor(
        `document.querySelector('form button') !== null && !document.querySelector('form button').disabled`,
      );
      await wipe.evaluate(`document.querySelector('form button').click()`);
      const deadline = Date.now() + WIPE_MS;
      // The extension starts again, and takes every page of its own with it.
      const look = async (): Promise<{ pages: string[]; keys: string[] } | undefined> => {
        let page: DrivenPage | undefined;
        try {
          const opened = (page = await browser.openPage(CONTROL_PAGE));
          const pages = await ownPages((expression) => opened.evaluate(expression));
          const keys = `${api}.storage.local.get(null).then((all) => JSON.stringify(Object.keys(all)))`;
          return { pages, keys: JSON.parse(String(await opened.evaluate(keys))) as string[] };
        } catch {
          return undefined;
        } finally {
          await page?.close().catch(() => undefined);
        }
      };
      let after = await look();
      const isNew = (): boolean => after?.pages.includes(FIRST_RUN_PAGE) === true && !after.keys.includes('settings');
      while (!isNew() && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        after = await look();
      }
      expect(after?.pages.filter((page) => page === FIRST_RUN_PAGE)).toHaveLength(1);
      expect(after?.keys).not.toContain('settings');
      expect(after?.keys).toContain('first-run');
      for (const site of ['shop', 'news'] as const) {
        expect(addressesOf(requestsTo(network, site, since)).filter((address) => !isExit(address))).toEqual([]);
      }
    },
  );
});
