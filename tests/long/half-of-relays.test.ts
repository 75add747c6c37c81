// Half of all relays vanish at once under fifty private pages, the circuit in use among them: each page loads again, nothing of any goes direct. Prints how long each took; 5 s is what it is to reach.
// Twice: with the demo pages, which ask, play and listen for as long as they are open, asked for by the driver; and with pages that stand still, loaded again by the extension. Both beside what the same takes
// while all relays stand, and without privacy: fifty pages at once are the machine's to carry too.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { median, percentile } from '../../bench/stats.ts';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { addressShown, BADGE, setPrivate, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { STILL_PATH } from '../../devnet/sites/still-page.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];
const PAGES = Number(process.env['PAGES'] ?? 50);
/** Fifty real tabs on two cores. */
const OPEN_MS = 600_000;
/** What is missing is looked for again after a minute, on a beat of 25 s. */
const SPARES_MS = 120_000;
const LOOK_MS = 50;
/** A page that has not come by then does not come. */
const COME_MS = 60_000;

type Circuit = { entry: { peer: string }; exit: { peer: string } };
type Stored = { circuit: { value: { circuits?: { circuit: Circuit }[] } } };

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork({ discovery: true });
});
afterAll(async () => {
  await network.close();
});

const WAYS = ['still pages, loaded by the extension', 'demo pages, asked for by the driver'] as const;

