// Whoever leads a circuit elsewhere is noticed. A name server that answers the address of another entry: no circuit by it is used, and the popup says why. An entry that leads every tunnel to another exit than the one that was meant: the certificate gives it away in both browsers, the tab is private by the other entry, and the popup says which one it was.

import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, BADGE, setPrivate, SWITCH, waitForBadge } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { parseCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { addressesOf, isExit, requestsTo, startTestNetwork } from '../support/devnet.ts';
import { MISLEAD } from '../support/misleading-entry.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
/** The spare is built after the circuit. */
const FOUND_MS = 60_000;

const relay = (name: string) => network.relays.find((each) => each.name === name)!;

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork({ entryProgram: join(import.meta.dirname, '../support/misleading-entry.ts') });
});
afterAll(async () => {
  await network.close();
});

/** Names of circuits lead to the other entry; the entries' own names do not. */
function swapEntries(): void {
  const [one, other] = [...new Set(network.circuits.map(({ proxyHost }) => addressIn(proxyHost)))];
  for (const { proxyHost } of network.circuits) {
    network.astray.set(proxyHost, (addressIn(proxyHost) === one ? other : one) ?? '');
  }
}

const addressIn = (proxyHost: string): string => parseCircuitName(proxyHost).address;

describe.runIf(isLong).each(BROWSERS)('%s, of a name server that answers another entry', (name) => {
  let browser: DrivenBrowser;
  beforeAll(async () => {
    swapEntries();
    browser = await startBrowser(name, network, { headless: true });
  });
  afterAll(async () => {
    network.astray.clear();
    await browser.close();
  });

  test('the tab is blocked, and the popup says that it was another entry', async () => {
    const since = Date.now();
    const shop = await browser.openTab(`${network.origin('whoami')}/`);
    const popup = await browser.openPopup(shop);
    await popup.waitFor(`document.querySelector('${SWITCH}')?.getAttribute('aria-checked') === 'false'`);
    await popup.click(SWITCH);
    await waitForBadge(browser, shop, BADGE.blocked);
    await popup.waitFor(`/another entry/.test(document.querySelector('article').textContent)`);
    await popup.close();
    expect(addressesOf(requestsTo(network, 'whoami', since)).filter(isExit)).toEqual([]);
  });
});

describe.runIf(isLong).each(BROWSERS)('%s, of an entry that leads to another exit', (name) => {
  let browser: DrivenBrowser;
  let shop: DrivenTab;
  beforeAll(async () => {
    const flag = join(dirname(relay('entry-1').config), MISLEAD);
    writeFileSync(flag, network.relays.flatMap(({ role, label }) => (role === 'exit' ? [label] : [])).join('\n'));
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
  });
  afterAll(async () => {
    rmSync(join(dirname(relay('entry-1').config), MISLEAD), { force: true });
    await browser.close();
  });

  test('the tab is private by the other entry, and the popup says which one led astray', async () => {
    const popup = await setPrivate(browser, shop, true);
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    await popup.waitFor(`/birch/.test(document.querySelector('article').textContent)`);
    await popup.waitFor(`/alder/.test(document.querySelector('[data-warning]')?.textContent)`, FOUND_MS);
    await popup.close();
  });
});
