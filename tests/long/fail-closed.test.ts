// What a private tab does when its circuit is gone: it waits or fails, and never loads directly. A control shows that the
// site's log would have seen a direct request.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];
/** The worker tries other circuits before it says that none is left, and waits between attempts before one works again. */
const VERDICT_MS = 60_000;

let network: Network;

beforeAll(async () => {
  network = await startTestNetwork();
});
afterAll(async () => {
  await network.close();
});

describe.each(BROWSERS)('%s, every exit killed', (name) => {
  let browser: DrivenBrowser;
  let news: DrivenTab;
  let shop: DrivenTab;
  let killed: number;
  const exits = () => network.relays.filter(({ role }) => role === 'exit');

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    news = await browser.openTab(`${network.origin('news')}/`);
    shop = await browser.openTab(`${network.origin('shop')}/`);
    await (await setPrivate(browser, shop, true)).close();
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    killed = Date.now();
    await Promise.all(exits().map(({ process: relay }) => relay.kill()));
  });
  afterAll(async () => {
    await browser.close();
  });

  test('the private tab does not load', async () => {
    const failure = await shop.open(`${network.origin('shop')}/`);
    expect(failure).toBeDefined();
  });

  test('with the worker killed as well it still does not', async () => {
    await browser.killWorker();
    const failure = await shop.open(`${network.origin('shop')}/`);
    expect(failure).toBeDefined();
  });

  test('the site saw nothing at all of it, while the normal tab loads as ever', async () => {
    expect(addressesOf(requestsTo(network, 'shop', killed)).filter((address) => !isExit(address))).toEqual([]);
    const again = Date.now();
    expect(await news.open(`${network.origin('news')}/`)).toBeUndefined();
    expect(addressesOf(requestsTo(network, 'news', again))).toContain(DIRECT_ADDRESS);
  });

  test('the button stops saying that the tab is private', { timeout: 2 * VERDICT_MS }, async () => {
    await waitForBadge(browser, shop, BADGE.blocked, VERDICT_MS);
    const popup = await browser.openPopup(shop);
    await popup.waitFor("/blocked/i.test(document.querySelector('h1')?.textContent ?? '')");
    await popup.close();
  });

  test(
    'when the exits are back the tab is private again, and was never anything else',
    { timeout: 3 * VERDICT_MS },
    async () => {
      for (const exit of exits()) await network.restart(exit.name);
      await waitForBadge(browser, shop, BADGE.private, 2 * VERDICT_MS);
      expect(await shop.open(`${network.origin('shop')}/`)).toBeUndefined();
      expect(await addressShown(shop)).toSatisfy(isExit);
      expect(addressesOf(requestsTo(network, 'shop', killed)).filter((address) => !isExit(address))).toEqual([]);
    },
  );
});
