// A person chooses where a tab leaves the network, in real browsers: the country that they search for is where the site sees them, and one whose exits are gone is said to be while the tab stays.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenPopup, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS, RELAYS } from '../../devnet/plan.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['firefox'];
const addressIn = (region: string): string =>
  RELAYS.find((relay) => relay.role === 'exit' && relay.region === region)!.address;
/** An exit that is gone is tried by both entries before it is said to be. */
const REFUSED_MS = 60_000;

describe.each(BROWSERS)('%s', (name) => {
  let network: Network;
  let browser: DrivenBrowser;
  let shop: DrivenTab;

  beforeAll(async () => {
    network = await startTestNetwork();
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
  });
  afterAll(async () => {
    await browser.close();
    await network.close();
  });

  /** The way that a person goes: the link, a few letters, the country. */
  const openExits = async (): Promise<DrivenPopup> => {
    const popup = await browser.openPopup(shop);
    await popup.waitFor("document.querySelector('a.change-exit') !== null");
    await popup.click('a.change-exit');
    await popup.waitFor("document.querySelector('#exit-search') !== null");
    return popup;
  };
  const search = async (popup: DrivenPopup, words: string, found: string): Promise<void> => {
    await popup.evaluate(`{
      const field = document.querySelector('#exit-search');
      field.value = '${words}';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }`);
    await popup.waitFor("document.querySelector('[data-found]').textContent === '1 country'");
    await popup.waitFor(`document.querySelector('[data-choice="${found}"]:enabled') !== null`);
  };

  test('a normal tab becomes private with the choice, and the site never sees another exit than that', async () => {
    expect(await addressShown(shop)).toBe(DIRECT_ADDRESS);
    const popup = await openExits();
    await search(popup, 'ice', 'IS');
    // Until here the tab is a normal one, and its page may ask for more.
    const since = Date.now();
    await popup.click('[data-choice="IS"]');
    // Until the click has come to the worker, too.
    await popup.waitFor(`document.querySelector('[data-tone="connecting"], [data-tone="private"]') !== null`);
    const taken = Date.now();
    await waitForBadge(browser, shop, BADGE.private);
    expect(await addressShown(shop, DIRECT_ADDRESS)).toBe(addressIn('IS'));
    const others = requestsTo(network, 'shop', since).filter(({ address }) => address !== addressIn('IS'));
    expect(others.filter(({ address, at }) => address !== DIRECT_ADDRESS || at >= taken)).toEqual([]);
    await popup.waitFor(`/You chose this exit: Iceland/.test(document.querySelector('article').textContent)`);
    expect(await popup.evaluate("document.querySelector('.hop:nth-child(2) .ms').textContent")).toMatch(/^\d+ ms$/);
    await popup.close();
  });

  test('another country by its code, and then an operator by name', async () => {
    let popup = await openExits();
    await search(popup, 'ch', 'CH');
    await popup.click('[data-choice="CH"]');
    expect(await addressShown(shop, addressIn('IS'))).toBe(addressIn('CH'));
    await popup.close();
    await waitForBadge(browser, shop, BADGE.private);
    popup = await openExits();
    await search(popup, 'cedar', 'NL cedar');
    await popup.click('[data-choice="NL cedar"]');
    expect(await addressShown(shop, addressIn('CH'))).toBe(addressIn('NL'));
    await popup.close();
    await waitForBadge(browser, shop, BADGE.private);
  });

  test.runIf(isLong)(
    'a country whose exits are gone is said to be, and the tab stays with an exit that is there',
    async () => {
      const iceland = network.relays.find(({ address }) => address === addressIn('IS'))!;
      await iceland.process.stop();
      const popup = await openExits();
      const since = Date.now();
      await search(popup, 'iceland', 'IS');
      await popup.click('[data-choice="IS"]');
      // At once where no circuit stands to it; a moment later where one did, from before, on which nothing comes back any more.
      await popup.waitFor('/no exit there can be reached now/i.test(document.body.textContent)', REFUSED_MS);
      await popup.close();
      await waitForBadge(browser, shop, BADGE.private, REFUSED_MS);
      void shop.open(`${network.origin('shop')}/?stays`);
      await shop.waitFor("location.search === '?stays' && document.querySelector('#address')?.textContent");
      expect([addressIn('NL'), addressIn('CH')]).toContain(await addressShown(shop));
      expect(addressesOf(requestsTo(network, 'shop', since)).filter((each) => !isExit(each))).toEqual([]);
    },
  );

  test.runIf(isLong)('when the chosen exit goes another takes its place, and the popup says so', async () => {
    const since = Date.now();
    await network.relays.find(({ address }) => address === addressIn('NL'))!.process.stop();
    void shop.open(`${network.origin('shop')}/?moved`);
    await shop.waitFor("location.search === '?moved' && document.querySelector('#address')?.textContent", REFUSED_MS);
    const now = await addressShown(shop);
    expect([addressIn('CH'), addressIn('IS')]).toContain(now);
    const popup = await browser.openPopup(shop);
    await popup.waitFor(
      "/no exit there can be reached now\\. Sites see you in (?:Switzerland|Iceland)/.test(document.querySelector('article').textContent)",
      REFUSED_MS,
    );
    await popup.close();
    expect(addressesOf(requestsTo(network, 'shop', since)).filter((each) => !isExit(each))).toEqual([]);
    await (await setPrivate(browser, shop, false)).close();
  });
});
