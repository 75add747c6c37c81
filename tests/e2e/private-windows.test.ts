// The strong mode of private windows in real browsers: every tab of them goes through the circuit, and other windows are left alone.

import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenPopup, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, BADGE, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, namesAskedByBrowser, requestsTo, sharedTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
const CHECKBOX = '.windows input';

let network: Network;

beforeAll(async () => {
  network = await sharedTestNetwork();
});
afterAll(async () => {
  await network.close();
});

/** A server on loopback, which no exit and no page of the internet has any business with. */
async function startListener(): Promise<{ url: string; connections: () => number; close: () => void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.end('HTTP/1.1 204 No Content\r\naccess-control-allow-origin: *\r\nconnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, connections: () => connections, close: () => void server.close() };
}

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let news: DrivenTab;
  let secret: DrivenTab;
  let green: number;
  const popupOf = async (tab: DrivenTab): Promise<DrivenPopup> => {
    const popup = await browser.openPopup(tab);
    await popup.waitFor(`document.querySelector('${CHECKBOX}') !== null`);
    return popup;
  };
  const settings = async (): Promise<string> => {
    const api = name === 'chromium' ? 'chrome' : 'browser';
    return String(
      await browser.asExtension(
        `Promise.all([${api}.privacy.network.webRTCIPHandlingPolicy.get({}), ${api}.privacy.network.networkPredictionEnabled.get({}),
          ${api}.declarativeNetRequest.getSessionRules(), ${api}.declarativeNetRequest.getDynamicRules()])
          .then((all) => JSON.stringify(all.slice(0, 2).map(({ value }) => value)))`,
      ),
    );
  };

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true, allowIncognito: true });
    news = await browser.openTab(`${network.origin('news')}/`);
    secret = await browser.openPrivateWindow(`${network.origin('shop')}/`);
  });
  afterAll(async () => {
    await browser.close();
  });

  test('before the switch is set a private window is like any other', async () => {
    expect(await addressShown(secret)).toBe(DIRECT_ADDRESS);
  });

  test('after it every tab of the window is seen as the exit, and the popup says how far that goes', async () => {
    const popup = await popupOf(news);
    await popup.click(CHECKBOX);
    await waitForBadge(browser, secret, BADGE.private);
    green = Date.now();
    await popup.close();
    expect(await addressShown(secret, DIRECT_ADDRESS)).toSatisfy(isExit);
    const own = await popupOf(secret);
    await own.waitFor(`document.body.innerText.includes('every tab of every private window')`);
    await own.waitFor(`document.querySelector('[role="switch"]').disabled`);
    await own.close();
  });

  test('a second tab there, opened by nobody, is private from its first request', async () => {
    const second = await browser.openPrivateWindow(`${network.origin('media')}/`);
    expect(await addressShown(second)).toSatisfy(isExit);
    await waitForBadge(browser, second, BADGE.private);
    expect(addressesOf(requestsTo(network, 'media', green))).toSatisfy((seen: string[]) => seen.every(isExit));
    await second.close();
  });

  test('the same site in a normal window goes direct, and nothing is said to be private there', async () => {
    // A new tab opens in the window that was used last.
    await news.activate();
    const shop = await browser.openTab(`${network.origin('shop')}/`);
    expect(await addressShown(shop)).toBe(DIRECT_ADDRESS);
    expect((await browser.badge(shop)).text).toBe(BADGE.off);
    await shop.close();
    expect(await news.open(`${network.origin('news')}/`)).toBeUndefined();
    expect(await addressShown(news)).toBe(DIRECT_ADDRESS);
    if (name === 'chromium') expect(await settings()).toBe(JSON.stringify(['default', true]));
  });

  test('the private page resolves nothing here, and reaches no address of this machine', async () => {
    const asked = Date.now();
    expect(await secret.open(`${network.origin('whoami')}/`)).toBeUndefined();
    expect(await addressShown(secret)).toSatisfy(isExit);
    expect(namesAskedByBrowser(network, asked).filter((each) => each.includes('whoami'))).toEqual([]);
    const listener = await startListener();
    try {
      const fetchIt = `fetch('${listener.url}', { mode: 'no-cors' }).then(() => true, () => true)`;
      // No tab stands behind a shared worker.
      const script = JSON.stringify(
        `onconnect = ({ ports: [port] }) => void ${fetchIt}.then(() => port.postMessage(1))`,
      );
      const inWorker = `new Promise((resolve) => {
        const worker = new SharedWorker(URL.createObjectURL(new Blob([${script}])));
        worker.port.onmessage = worker.onerror = () => resolve(true);
      })`;
      await secret.evaluate(fetchIt);
      await secret.evaluate(inWorker);
      const other = await browser.openPrivateWindow(`${network.origin('whoami')}/`);
      expect(await other.open(listener.url)).toBeDefined();
      await other.close();
      expect(listener.connections()).toBe(0);
      // The listener would have seen it.
      await news.evaluate(fetchIt);
      await expect.poll(listener.connections).toBeGreaterThan(0);
    } finally {
      listener.close();
    }
  });

  test('with the worker killed it stays so', async () => {
    const killed = Date.now();
    await browser.killWorker();
    expect(await secret.open(`${network.origin('shop')}/`)).toBeUndefined();
    expect(await addressShown(secret)).toSatisfy(isExit);
    expect(addressesOf(requestsTo(network, 'shop', killed))).toSatisfy((seen: string[]) => seen.every(isExit));
    await waitForBadge(browser, secret, BADGE.private);
  });

  test('switched off, the window is like any other again', async () => {
    const popup = await popupOf(news);
    await popup.click(CHECKBOX);
    await waitForBadge(browser, secret, BADGE.off);
    await popup.close();
    await secret.waitFor(`document.querySelector('#address')?.textContent === '${DIRECT_ADDRESS}'`);
  });
});
