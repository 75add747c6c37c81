// The run must be able to fail: with one guard switched off, from outside of the product and in the browser itself, the wire shows packets
// of a private tab, and the verdict calls them leaks. Chromium only: there guards are settings that can be taken away one by one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delay, type DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startHarness, texts, type Harness, type HarnessBrowser } from './harness/harness.ts';
import { leakOptions } from './harness/options.ts';

/** A request that leaks is on the wire within this. */
const SETTLE_MS = 2000;
const NORMAL = 'd.self-test.test';

describe.runIf(leakOptions().browsers.includes('chromium'))('chromium with a guard switched off', () => {
  let harness: Harness;
  let browser: HarnessBrowser;
  let secret: DrivenTab;

  beforeAll(async () => {
    harness = await startHarness();
    browser = await harness.launch('chromium');
    await browser.openTab(`https://${NORMAL}/`);
    secret = await browser.openTab('about:blank');
    await (await setPrivate(browser, secret, true)).close();
    await secret.open('https://page.secret-self-test.test/');
  });
  afterAll(async () => {
    await browser.close();
    await harness.close();
  });

  /** What leaks when the private page does that. */
  const leaks = async (statement: string, host: string): Promise<string[]> => {
    const mark = await harness.mark();
    await secret.evaluate(statement);
    await delay(SETTLE_MS);
    return texts(await harness.leaksSince(mark, { hosts: [NORMAL] }, [host]));
  };
  const fromWorker = (host: string): string => `new SharedWorker('/worker.js').port.postMessage('https://${host}/')`;
  const preconnect = (host: string): string =>
    `void document.head.append(Object.assign(document.createElement('link'), { rel: 'preconnect', href: 'https://${host}' }))`;

  test('all guards on: nothing', async () => {
    expect(await leaks(fromWorker(`a.${NORMAL}`), `a.${NORMAL}`)).toEqual([]);
    expect(await leaks(preconnect(`b.${NORMAL}`), `b.${NORMAL}`)).toEqual([]);
  });

  test('blocking rules gone: a request of a shared worker is seen', async () => {
    await browser.asExtension(`chrome.declarativeNetRequest.getDynamicRules().then((rules) =>
      chrome.declarativeNetRequest.updateDynamicRules({ removeRuleIds: rules.map(({ id }) => id) })).then(() => 1)`);
    const host = `e.${NORMAL}`;
    expect(await leaks(fromWorker(host), host)).toContainEqual(expect.stringMatching(`^tcp-open .*${host}`));
  });

  test('prediction turned on from outside is off again by itself, and the guard as good as before', async () => {
    const prediction = 'chrome.privacy.network.networkPredictionEnabled';
    const off = `${prediction}.get({}).then(({ value }) => value === false)`;
    await browser.asExtension(`${prediction}.set({ value: true }).then(() => 1)`);
    await expect.poll(() => browser.asExtension(off)).toBe(true);
    await waitForBadge(browser, secret, BADGE.private);
    expect(await leaks(preconnect(`c.${NORMAL}`), `c.${NORMAL}`)).toEqual([]);
  });
});
