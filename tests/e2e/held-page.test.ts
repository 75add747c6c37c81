// A private tab whose circuits are all gone: our own page in the place of the browser's error, in plain words, and the page itself as soon as a
// circuit is back, with a history in which "back" leads back.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, setPrivate } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['firefox'];
/** Six circuits are tried before it is said that there is none. */
const VERDICT_MS = 90_000;

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
  let since: number;
  const exits = () => network.relays.filter(({ role }) => role === 'exit');
  const other = (): string => `${network.origin('shop')}/?next`;
  const stored = async (key: string): Promise<unknown> =>
    JSON.parse(
      String(
        await browser.asExtension(
          `(globalThis.browser ?? chrome).storage.session.get('${key}').then((all) => JSON.stringify(all['${key}'].value))`,
        ),
      ),
    );

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
    await (await setPrivate(browser, shop, true)).close();
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    since = Date.now();
  });
  afterAll(async () => {
    await browser.close();
  });

  const ask = (expression: string): Promise<unknown> =>
    browser.asExtension(`(async () => { const api = globalThis.browser ?? chrome; return ${expression}; })()`);
  const go = (url: string): Promise<unknown> =>
    ask(`await api.tabs.update(${shop.id}, { url: '${url}' }).then(() => true)`);
  /** The tab as the browser shows it: a page of the extension in it is another process, which the drivers do not follow. */
  const shownUrl = async (): Promise<string> => String(await ask(`(await api.tabs.get(${shop.id})).url`));
  const heldPage = (expression: string): Promise<unknown> =>
    ask(`((page) => page && ${expression})(api.extension.getViews({ type: 'tab' })
      .find(({ location }) => location.pathname === '/pages/held/index.html')?.document)`);
  const until = async (what: () => Promise<unknown>, wanted: unknown, timeout = VERDICT_MS): Promise<void> => {
    await expect.poll(what, { timeout, interval: 100 }).toEqual(wanted);
  };
  const back = (): Promise<unknown> => ask(`await api.tabs.goBack(${shop.id}).then(() => true)`);
  const home = (): string => `${network.origin('shop')}/`;

  test('a site that is down is told from a circuit that is', { timeout: 3 * VERDICT_MS }, async () => {
    await go('https://no-such-site.demo.test:8443/');
    await until(
      () => heldPage("page.querySelector('h1').textContent"),
      'The exit could not reach no-such-site.demo.test',
    );
    expect(await stored('circuit')).toMatchObject({ at: 'verified' });
    await back();
    await until(shownUrl, home());
  });

  test(
    'with every exit killed the tab shows our page, which says so and offers a way on',
    { timeout: 4 * VERDICT_MS },
    async () => {
      await Promise.all(exits().map(({ process: relay }) => relay.kill()));
      await go(other());
      await until(() => heldPage("page.querySelectorAll('button').length"), 3, 2 * VERDICT_MS);
      const text = String(await heldPage('page.body.innerText'));
      expect(text).toContain('Nothing of this tab left your computer another way.');
      expect(text).toContain('shop.demo.test');
    },
  );

  test('when the exits are back the page opens by itself', { timeout: 4 * VERDICT_MS }, async () => {
    const restarted = Date.now();
    for (const exit of exits()) await network.restart(exit.name);
    await until(shownUrl, other(), 2 * VERDICT_MS);
    await until(async () => requestsTo(network, 'shop', restarted).some(({ kind }) => kind === 'page'), true);
    await until(() => stored('held'), {});
    // Where a page failed before our own was there Chrome keeps that attempt in the history too, under the same address.
    if (name === 'chromium') return;
    await back();
    await until(shownUrl, home());
  });

  test('nothing of it came to the site another way', () => {
    const seen = addressesOf(requestsTo(network, 'shop', since));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((address) => !isExit(address))).toEqual([]);
  });

  test('no page of the web can read it', async () => {
    const origin = String(await browser.asExtension('Promise.resolve(location.origin)'));
    const news = await browser.openTab(`${network.origin('news')}/`);
    expect(await news.evaluate(`fetch('${origin}/pages/held/index.html').then(() => 'read', () => 'refused')`)).toBe(
      'refused',
    );
    await news.close();
  });
});
