// An entry that leads every tunnel to another exit than the one that was meant: the certificate gives it away in both browsers, the tab is private by the other entry, and the popup says which one it was.

import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, setPrivate } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { isExit, startTestNetwork } from '../support/devnet.ts';
import { MISLEAD } from '../support/misleading-entry.ts';

const BROWSERS: BrowserName[] = ['chromium', 'firefox'];
/** The spare is built after the circuit. */
const FOUND_MS = 60_000;

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork({ entryProgram: join(import.meta.dirname, '../support/misleading-entry.ts') });
  const flag = join(dirname(relay('entry-1').config), MISLEAD);
  writeFileSync(flag, network.relays.flatMap(({ role, label }) => (role === 'exit' ? [label] : [])).join('\n'));
});
afterAll(async () => {
  rmSync(join(dirname(relay('entry-1').config), MISLEAD), { force: true });
  await network.close();
});

const relay = (name: string) => network.relays.find((each) => each.name === name)!;

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let shop: DrivenTab;
  beforeAll(async () => {
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
  });
  afterAll(async () => {
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
