// The ways into a private tab that are the browser's own: keyboard shortcuts and the menu of a link, with real keys and a real mouse on a real
// (if unseen) screen. A browser gives a shortcut to an extension only where nothing of its own has it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, BADGE, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, sharedTestNetwork } from '../support/devnet.ts';
import { eventually } from '../support/eventually.ts';
import { startScreen, type Screen } from '../support/screen.ts';
import { isLong } from '../support/length.ts';

const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
const TITLE_END: Record<BrowserName, string> = { chromium: 'Chromium', firefox: 'Mozilla Firefox' };

/** An entry that was chosen opens its tab within moments; the driver waits 20 s for it. */
const CHOSEN_MS = 4000;
const CHOICES = 3;

let network: Network;
let screen: Screen;
beforeAll(async () => {
  screen = await startScreen();
  network = await sharedTestNetwork();
});
afterAll(async () => {
  await network.close();
  await screen.close();
});

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let shop: DrivenTab;

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: false });
    shop = await browser.openTab(`${network.origin('shop')}/`);
    await shop.activate();
    await screen.focus(TITLE_END[name]);
  });
  afterAll(async () => {
    await browser.close();
  });

  test('every shortcut of the manifest is the extension’s', async () => {
    const all = `(globalThis.browser ?? chrome).commands.getAll().then((all) => JSON.stringify(all.map(({ shortcut }) => shortcut)))`;
    const keys = JSON.parse(String(await browser.asExtension(all))) as string[];
    // Chromium lists the button as well, which has none.
    expect(keys.filter(Boolean).sort()).toEqual(['Alt+Shift+O', 'Alt+Shift+U', 'Alt+Shift+Y']);
  });

  test('a link’s menu opens it in a tab that is private from its first request', async () => {
    const link = `{ href: '${network.origin('news')}/?menu', textContent: 'link' }`;
    await shop.evaluate(`{
      const link = Object.assign(document.createElement('a'), ${link});
      link.style.cssText = 'position: fixed; inset: 0; z-index: 9';
      document.body.append(link);
    }`);
    const since = Date.now();
    const tabs = () =>
      browser.asExtension('(globalThis.browser ?? chrome).tabs.query({}).then(({ length }) => length)');
    const choose = async (): Promise<void> => {
      await screen.opens(() => screen.click(500, 500, 3));
      if (name === 'firefox') {
        // Of several entries Firefox makes a menu below one entry, the last.
        await screen.move('Up');
        await screen.opens(() => screen.press('Right'));
      } else {
        // The last entry is the developers'.
        await screen.move('Up', 'Up');
      }
      await screen.press('Return');
    };
    const opened = await browser.tabOpenedBy(async () => {
      const before = Number(await tabs());
      // A key that a busy machine swallows chooses another entry, which opens no tab.
      for (let times = 0; times < CHOICES; times += 1) {
        await choose();
        const came = expect.poll(async () => Number(await tabs()), { timeout: CHOSEN_MS }).toBeGreaterThan(before);
        if (
          await came.then(
            () => true,
            () => false,
          )
        )
          return;
        await screen.press('Escape', 'Escape');
      }
    });
    expect(await addressShown(opened)).toSatisfy(isExit);
    await waitForBadge(browser, opened, BADGE.private);
    const seen = addressesOf(requestsTo(network, 'news', since));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((address) => !isExit(address))).toEqual([]);
    await opened.close();
    await shop.open(`${network.origin('shop')}/`);
  });

  test('the shortcut makes the tab private, and once more ends it', async () => {
    await shop.activate();
    expect(await addressShown(shop)).toBe(DIRECT_ADDRESS);
    await screen.press('alt+shift+y');
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    await waitForBadge(browser, shop, BADGE.private);
    await screen.press('alt+shift+y');
    await shop.waitFor(`document.querySelector('#address')?.textContent === '${DIRECT_ADDRESS}'`);
  });

  test('the other shortcut opens a new private tab', async () => {
    await shop.activate();
    const since = Date.now();
    const opened = await browser.tabOpenedBy(() => screen.press('alt+shift+o'));
    await opened.open(`${network.origin('news')}/?key`);
    expect(await addressShown(opened)).toSatisfy(isExit);
    expect(addressesOf(requestsTo(network, 'news', since)).filter((address) => !isExit(address))).toEqual([]);
    await opened.close();
  });

  test('an address after the keyword opens in a new tab that is private from its first request', async () => {
    await shop.activate();
    const since = Date.now();
    const address = `${new URL(network.origin('news')).host}/?omnibox`;
    // The browser tells every page of the extension what stands after the keyword: Return is for when all of it does.
    await browser.asExtension(
      `(globalThis.browser ?? chrome).omnibox.onInputChanged.addListener((text) => (globalThis.typed = text)), 0`,
    );
    const opened = await browser.tabOpenedBy(async () => {
      await screen.press('ctrl+l');
      await screen.type(`conet ${address}`);
      await eventually(async () => expect(await browser.asExtension('globalThis.typed')).toBe(address));
      await screen.press('Return');
    });
    expect(await addressShown(opened)).toSatisfy(isExit);
    await waitForBadge(browser, opened, BADGE.private);
    expect(addressesOf(requestsTo(network, 'news', since)).filter((address) => !isExit(address))).toEqual([]);
    await opened.close();
  });
});
