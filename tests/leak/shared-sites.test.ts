// I1 and I7 where a site is in normal and in private tabs at once, or one after the other: its service worker belongs to no tab, and the same
// page asks for the same hosts in both. (A private tab that session restore brings back is the fault "browser killed" of ./faults.)

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CABLE, EXIT_ADDRESSES } from '../../devnet/laboratory/plan.ts';
import { delay, type BrowserName, type DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startHarness, texts, type Harness, type HarnessBrowser } from './harness/harness.ts';
import { isOfRun, leakOptions } from './harness/options.ts';
import type { OriginRequest } from './harness/origin.ts';
import type { Mark } from './harness/tap.ts';

const ARRIVAL_LIMIT_MS = 15_000;
const POLL_MS = 100;
/** A request beside the one that was waited for, the wrong way, would be on the wire within this. */
const SETTLE_MS = 1000;

/** Resolves once the page's service worker answers for it. */
const SERVICE_WORKER = `navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() =>
  navigator.serviceWorker.controller !== null || new Promise((resolve) =>
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(true), { once: true })))`;
const askWorker = (url: string): string => `void navigator.serviceWorker.controller.postMessage('${url}')`;
const throughWorker = (url: string): string => `/any?through-worker=${encodeURIComponent(url)}`;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe.runIf(isOfRun('chromium')).each(leakOptions().browsers)('%s', (name) => {
  let browser: HarnessBrowser;
  // In Chromium one each: for a moment after a private tab was closed it sends what is new through the circuit.
  let isFresh = false;
  beforeEach(async () => {
    if (!isFresh || name === 'chromium') browser = await harness.launch(name);
    isFresh = true;
  });
  afterEach(async () => {
    if (name === 'chromium') await browser.close();
  });
  afterAll(async () => {
    if (name !== 'chromium') await browser.close();
  });

  /** Chromium blocks a page of a host that may go direct for a normal tab, and loads it again when that is over. */
  const goTo = async (tab: DrivenTab, url: string): Promise<void> => {
    await tab.open(url);
    await tab.waitFor(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`);
  };
  const openPrivate = async (url: string): Promise<DrivenTab> => {
    const tab = await browser.openTab('about:blank');
    await (await setPrivate(browser, tab, true)).close();
    await goTo(tab, url);
    return tab;
  };
  const requestsOf = async (host: string, path = ''): Promise<OriginRequest[]> =>
    (await harness.server.requests(0)).filter((request) => request.host === host && request.path.startsWith(path));
  /** Where the first request for it came from. */
  const arrival = async (host: string, path = ''): Promise<string> => {
    const deadline = Date.now() + ARRIVAL_LIMIT_MS;
    for (;;) {
      const [request] = await requestsOf(host, path);
      if (request !== undefined) return request.from;
      if (Date.now() > deadline) throw new Error(`nothing asked for ${host}${path}`);
      await delay(POLL_MS);
    }
  };

  /** Leaks to these hosts. What a browser asks by itself in its first seconds is no matter of sites (vectors.test.ts). */
  const leaksTo = async (hosts: readonly string[], mark: Mark, allow: { hosts?: string[] }): Promise<string[]> =>
    texts(
      (await harness.newLeaksSince(mark, allow, hosts)).filter(
        ({ host }) => host !== undefined && hosts.includes(host),
      ),
    );

  test('a service worker that a normal tab registered works for a private tab through the exit', async () => {
    const home = `worker.${name}.test`;
    const aim = (what: string): string => `${what}.worker-${name}.test`;
    const normal = await browser.openTab(`https://${home}/`);
    await normal.evaluate(SERVICE_WORKER);
    await normal.evaluate(askWorker(`https://${aim('before')}/`));
    await normal.evaluate(`fetch('${throughWorker(`https://${aim('before-page')}/f`)}').catch(() => 0)`);
    expect([await arrival(aim('before')), await arrival(aim('before-page'))]).toEqual([
      CABLE.client.v4,
      CABLE.client.v4,
    ]);

    // A tab on the page before: what is opened afterwards is asked for anew.
    const start = `https://start.worker-${name}.test/`;
    const secret = await openPrivate(start);
    const mark = await harness.mark();
    const asked = Date.now();
    const hosts = [home];
    for (const phase of ['beside', 'after']) {
      // With the normal tab still on the site, and with it gone.
      if (phase === 'after') await normal.close();
      await goTo(secret, `https://${home}/?${phase}`);
      await secret.waitFor('navigator.serviceWorker.controller !== null');
      const [message, fetched, page] = [aim(`message-${phase}`), aim(`fetched-${phase}`), aim(`page-${phase}`)];
      hosts.push(message, fetched, page);
      await secret.evaluate(askWorker(`https://${message}/`));
      await secret.evaluate(`fetch('${throughWorker(`https://${fetched}/f`)}').catch(() => 0)`);
      expect(EXIT_ADDRESSES).toContain(await arrival(message));
      expect(EXIT_ADDRESSES).toContain(await arrival(fetched));
      expect(
        await secret.open(`https://${home}${throughWorker(`https://${page}/html?body=answered`)}`),
      ).toBeUndefined();
      expect(await secret.text()).toContain('answered');
      expect(EXIT_ADDRESSES).toContain(await arrival(page));
    }
    await delay(SETTLE_MS);
    expect(await leaksTo(hosts, mark, {})).toEqual([]);
    const direct = (await requestsAmong(hosts)).filter(({ at, from }) => at > asked && from === CABLE.client.v4);
    expect(direct).toEqual([]);
  });

  test('the same page in a normal and in a private tab: the private one through the exit', async () => {
    const host = `same.${name}.test`;
    const image = `image.same-${name}.test`;
    const page = (who: string): string =>
      `https://${host}/html?body=${encodeURIComponent(`<img src="https://${image}/a.svg?${who}">`)}&who=${who}`;
    const normal = await browser.openTab(page('before'));
    expect(await arrival(image, '/a.svg?before')).toBe(CABLE.client.v4);

    const mark = await harness.mark();
    const secret = await openPrivate(page('private'));
    expect(EXIT_ADDRESSES).toContain(await arrival(image, '/a.svg?private'));
    await secret.evaluate(`fetch('/tick?private')`);
    expect(EXIT_ADDRESSES).toContain(await arrival(host, '/tick?private'));

    expect(await normal.open(page('normal'))).toBeUndefined();
    await normal.evaluate(`fetch('/tick?normal')`);
    const seen = [await arrival(image, '/a.svg?normal'), await arrival(host, '/tick?normal')];
    await delay(SETTLE_MS);
    expect(await leaksTo([host, image], mark, { hosts: name === 'firefox' ? [host, image] : [] })).toEqual([]);
    const direct = (await requestsOf(host)).filter(
      ({ path, from }) => path.includes('private') && from === CABLE.client.v4,
    );
    expect(direct).toEqual([]);
    expectNormal(name, seen);
  });

  test('a tab that an extension opens from a private one is private as well, and stays so', async () => {
    const site = (what: string): string => `${what}.opened-${name}.test`;
    const secret = await openPrivate(`https://${site('start')}/`);
    const mark = await harness.mark();
    const url = `https://${site('new')}/`;
    const create = JSON.stringify({ url, openerTabId: secret.id, active: false });
    const opened = await browser.tabOpenedBy(() =>
      browser.asExtension(`(globalThis.browser ?? chrome).tabs.create(${create}).then(() => 1)`),
    );
    await opened.waitFor(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`);
    await waitForBadge(browser, opened, BADGE.private);
    // A tab that was taken for normal once its page was there would go direct from here on.
    await opened.evaluate(`fetch('/tick?later')`);
    expect(EXIT_ADDRESSES).toContain(await arrival(site('new'), '/tick?later'));
    await goTo(opened, `https://${site('next')}/`);
    expect(EXIT_ADDRESSES).toContain(await arrival(site('next')));
    expect(await leaksTo([site('new'), site('next')], mark, {})).toEqual([]);
  });

  const requestsAmong = async (hosts: readonly string[]): Promise<OriginRequest[]> =>
    (await harness.server.requests(0)).filter(({ host }) => hosts.includes(host));
});

/** Firefox tells tabs apart. Chromium tells extensions a host and no tab, so the private way wins for both. */
function expectNormal(name: BrowserName, seen: readonly string[]): void {
  for (const from of seen) {
    if (name === 'firefox') expect(from).toBe(CABLE.client.v4);
    else expect(EXIT_ADDRESSES).toContain(from);
  }
}
