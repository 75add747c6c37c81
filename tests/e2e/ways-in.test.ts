// Tabs that are private from their first request on, in real browsers: a new private tab, tabs that private pages open in every way, copies
// of private tabs, and Firefox's containers.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, sharedTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['firefox'];

let network: Network;
beforeAll(async () => {
  network = await sharedTestNetwork();
});
afterAll(async () => {
  await network.close();
});

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let shop: DrivenTab;
  const api = name === 'chromium' ? 'chrome' : 'browser';

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
    await (await setPrivate(browser, shop, true)).close();
  });
  afterAll(async () => {
    await browser.close();
  });

  const ways: [string, string][] = [
    ['window.open', `void window.open(URL)`],
    ['window.open without an opener', `void window.open(URL, '_blank', 'noopener')`],
    ['a window of its own', `void window.open(URL, '_blank', 'popup,width=300,height=300')`],
    [
      'a link without an opener',
      `Object.assign(document.createElement('a'), { href: URL, target: '_blank', rel: 'noopener' }).click()`,
    ],
  ];
  test.each(ways)('opened by %s a tab is private from its first request', async (_way, expression) => {
    const since = Date.now();
    const url = JSON.stringify(`${network.origin('media')}/`);
    await shop.activate();
    const opened = await browser.tabOpenedBy(() => shop.evaluate(`{ ${expression.replace('URL', url)} }`));
    expect(await addressShown(opened)).toSatisfy(isExit);
    await waitForBadge(browser, opened, BADGE.private);
    expect(addressesOf(requestsTo(network, 'media', since))).toSatisfy((seen: string[]) => seen.every(isExit));
    await opened.close();
  });

  test('a copy of a private tab is private', async () => {
    const since = Date.now();
    const copy = await browser.tabOpenedBy(() =>
      browser.asExtension(`${api}.tabs.duplicate(${shop.id}).then(() => true)`),
    );
    expect(await addressShown(copy)).toSatisfy(isExit);
    await waitForBadge(browser, copy, BADGE.private);
    expect(addressesOf(requestsTo(network, 'shop', since))).toSatisfy((seen: string[]) => seen.every(isExit));
    await copy.close();
  });

  test('dragged out into a window of its own it stays private', async () => {
    const since = Date.now();
    await browser.asExtension(`${api}.windows.create({ tabId: ${shop.id} }).then(() => true)`);
    expect(await shop.open(`${network.origin('shop')}/?dragged`)).toBeUndefined();
    expect(await addressShown(shop)).toSatisfy(isExit);
    await waitForBadge(browser, shop, BADGE.private);
    expect(addressesOf(requestsTo(network, 'shop', since))).toSatisfy((seen: string[]) => seen.every(isExit));
  });

  test('a new private tab with cookies of its own shares none, and takes its container with it', async () => {
    if (name === 'chromium') return;
    const ask = async <T>(expression: string): Promise<T> =>
      JSON.parse(String(await browser.asExtension(`${expression}.then(JSON.stringify)`))) as T;
    // Its driver is told nothing of tabs in containers that it did not make: the browser itself is asked.
    const find = `browser.tabs.query({}).then((all) => all.filter(({ cookieStoreId }) => cookieStoreId.startsWith('firefox-container-')))`;
    await shop.evaluate(`document.cookie = 'known=1'`);
    const popup = await browser.openPopup(shop);
    await popup.click('button.container');
    await expect.poll(() => ask<unknown[]>(find)).toHaveLength(1);
    await popup.close();
    const [opened] = await ask<{ id: number; cookieStoreId: string }[]>(find);
    const tab = { id: opened!.id } as DrivenTab;
    await waitForBadge(browser, tab, BADGE.private);
    const since = Date.now();
    await ask(`browser.tabs.update(${tab.id}, { url: '${network.origin('shop')}/?container' })`);
    await expect.poll(() => requestsTo(network, 'shop', since).length, { timeout: 20_000 }).toBeGreaterThan(0);
    await waitForBadge(browser, tab, BADGE.private);
    expect(addressesOf(requestsTo(network, 'shop', since))).toSatisfy((seen: string[]) => seen.every(isExit));
    const cookies = (store: string) =>
      ask<{ name: string }[]>(`browser.cookies.getAll({ storeId: '${store}', name: 'known' })`);
    expect(await cookies('firefox-default')).toHaveLength(1);
    expect(await cookies(opened!.cookieStoreId)).toEqual([]);
    const ours = `browser.contextualIdentities.query({}).then((all) => all.filter(({ name }) => name === 'Private tab'))`;
    expect(await ask<unknown[]>(ours)).toHaveLength(1);
    await browser.asExtension(`browser.tabs.remove(${tab.id}).then(() => true)`);
    await expect.poll(() => ask<unknown[]>(ours), { timeout: 20_000 }).toEqual([]);
  });
});