describe.each(BROWSERS.flatMap((name) => WAYS.map((way) => ({ name, way }))))('$name: $way', ({ name, way }) => {
  let browser: DrivenBrowser;
  const tabs: DrivenTab[] = [];
  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    // All before the first is private: Chrome takes a tab that opens beside a private one for one that it opened.
    const still = (page: number): string => `${network.origin('whoami')}${STILL_PATH}?page=${page}`;
    for (let page = 0; page < PAGES; page += 1) tabs.push(await browser.openTab(still(page)));
    await again('first');
    console.log(`${name}, ${PAGES} ${way}: not private ${spell(await again('direct'))}`);
    // Pages of the demo would ask and play while fifty tabs become private.
    for (const [page, tab] of tabs.entries()) await tab.open(still(page));
    const [first, ...others] = tabs;
    const popup = await setPrivate(browser, first!, true);
    // The popup's own message for each of the others: opening it fifty times takes minutes.
    const send = `((tabs) => {
      const { runtime } = globalThis.browser ?? chrome;
      const build = runtime.getManifest().version;
      const each = (tab) => runtime.sendMessage({ build, type: 'tab/set-private', data: { tab, wanted: true } });
      return Promise.all(tabs.map(each)).then((replies) => replies.every(({ ok }) => ok));
    })(${JSON.stringify(others.map(({ id }) => id))})`;
    expect(await popup.evaluate(send)).toBe(true);
    for (const tab of others) await waitForBadge(browser, tab, BADGE.private, OPEN_MS / PAGES);
    await popup.close();
  }, OPEN_MS);
  afterAll(async () => {
    await browser.close();
    for (const { name: each, process: relay } of network.relays) if (!relay.running()) await network.restart(each);
  });

  const circuits = async (): Promise<Circuit[]> => {
    const get = "(globalThis.browser ?? chrome).storage.session.get('circuit').then(JSON.stringify)";
    const { circuit } = JSON.parse(String(await browser.asExtension(get))) as Stored;
    return (circuit.value.circuits ?? []).map((each) => each.circuit);
  };
  /** How many share no relay with the one in use. */
  const apart = async (): Promise<number> => {
    const [first, ...spares] = await circuits();
    return spares.filter(({ entry, exit }) => entry.peer !== first!.entry.peer && exit.peer !== first!.exit.peer)
      .length;
  };

  const isThere = (url: string): string =>
    `location.href === '${url}' && document.querySelector('#address')?.textContent`;

  /** ms for each page from the call on. The driver asks for all at once and looks at each until it is there. */
  const byDriver = (tag: string): Promise<number[]> => {
    const start = performance.now();
    return Promise.all(
      tabs.map(async (tab, page) => {
        const url = `${network.origin('whoami')}/?${tag}=${page}`;
        void tab.open(url);
        await tab.waitFor(isThere(url), COME_MS);
        return performance.now() - start;
      }),
    );
  };

  /** The same for still pages that the extension loads, as it does with those that had to wait. The browser says when each has come, so that nobody looks at fifty pages all the time. */
  const byExtension = async (tag: string): Promise<number[]> => {
    const urlOf = (page: number): string => `${network.origin('whoami')}${STILL_PATH}?${tag}=${page}`;
    const load = tabs.map(({ id }, page) => `api.update(${id}, { url: '${urlOf(page)}' })`);
    const start = performance.now();
    await browser.asExtension(
      `{ const api = (globalThis.browser ?? chrome).tabs; Promise.all([${load.join()}]).then(() => true) }`,
    );
    const took = new Map<number, number>();
    const list = `(globalThis.browser ?? chrome).tabs.query({ status: 'complete' }).then((all) => JSON.stringify(all.map(({ id, url }) => [id, url])))`;
    while (took.size < tabs.length) {
      if (performance.now() - start > COME_MS) throw new Error(`pages that did not come: ${await missing(took)}`);
      const complete = new Map(JSON.parse(String(await browser.asExtension(list))) as [number, string][]);
      const now = performance.now() - start;
      for (const [page, tab] of tabs.entries()) {
        if (took.has(page) || complete.get(tab.id) !== urlOf(page)) continue;
        // An error page has the same address.
        if (Boolean(await tab.evaluate(isThere(urlOf(page))).catch(() => false))) took.set(page, now);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return [...took.values()];
  };

  const again = (tag: string): Promise<number[]> => (way === WAYS[0] ? byExtension : byDriver)(tag);

  /** What the tabs show whose page did not come. */
  const missing = async (took: ReadonlyMap<number, number>): Promise<string> => {
    const waiting = tabs.filter((_, page) => !took.has(page));
    const shown = waiting.map((tab) => tab.evaluate('`${location.href}: ${document.title}`').catch(String));
    const facts = `{ const api = globalThis.browser ?? chrome;
      Promise.all([api.tabs.query({}), api.storage.session.get()]).then(([all, stored]) => {
        const now = all.map(({ id, status, url, pendingUrl }) => [id, status, url, pendingUrl].join(' '));
        return JSON.stringify({ now, stored });
      }) }`;
    return `${(await Promise.all(shown)).join(', ')}; ${String(await browser.asExtension(facts))}`;
  };

  const spell = (took: readonly number[]): string =>
    `median ${Math.round(median(took))} ms, p95 ${Math.round(percentile(took, 0.95))}, worst ${Math.round(Math.max(...took))}`;

  test('every page loads again', { timeout: OPEN_MS }, async () => {
    await expect.poll(apart, { timeout: SPARES_MS }).toBeGreaterThan(1);
    const [inUse] = await circuits();
    const relays = network.relays.filter(({ label }) => label === inUse!.entry.peer || label === inUse!.exit.peer);
    const more = ['exit', 'zone'].map((role) =>
      network.relays.find((relay) => relay.role === role && !relays.includes(relay))!,
    );
    // Once more than is measured: the pages before were others.
    await again('before');
    console.log(`${name}, ${PAGES} ${way}: while all relays stand ${spell(await again('all'))}`);
    // Two entries, three exits and two zones: one, two and one of them.
    const since = Date.now();
    await Promise.all([...relays, ...more].map(({ process: relay }) => relay.kill()));
    console.log(`${name}, ${PAGES} ${way}: after half of them died ${spell(await again('dead'))}`);
    expect(addressesOf(requestsTo(network, 'whoami', since))).toSatisfy((seen: string[]) => seen.every(isExit));
    for (const tab of tabs) expect(await addressShown(tab)).toSatisfy(isExit);
  });
});
