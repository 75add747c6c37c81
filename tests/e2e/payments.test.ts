// A new person pays: private at once on the free data of the day, then a wallet, a deposit, traffic that is paid for, and the rest taken back. Real
// browsers, relays, popup and chain. What is said about money is read from the chain and from the relays' ledgers.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import { channelsOf, paidToExits } from '../../devnet/ledgers.ts';
import type { Network } from '../../devnet/network.ts';
import { gasOf, Payer, tokenBalance, type Purse } from '../../devnet/paying.ts';
import { DIRECT_ADDRESS } from '../../devnet/plan.ts';
import { addressShown, setPrivate } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { isExit, startTestNetwork } from '../support/devnet.ts';
import { isLong } from '../support/length.ts';

const BROWSERS: BrowserName[] = isLong ? ['chromium', 'firefox'] : ['chromium'];
const PASSWORD = 'four plain words, and a number: 7';
/** 5 USDC. */
const FUNDS = 5_000_000n;
/** Some increments of the entry's quote. */
const DOWNLOAD_BYTES = 80_000_000;
/** 16 MiB at the prices of both hops, base units. */
const INCREMENT = 16n * (32n + 73n);
/** Vouchers follow the traffic by seconds. */
const PAID_MS = 30_000;

let network: Network;
beforeAll(async () => {
  network = await startTestNetwork({ payments: true });
});
afterAll(async () => {
  await network.close();
});

const channels = (account: string) => channelsOf(network.relays, account);

describe.each(BROWSERS)('%s', (name) => {
  let browser: DrivenBrowser;
  let shop: DrivenTab;
  let payer: Payer;
  let purse: Purse;
  /** Questions to the chain before this browser's. */
  let asked: number;

  beforeAll(async () => {
    asked = network.chainAskedFrom.length;
    browser = await startBrowser(name, network, { headless: true });
    shop = await browser.openTab(`${network.origin('shop')}/`);
  });
  afterAll(async () => {
    await browser.close();
  });

  test('the first private tab is two clicks away, on the free data of the day', async () => {
    const popup = await setPrivate(browser, shop, true);
    payer = new Payer(popup);
    payer.clicks += 1;
    expect(await addressShown(shop, DIRECT_ADDRESS)).toSatisfy(isExit);
    expect(channels('0x')).toEqual([]);
    expect(payer.clicks).toBeLessThanOrEqual(3);
  });

  test('a wallet is made, funded, and lent to the entry, in eight clicks and without gas', async () => {
    purse = await payer.createWallet(PASSWORD);
    expect(purse.words).toHaveLength(12);
    await network.chain!.mint(purse.account, FUNDS);
    expect(await payer.deposit()).toMatch(/USDC/);
    expect(payer.clicks).toBeLessThanOrEqual(8);
    const [channel] = channels(purse.account);
    expect(channel?.balance).toBe(FUNDS - (await tokenBalance(network.chain!, purse.account)));
    expect(await gasOf(network.chain!, purse.account)).toEqual({ sent: 0, wei: 0n });
  });

  test('traffic is paid by vouchers, the chain is not touched by it, and the entry pays the exit', async () => {
    const blockless = await gasOf(network.chain!, purse.account);
    const got = await shop.evaluate(
      `fetch('/download?bytes=${String(DOWNLOAD_BYTES)}').then((answer) => answer.arrayBuffer()).then(({ byteLength }) => byteLength)`,
    );
    expect(got).toBe(DOWNLOAD_BYTES);
    await expect
      .poll(() => channels(purse.account)[0]?.voucher?.max ?? 0n, { timeout: PAID_MS, interval: 250 })
      .toBeGreaterThan(0n);
    await expect.poll(() => paidToExits(network.relays), { timeout: PAID_MS, interval: 250 }).toBeGreaterThan(0n);
    expect(await gasOf(network.chain!, purse.account)).toEqual(blockless);
    // The browser's own count bears the entry's out, and is what the popup shows.
    await expect.poll(() => payer.ofThisTab(), { timeout: PAID_MS, interval: 250 }).toMatch(/USDC for 80\.\d MB/);
    const [{ claimed, reserved, voucher }] = channels(purse.account) as [ReturnType<typeof channels>[number]];
    expect(claimed).toBe(0n);
    // At most an increment is signed ahead of what was served, which is at most what the entry has marked.
    expect((voucher?.max ?? 0n) - reserved).toBeLessThanOrEqual(INCREMENT);
  });

  test('the chain was asked through the circuit alone: its servers have seen exits, and not the person', () => {
    const from = network.chainAskedFrom.slice(asked);
    expect(from.length).toBeGreaterThan(0);
    expect(from.filter((address) => !isExit(address))).toEqual([]);
  });

  test('the rest comes back when the person takes it, without gas', async () => {
    await payer.close();
    await expect
      .poll(() => tokenBalance(network.chain!, purse.account), { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(FUNDS - 100_000n);
    const [{ claimed }] = channels(purse.account) as [ReturnType<typeof channels>[number]];
    expect(claimed).toBeGreaterThan(0n);
    expect(await tokenBalance(network.chain!, purse.account)).toBe(FUNDS - claimed);
    expect(await gasOf(network.chain!, purse.account)).toEqual({ sent: 0, wei: 0n });
  });
});
