// What a private tab used, in real browsers: a download of known size stands on the first view, in today's total and beside the tab's title; the switch takes the total off the disk.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenPopup, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { addressShown, setPrivate } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { STILL_PATH } from '../../devnet/sites/still-page.ts';
import { isExit, requestsTo, sharedTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
const DOWNLOAD_BYTES = 5_000_000;
/** The page beside it is of some kilobytes: what is said must be the download and no twentieth more. */
const MOST_BYTES = DOWNLOAD_BYTES * 1.05;
/** 5.0 to 5.2 MB. */
const SAID = String.raw`at least 5(\.[0-2])? MB, free`;

let network: Network;
beforeAll(async () => {
  network = await sharedTestNetwork();
});
afterAll(async () => {
  await network.close();
});

type Kept = { keeps: boolean; days: { bytes: number; spent: string }[] };

describe.runIf(isLong).each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let tab: DrivenTab;
  let popup: DrivenPopup;

  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    tab = await browser.openTab(`${network.origin('shop')}${STILL_PATH}`);
  });
  afterAll(async () => {
    await browser.close();
  });

  const kept = async (): Promise<Kept | undefined> =>
    JSON.parse(
      String(
        await browser.asExtension(
          `(globalThis.browser ?? chrome).storage.local.get('day-totals').then((all) => JSON.stringify(all['day-totals']?.value ?? null))`,
        ),
      ),
    ) as Kept | undefined;
  const see = (selector: string, words: string) =>
    popup.waitFor(
      `new RegExp(${JSON.stringify(words)}).test(document.querySelector('${selector}')?.textContent ?? '')`,
    );

  test('a download of a private tab is on the first view within moments, without a click', async () => {
    popup = await setPrivate(browser, tab, true);
    expect(await addressShown(tab)).toSatisfy(isExit);
    const got = await tab.evaluate(
      `fetch('/download?bytes=${String(DOWNLOAD_BYTES)}').then((answer) => answer.arrayBuffer()).then(({ byteLength }) => byteLength)`,
    );
    expect(got).toBe(DOWNLOAD_BYTES);
    await see('[data-traffic]', `^This tab: ${SAID}$`);
  });

  test('it is in the activity of today, of this minute and of the tab by its title, and on disk as a day alone', async () => {
    await popup.evaluate(`void (location.hash = '#/activity')`);
    await see('[data-today]', `^Today: ${SAID}$`);
    await see('[data-now]', 'MB in the last minute');
    const title = String(await tab.evaluate('document.title'));
    await see('[data-part="tabs"] tbody', title);
    await see('[data-part="hops"]', 'Entry: .*Exits behind it: ');
    await expect.poll(async () => (await kept())?.days.length, { timeout: 20_000 }).toBe(1);
    const [day] = (await kept())!.days;
    expect(day!.bytes).toBeGreaterThanOrEqual(DOWNLOAD_BYTES);
    expect(day!.bytes).toBeLessThan(MOST_BYTES);
    expect(Object.keys(day!).sort()).toEqual(['bytes', 'day', 'spent']);
  });

  test('the speed test says its cost, measures the circuit with the exit itself, and is counted like any other bytes', async () => {
    const since = Date.now();
    await popup.click('[data-action="ask-speed"]');
    await see('[data-speed-cost]', 'about 10 MB');
    await popup.click('[data-action="start-speed"]');
    await see('[data-speed="done"]', String.raw`Round trip [\d,]+ ms, down [\d.,]+ Mbit/s, up [\d.,]+ Mbit/s`);
    // The way down is known to the byte; no site was asked for it.
    await see('[data-today]', String.raw`at least 1[2-3](\.\d)? MB`);
    expect(requestsTo(network, 'shop', since)).toEqual([]);
  });

  test('the switch takes it off the disk at once', async () => {
    await popup.click('input[name="keep-days"]');
    await see('[data-today]', 'No totals are kept');
    expect(await kept()).toEqual({ keeps: false, days: [] });
  });
});
