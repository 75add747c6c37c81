// Rules for sites in real browsers: a site that is always private is asked for by the exit alone, from the first request of a typed address, a link, a
// redirect, a new window and a browser's start on; where no relay can be reached it waits. A private tab stops before one that never is.

import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { copyExtension } from '../../devnet/browsers/extension-copy.ts';
import { launchBrowser } from '../../devnet/browsers/launch.ts';
import { builtExtension } from '../../devnet/extension-build.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS, RELAYS, SITES } from '../../devnet/plan.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import type { SiteMode } from '../../src/core/routing/site-rule.ts';
import { isLong } from '../support/length.ts';
import { addressesOf, isExit, namesAskedByBrowser, requestsTo, startTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];
const LIMIT_MS = 45_000;
const ALWAYS = SITES.shop.host;

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork();
});
afterAll(async () => {
  await network.close();
});

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let launch: () => Promise<DrivenBrowser>;
  let news: DrivenTab;
  let since: number;

  beforeAll(async () => {
    const folder = await mkdtemp(join(network.folder, `${name}-sites-`));
    const payments = { network: 'devnet', rpcs: network.rpcs };
    const built = await builtExtension(name);
    const extension = await copyExtension(built, join(folder, 'extension'), network.records, payments);
    const { caFile, dohUrl, lifeline } = network;
    const onPid = (pid: number): void => lifeline.holdPid(pid);
    // Twice on the same profile: the second time is a restart of the browser.
    launch = () => launchBrowser(name, { folder, extension, caFile, dohUrl, headless: true, onPid });
    browser = await launch();
    news = await browser.openTab(`${network.origin('news')}/`);
  });
  afterAll(async () => {
    await browser.close();
  });

  const ask = (expression: string): Promise<unknown> =>
    browser.asExtension(`(async () => { const api = globalThis.browser ?? chrome; return ${expression}; })()`);
  const addRule = async (host: string, mode: SiteMode, exit?: string): Promise<void> => {
    const rule = JSON.stringify({ host, mode, ...(exit !== undefined && { exit }) });
    const popup = await browser.openPage('popup/index.html');
    await popup.waitFor(`(async () => {
      const { runtime } = globalThis.browser ?? chrome;
      const message = { build: runtime.getManifest().version, type: 'sites/set-rule', data: ${rule} };
      return (await runtime.sendMessage(message)).ok;
    })()`);
    await popup.close();
  };
  const shownUrl = async (tab: DrivenTab): Promise<string> => String(await ask(`(await api.tabs.get(${tab.id})).url`));
  const heldPage = (expression: string): Promise<unknown> =>
    ask(`((page) => page && ${expression})(api.extension.getViews({ type: 'tab' })
      .find(({ location }) => location.pathname === '/pages/held/index.html')?.document)`);
  const type = (tab: DrivenTab, url: string): Promise<unknown> =>
    ask(`await api.tabs.update(${tab.id}, { url: '${url}' }).then(() => true)`);
  const isPrivateOn = async (tab: DrivenTab): Promise<void> => {
    await waitForBadge(browser, tab, BADGE.private, LIMIT_MS);
    const says = (): Promise<string> => heldPage('page.body.innerText').then(String, String);
    await expect
      .poll(() => shownUrl(tab), { timeout: LIMIT_MS })
      .toContain(ALWAYS)
      .catch(async (error: unknown) => {
        throw new Error(`the page waits, and says: ${await says()}`, { cause: error });
      });
    expect(await addressShown(tab)).toSatisfy(isExit);
  };
  const onlyExitsSaw = (): void => {
    const seen = addressesOf(requestsTo(network, 'shop', since));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((address) => !isExit(address))).toEqual([]);
  };
  /**
   * Not of the session in which the rule was made: there Firefox asked for the name once, with a page open from before that links to the site. Nor of
   * Chrome, which now and then asks for the name of a page that it is about to be told not to load (docs/sites.md).
   */
  const nobodyAskedForTheName = (): void => {
    if (name === 'chromium') return;
    expect(namesAskedByBrowser(network, since).filter((asked) => asked.endsWith(ALWAYS))).toEqual([]);
  };

  test('a typed address is private from its first request', { timeout: 2 * LIMIT_MS }, async () => {
    expect(await addressShown(news)).toBe(DIRECT_ADDRESS);
    await addRule(ALWAYS, 'always');
    // Before it the browser may ask for names that pages link to.
    since = Date.now();
    const typed = await browser.openTab('about:blank');
    await type(typed, `${network.origin('shop')}/?typed`);
    await isPrivateOn(typed);
    onlyExitsSaw();
    await typed.close();
  });

  test.runIf(isLong || name === 'chromium')(
    'so is a link, and what opens in a tab of its own',
    { timeout: 2 * LIMIT_MS },
    async () => {
      const tab = await browser.openTab('about:blank');
      // While something private lingers, a tab that nobody knows yet goes by the circuit; the next page is direct.
      let turn = 0;
      const loaded = async (): Promise<string> => {
        const query = `?link${(turn += 1)}`;
        await type(tab, `${network.origin('news')}/${query}`);
        await tab.waitFor(
          `location.search === '${query}' && document.querySelector('#address')?.textContent`,
          LIMIT_MS,
        );
        return addressShown(tab);
      };
      await expect.poll(loaded, { timeout: LIMIT_MS }).toBe(DIRECT_ADDRESS);
      await tab.evaluate(`void setTimeout(() => (location.href = '${network.origin('shop')}/?link'), 0)`);
      await isPrivateOn(tab);
      const opened = await browser.tabOpenedBy(() =>
        news.evaluate(`void window.open('${network.origin('shop')}/?opened')`),
      );
      await isPrivateOn(opened);
      onlyExitsSaw();
      await opened.close();
      await tab.close();
      expect(await addressShown(news)).toBe(DIRECT_ADDRESS);
    },
  );

  test.runIf(name === 'chromium')(
    'with a final dot it is the same site, which no rule over domains sees',
    { timeout: 2 * LIMIT_MS },
    async () => {
      const tab = await browser.openTab('about:blank');
      await type(tab, `${network.origin('shop').replace(ALWAYS, `${ALWAYS}.`)}/?dot`);
      await isPrivateOn(tab);
      onlyExitsSaw();
      await tab.close();
    },
  );

  test('a private tab stops before a site that is never private', { timeout: 2 * LIMIT_MS }, async () => {
    await addRule(SITES.news.host, 'never');
    const tab = await browser.openTab('about:blank');
    await type(tab, `${network.origin('shop')}/?stop`);
    await isPrivateOn(tab);
    const at = Date.now();
    await type(tab, `${network.origin('news')}/?never`);
    await expect
      .poll(() => heldPage("page.querySelector('h1').textContent"), { timeout: LIMIT_MS })
      .toBe(`You said that ${SITES.news.host} is never private`);
    // The pages that are open ask for their own parts.
    expect(requestsTo(network, 'news', at).filter(({ kind }) => kind === 'page')).toEqual([]);
    const normal = await browser.tabOpenedBy(() =>
      heldPage(`(page.querySelector('[data-action="held/open-normal"]').click(), true)`),
    );
    expect(await addressShown(normal)).toBe(DIRECT_ADDRESS);
    await normal.close();
    await heldPage(`(page.querySelector('[data-action="held/private-once"]').click(), true)`);
    await expect.poll(() => shownUrl(tab), { timeout: LIMIT_MS }).toContain(SITES.news.host);
    expect(await addressShown(tab)).toSatisfy(isExit);
    await tab.close();
    onlyExitsSaw();
  });

  // In Chrome a country is for all private tabs (docs/decisions/0055-which-exit-for-a-site.md). The demo sites are one site, and these are two.
  test.runIf(name === 'firefox')(
    'a country is where its site sees the tab, and another site in that tab keeps its own exit',
    { timeout: 2 * LIMIT_MS },
    async () => {
      const hosts = ['one.example', 'other.example'] as const;
      for (const host of hosts) network.astray.set(host, SITES.whoami.address);
      const tab = await browser.openTab('about:blank');
      await (await setPrivate(browser, tab, true)).close();
      const seenBy = async (host: (typeof hosts)[number]): Promise<string> => {
        await tab.open(`http://${host}:${network.ports.http}/`);
        return addressShown(tab);
      };
      const ofOther = await seenBy('other.example');
      for (const { region, address } of RELAYS.filter((relay) => relay.role === 'exit' && relay.address !== ofOther)) {
        await addRule('one.example', 'exit', region);
        await expect.poll(() => seenBy('one.example'), { timeout: LIMIT_MS }).toBe(address);
        expect(await seenBy('other.example')).toBe(ofOther);
        expect(await seenBy('one.example')).toBe(address);
      }
      await tab.close();
      network.astray.clear();
    },
  );

  test.runIf(isLong)(
    'ended by the switch it goes direct in that tab, and in no other',
    { timeout: 2 * LIMIT_MS },
    async () => {
      const tab = await browser.openTab('about:blank');
      await type(tab, `${network.origin('shop')}/?end`);
      await isPrivateOn(tab);
      onlyExitsSaw();
      await (await setPrivate(browser, tab, false)).close();
      // In Chrome the site goes the private way for as long as requests of a private tab on it may be under way, half a minute after it was closed.
      const again = async (): Promise<string> => {
        await tab.open(`${network.origin('shop')}/?end`);
        return addressShown(tab);
      };
      await expect.poll(again, { timeout: LIMIT_MS, interval: 2000 }).toBe(DIRECT_ADDRESS);
      await type(tab, `${network.origin('news')}/?away`);
      await tab.waitFor("location.search === '?away' && document.querySelector('#address')?.textContent", LIMIT_MS);
      // What the person put aside is in force until the browser has taken the rule back, a moment after the page is left.
      if (name === 'chromium') {
        const aside = `(await api.declarativeNetRequest.getSessionRules()).filter(({ id }) => id >= 20000 && id < 30000).length`;
        await expect.poll(() => ask(aside), { timeout: LIMIT_MS }).toBe(0);
      }
      since = Date.now();
      await type(tab, `${network.origin('shop')}/?again`);
      await isPrivateOn(tab);
      onlyExitsSaw();
      await tab.close();
    },
  );

  test.runIf(isLong || name === 'firefox')(
    'after a restart of the browser the first page is private',
    { timeout: 3 * LIMIT_MS },
    async () => {
      await browser.close();
      since = Date.now();
      browser = await launch();
      const tab = await browser.openTab('about:blank');
      await type(tab, `${network.origin('shop')}/?restart`);
      await isPrivateOn(tab);
      onlyExitsSaw();
      nobodyAskedForTheName();
      await tab.close();
    },
  );

  test.runIf(isLong)('where no relay can be reached the site waits', { timeout: 4 * LIMIT_MS }, async () => {
    await browser.close();
    const exits = network.relays.filter(({ role }) => role === 'exit');
    await Promise.all(exits.map(({ process: relay }) => relay.kill()));
    since = Date.now();
    browser = await launch();
    const tab = await browser.openTab('about:blank');
    await type(tab, `${network.origin('shop')}/?wait`);
    await expect.poll(() => heldPage("page.querySelector('h1').textContent"), { timeout: LIMIT_MS }).toContain(ALWAYS);
    const seen = requestsTo(network, 'shop', since);
    // Before anything is judged: the other browser needs them.
    for (const exit of exits) await network.restart(exit.name);
    expect(seen).toEqual([]);
    nobodyAskedForTheName();
    await expect.poll(() => shownUrl(tab), { timeout: 2 * LIMIT_MS }).toContain(ALWAYS);
    expect(await addressShown(tab)).toSatisfy(isExit);
    onlyExitsSaw();
  });
});
