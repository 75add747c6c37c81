// Tabs that are private from their first request on, in real browsers: a new private tab, tabs that private pages open in every way, copies
// of private tabs, and Firefox's containers.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork();
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
    const popup = await browser.openPopup(shop);
    await popup.waitFor(`document.querySelector('.container') !== null`);
    const opened = await browser.tabOpenedBy(() => popup.click('.container'));
    await popup.close();
    await waitForBadge(browser, opened, BADGE.private);
    await shop.evaluate(`document.cookie = 'known=1'`);
    expect(await opened.open(`${network.origin('shop')}/`)).toBeUndefined();
    expect(await addressShown(opened)).toSatisfy(isExit);
    expect(await opened.evaluate('document.cookie')).not.toContain('known');
    const count =
      'browser.contextualIdentities.query({}).then((all) => all.filter(({ name }) => name === "Private tab").length)';
    expect(await browser.asExtension(count)).toBe(1);
    await opened.close();
    await expect.poll(() => browser.asExtension(count), { timeout: 20_000 }).toBe(0);
  });
});
