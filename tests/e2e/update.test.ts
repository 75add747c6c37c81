// A person updates: what the version before has stored is read by this one whole. The wallet opens with its password, the deposit is still there and pays,
// wishes hold, and a tab can be private at once. A real browser's storage, filled by the real version before (tests/previous).

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyExtension } from '../../devnet/browsers/extension-copy.ts';
import type { BrowserName, DrivenBrowser, DrivenPopup } from '../../devnet/browsers/driven-browser.ts';
import { launchBrowser } from '../../devnet/browsers/launch.ts';
import { builtExtension } from '../../devnet/extension-build.ts';
import { channelsOf } from '../../devnet/ledgers.ts';
import type { Network } from '../../devnet/network.ts';
import { Payer, type Purse } from '../../devnet/paying.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, BADGE, SWITCH, waitForBadge } from '../../devnet/private-tab.ts';
import { decodeCell, type Cell } from '../../src/core/state/cell.ts';
import { CELLS } from '../../src/core/state/cells.ts';
import { isExit, startTestNetwork } from '../support/devnet.ts';
import { unpackPrevious } from '../support/previous-version.ts';
import { isLong } from '../support/length.ts';

/** Both with `npm run test:long`. */
const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
const PASSWORD = 'four plain words, and a number: 7';
const FUNDS = 5_000_000n;

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork({ payments: true });
  for (const name of BROWSERS) await builtExtension(name);
});
afterAll(() => network.close());

describe.each(BROWSERS)('%s', (name) => {
  const api = name === 'chromium' ? 'chrome' : 'browser';
  let folder: string;
  let browser: DrivenBrowser;
  let purse: Purse;
  let stored: Record<string, unknown>;

  /** Starts the browser on the same profile with the extension that lies there. */
  const start = async (from: string): Promise<void> => {
    const extension = join(folder, 'extension');
    await rm(extension, { recursive: true, force: true });
    await copyExtension(from, extension, network.records, { network: 'devnet', rpcs: network.rpcs });
    const { caFile, dohUrl, lifeline } = network;
    const onPid = (pid: number): void => lifeline.holdPid(pid);
    browser = await launchBrowser(name, { folder, extension, caFile, dohUrl, headless: true, onPid });
  };
  const read = async (): Promise<Record<string, unknown>> =>
    JSON.parse(
      String(await browser.asExtension(`${api}.storage.local.get().then((all) => JSON.stringify(all))`)),
    ) as Record<string, unknown>;
  const version = (): Promise<unknown> => browser.asExtension(`${api}.runtime.getManifest().version`);
  const privateTab = async (): Promise<{ popup: DrivenPopup; tab: Awaited<ReturnType<DrivenBrowser['openTab']>> }> => {
    const tab = await browser.openTab('about:blank');
    const popup = await browser.openPopup(tab);
    await popup.waitFor(`document.querySelector('${SWITCH}') !== null`);
    // After a browser that ended with private tabs every tab begins private.
    const isOff = `document.querySelector('${SWITCH}').getAttribute('aria-checked') === 'false'`;
    if (await popup.evaluate(isOff)) await popup.click(SWITCH);
    await waitForBadge(browser, tab, BADGE.private);
    expect(await tab.open(`${network.origin('shop')}/`)).toBeUndefined();
    return { popup, tab };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(network.folder, `update-${name}-`));
    await start(await unpackPrevious(name, join(folder, 'previous')));
  });
  afterAll(() => browser.close());

  test('the version before makes a wallet, lends an entry money, and keeps a wish', async () => {
    expect(await version()).toBe('0.1.0');
    const { popup } = await privateTab();
    const payer = new Payer(popup);
    purse = await payer.createWallet(PASSWORD);
    await network.chain!.mint(purse.account, FUNDS);
    await payer.deposit();
    const wishes = {
      entryRegions: [],
      exitRegions: [],
      maxPricePerGb: '100000000',
      freeOnly: false,
      avoid: ['nobody.example'],
    };
    const message = JSON.stringify({ build: '0.1.0', type: 'relays/set-wishes', data: { wishes } });
    const asked = await popup.evaluate(`${api}.runtime.sendMessage(${message}).then((reply) => JSON.stringify(reply))`);
    expect(JSON.parse(String(asked))).toMatchObject({ ok: true });
    stored = await read();
    expect(Object.keys(stored)).toEqual(expect.arrayContaining(['vault', 'payments', 'relay-wishes']));
    await browser.close();
  });

  test('no stored cell of it is damaged or of another version for this one', () => {
    for (const cell of CELLS as readonly Cell<unknown>[]) {
      if (!(cell.key in stored)) continue;
      expect(decodeCell(cell, stored[cell.key]).error, cell.key).toBeUndefined();
    }
  });

  test('this version starts on it: the wish holds, the deposit is there, the wallet opens with its password', async () => {
    await start(await builtExtension(name));
    expect(await version()).not.toBe('0.1.0');
    const { popup, tab } = await privateTab();
    expect(await addressShown(tab, DIRECT_ADDRESS)).toSatisfy(isExit);
    const now = await read();
    expect(now['relay-wishes']).toEqual(stored['relay-wishes']);
    expect(now['vault']).toEqual(stored['vault']);
    await popup.evaluate(`void (location.hash = '#/wallet')`);
    await popup.waitFor(`document.querySelector('input[name="password"]') !== null`);
    await popup.waitFor(`document.querySelector('[data-channel][data-state="open"]') !== null`);
    await popup.evaluate(`document.querySelector('input[name="password"]').value = ${JSON.stringify(PASSWORD)}`);
    await popup.click('form button.main:enabled');
    await popup.waitFor(`document.querySelector('.overview a[href="#/wallet/deposit"]') !== null`);
    await popup.evaluate(`void (location.hash = '#/wallet/receive')`);
    await popup.waitFor(`document.querySelector('code.address')?.textContent === '${purse.account}'`);
    await popup.close();
    // Nothing was lent or taken a second time.
    expect(channelsOf(network.relays, purse.account)).toHaveLength(1);
  });
});
