// A tab goes private in a real browser, on a whole network of real relays: what its site sees, what the tab beside it keeps,
// what the resolver never hears, and that a worker's death changes nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS, RELAYS, SITES } from '../../devnet/plan.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { DEFAULT_DOWNLOAD_BYTES, downloadSha256 } from '../../devnet/sites/download.ts';
import { collectViews } from '../../devnet/what-they-saw.ts';
import { addressesOf, isExit, namesAskedByBrowser, requestsTo, sharedTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];
/** What the demo page labels, but for the download, which a person starts. */
const KINDS_OF_A_PAGE = ['page', 'image', 'fetch', 'websocket', 'events', 'video', 'service-worker', 'shared-image'];

let network: Network;

beforeAll(async () => {
  network = await sharedTestNetwork();
});
afterAll(async () => {
  await network.close();
});

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let news: DrivenTab;
  let shop: DrivenTab;
  let green: number;

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    news = await browser.openTab(`${network.origin('news')}/`);
    shop = await browser.openTab(`${network.origin('shop')}/`);
  });
  afterAll(async () => {
    await browser.close();
  });

  test('before the click both sites see the address of this machine', async () => {
    expect(await addressShown(news)).toBe(DIRECT_ADDRESS);
    expect(await addressShown(shop)).toBe(DIRECT_ADDRESS);
    expect((await browser.badge(shop)).text).toBe(BADGE.off);
  });

  test('after the click the site sees an exit, and the popup says so', async () => {
    const popup = await setPrivate(browser, shop, true);
    green = Date.now();
    const seen = await addressShown(shop, DIRECT_ADDRESS);
    expect(seen).toSatisfy(isExit);
    // The country on the button is that of the exit which the site sees.
    await expect
      .poll(async () => (await browser.badge(shop)).region)
      .toBe(RELAYS.find(({ address }) => address === seen)?.region);
    await popup.waitFor(`document.querySelector('[role="switch"]').getAttribute('aria-checked') === 'true'`);
    await popup.waitFor(`/private/i.test(document.querySelector('h1').textContent)`);
    await popup.close();
  });

  test('every kind of request of the private page comes out of the exit', async () => {
    const { visit, results } = await loaded(shop);
    for (const kind of KINDS_OF_A_PAGE) expect(results[kind], kind).toSatisfy(isExit);
    const ofVisit = network.sites.log.records.filter((record) => record.visit === visit);
    expect(ofVisit.map(({ kind }) => kind)).toEqual(expect.arrayContaining(KINDS_OF_A_PAGE));
    expect(addressesOf(ofVisit).filter((address) => !isExit(address))).toEqual([]);
  });

  test('a download comes out of the exit, byte for byte', async () => {
    const started = Date.now();
    await shop.evaluate("document.querySelector('#download').click()");
    const digest = await shop.evaluate(`fetch('/download')
      .then((response) => response.arrayBuffer())
      .then((body) => crypto.subtle.digest('SHA-256', body))
      .then((hash) => [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join(''))`);
    expect(digest).toBe(downloadSha256(DEFAULT_DOWNLOAD_BYTES));
    await expect
      .poll(() => requestsTo(network, 'shop', started).filter(({ kind }) => kind === 'download').length, {
        timeout: 20_000,
      })
      .toBeGreaterThan(0);
    expect(addressesOf(requestsTo(network, 'shop', started))).toSatisfy((seen: string[]) => seen.every(isExit));
  });

  test('the normal tab beside it is still seen as this machine', async () => {
    expect(await news.open(`${network.origin('news')}/`)).toBeUndefined();
    expect(await addressShown(news)).toBe(DIRECT_ADDRESS);
    const { results } = await loaded(news);
    for (const kind of ['page', 'image', 'fetch', 'websocket', 'events', 'video', 'service-worker']) {
      expect(results[kind], kind).toBe(DIRECT_ADDRESS);
    }
  });

  test('a tab opened from the private tab is private from its first request, and its host is never resolved here', async () => {
    const clicked = Date.now();
    const opened = await browser.tabOpenedBy(() =>
      shop.evaluate(`(() => {
        const link = document.querySelector('a[href*="${SITES.whoami.host}"]');
        link.target = '_blank';
        link.rel = 'opener';
        link.click();
      })()`),
    );
    expect(await addressShown(opened)).toSatisfy(isExit);
    await loaded(opened);
    await waitForBadge(browser, opened, BADGE.private);
    expect(addressesOf(requestsTo(network, 'whoami', clicked)).filter((address) => !isExit(address))).toEqual([]);
    // Nothing ever opened this host but the private tab: so no question for it may have left the browser at all.
    const asked = network.names.queries.filter(({ by, at }) => by === 'https' && at >= clicked);
    expect(asked.filter((query) => query.name.endsWith(SITES.whoami.host))).toEqual([]);
    await opened.close();
  });

  test('no name of the private tab was asked for since it is private', () => {
    const asked = namesAskedByBrowser(network, green);
    expect(asked.filter((each) => each.endsWith(SITES.shop.host))).toEqual([]);
    // The log would have shown it: the normal tab's host was asked for by this browser when it was opened.
    expect(namesAskedByBrowser(network, 0).some((each) => each.endsWith(SITES.shop.host))).toBe(true);
  });

  test('the table of the walk holds the promise, and would say so if it did not', async () => {
    const address = await addressShown(shop);
    const exit = network.relays.find((relay) => relay.address === address)!;
    expect((await collectViews(network, exit, green)).broken).toEqual([]);
    // Controls: the time when the tab was still normal, and an "exit" that is the entry with the client's connections.
    expect((await collectViews(network, exit, 0)).broken).toEqual([
      `the browser asked its resolver for ${SITES.shop.host}`,
    ]);
    const entries = network.relays.filter(({ role }) => role === 'entry');
    const taken = await Promise.all(
      entries.map(({ process: relay }) => collectViews(network, { ...exit, process: relay }, green)),
    );
    expect(taken.flatMap(({ broken }) => broken)).toContain(`${exit.name} knows the client's address`);
    expect(taken.flatMap(({ broken }) => broken)).toContain(`${exit.name} holds no connection to a site`);
  });

  // Chrome does not tell sites apart: there another exit is for all (docs/decisions/0044-an-exit-for-each-site.md).
  test.runIf(name === 'firefox')('another exit is for one site: the other keeps its own', async () => {
    const [one, other] = ['one.example', 'other.example'].map((host) => `http://${host}:${network.ports.http}/`);
    for (const host of ['one.example', 'other.example']) network.astray.set(host, SITES.whoami.address);
    const tab = await browser.openTab('about:blank');
    await (await setPrivate(browser, tab, true)).close();
    await tab.open(other!);
    const ofOther = await addressShown(tab);
    await tab.open(one!);
    const before = await addressShown(tab);
    const popup = await browser.openPopup(tab);
    await popup.click('[data-action="another-exit"]');
    expect(await addressShown(tab, before)).toSatisfy(isExit);
    await popup.waitFor(`/for this site alone/.test(document.querySelector('article').textContent)`);
    await popup.close();
    await tab.open(other!);
    expect(await addressShown(tab)).toBe(ofOther);
    await tab.close();
    network.astray.clear();
  });

  test('with the worker killed the private tab stays on the circuit, and the button is right again', async () => {
    for (let round = 0; round < 3; round++) {
      const killed = Date.now();
      await browser.killWorker();
      expect(await shop.open(`${network.origin('shop')}/?round=${round}`)).toBeUndefined();
      expect(await addressShown(shop)).toSatisfy(isExit);
      await loaded(shop);
      expect(addressesOf(requestsTo(network, 'shop', killed)).filter((address) => !isExit(address))).toEqual([]);
      await waitForBadge(browser, shop, BADGE.private);
    }
    const popup = await browser.openPopup(shop);
    await popup.waitFor(`document.querySelector('[role="switch"]').getAttribute('aria-checked') === 'true'`);
    await popup.close();
  });

  test('the second click ends it', async () => {
    const popup = await setPrivate(browser, shop, false);
    await popup.close();
    await shop.waitFor(`document.querySelector('#address')?.textContent === '${DIRECT_ADDRESS}'`);
    expect((await browser.badge(shop)).text).toBe(BADGE.off);
  });
});

/** Waits until every part of the demo page has shown its address. */
async function loaded(tab: DrivenTab): Promise<{ visit: string; results: Record<string, string> }> {
  await tab.waitFor(`${JSON.stringify(KINDS_OF_A_PAGE)}.every((kind) => kind in (window.results ?? {}))`);
  const text = await tab.evaluate('JSON.stringify({ visit: document.documentElement.dataset.visit, results })');
  return JSON.parse(String(text)) as { visit: string; results: Record<string, string> };
}
