// Half of all relays vanish at once under fifty private pages, the circuit in use among them: each page loads again, nothing of any goes direct. Prints how long each took; 5 s is what it is to reach.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { median, percentile } from '../../bench/stats.ts';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { addressShown, setPrivate } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];
const PAGES = 50;
/** Fifty real tabs on two cores. */
const OPEN_MS = 600_000;
const SPARE_MS = 60_000;

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork({ discovery: true });
});
afterAll(async () => {
  await network.close();
});

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  const tabs: DrivenTab[] = [];
  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    // All before the first is private: Chrome takes a tab that opens beside a private one for one that it opened.
    for (let page = 0; page < PAGES; page += 1) {
      tabs.push(await browser.openTab(`${network.origin('whoami')}/?page=${page}`));
    }
    for (const tab of tabs) await (await setPrivate(browser, tab, true)).close();
  }, OPEN_MS);
  afterAll(async () => {
    await browser.close();
    for (const { name: each, process: relay } of network.relays) if (!relay.running()) await network.restart(each);
  });

  type Circuits = {
    circuit: { value: { circuits?: { circuit: { entry: { peer: string }; exit: { peer: string } } }[] } };
  };
  const circuits = async () => {
    const get = "(globalThis.browser ?? chrome).storage.session.get('circuit').then(JSON.stringify)";
    const { circuit } = JSON.parse(String(await browser.asExtension(get))) as Circuits;
    return (circuit.value.circuits ?? []).map((each) => each.circuit);
  };

  /** ms for each page. */
  const again = (tag: string): Promise<number[]> =>
    Promise.all(
      tabs.map(async (tab, page) => {
        const url = `${network.origin('whoami')}/?${tag}=${page}`;
        const start = performance.now();
        void tab.open(url);
        await tab.waitFor(`location.href === '${url}' && document.querySelector('#address')?.textContent`, OPEN_MS / 2);
        return performance.now() - start;
      }),
    );
  const spell = (took: readonly number[]): string =>
    `median ${Math.round(median(took))} ms, p95 ${Math.round(percentile(took, 0.95))}, worst ${Math.round(Math.max(...took))}`;

  test('every page loads again', { timeout: OPEN_MS }, async () => {
    await expect.poll(async () => (await circuits()).length, { timeout: SPARE_MS }).toBeGreaterThan(1);
    const [inUse] = await circuits();
    const relays = network.relays.filter(({ label }) => label === inUse!.entry.peer || label === inUse!.exit.peer);
    const more = ['exit', 'zone'].map((role) =>
      network.relays.find((relay) => relay.role === role && !relays.includes(relay))!,
    );
    // What fifty pages at once take on this machine when nothing has happened.
    console.log(`${name}: ${PAGES} pages again while all relays stand: ${spell(await again('all'))}`);
    // Two entries, three exits and two zones: one, two and one of them.
    await Promise.all([...relays, ...more].map(({ process: relay }) => relay.kill()));
    const since = Date.now();
    console.log(`${name}: ${PAGES} pages again after half of the relays died: ${spell(await again('dead'))}`);
    expect(addressesOf(requestsTo(network, 'whoami', since))).toSatisfy((seen: string[]) => seen.every(isExit));
    for (const tab of tabs) expect(await addressShown(tab)).toSatisfy(isExit);
  });
});
