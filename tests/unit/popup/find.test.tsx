// @vitest-environment happy-dom
// Looking for money: what is said before anybody is asked, what came of it without promising more, and what can be done with a deposit that was found.

import { expect, test } from 'vitest';
import { showTime } from '../../../popup/times.ts';
import type { FindReport, PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import { CHANNEL, NO_PAYMENTS } from '../../support/payment-values.ts';
import { PopupPage } from '../../support/popup-page.tsx';
import { PASSWORD } from '../../support/wallet.ts';

const REPORT: FindReport = { found: 2, known: 1, since: 1_793_000_000_000, isAll: false, asked: 2, answered: 2 };

async function open(payments: Partial<PaymentStatus> = {}): Promise<PopupPage> {
  const page = new PopupPage();
  const source = { kind: 'key' as const, key: '5e'.repeat(32) };
  await page.world.ask('wallet/import', { source, password: PASSWORD, replace: false });
  page.payments = { ...NO_PAYMENTS, ...payments };
  return page;
}

test('says who will see the accounts, looks when it is clicked, and tells how far it came', async () => {
  const page = await open();
  page.answers['payments/find-channels'] = REPORT;
  await page.open('wallet/accounts');
  await page.click('Look for money in deposits of this wallet');
  expect(page.text).toContain('are asked about all your accounts together');
  expect(page.sent).toEqual([]);
  await page.click('Look for money');
  expect(page.text).toContain('2 deposits were found. 1 more are known here');
  expect(page.text).toContain(`back to ${showTime(REPORT.since)}`);
  await page.click('Look a month further back');
  expect(page.sent.map(({ data }) => data)).toEqual([
    { direct: false, further: false },
    { direct: false, further: true },
  ]);
  await page.click('Look at them in the wallet');
  expect(page.view).toBe('wallet');
});

test('that found nothing says so, and by how many servers', async () => {
  const page = await open();
  page.answers['payments/find-channels'] = { ...REPORT, found: 0, known: 0, isAll: true, asked: 2, answered: 1 };
  await page.open('wallet/find');
  await page.click('Look for money');
  expect(page.text).toContain('No deposit with money in it was found.');
  expect(page.text).toContain('from its beginning');
  expect(page.text).toContain('Only 1 of 2 servers');
  expect(page.text).not.toContain('further back');
});

test('asks past the circuit only when the person says so', async () => {
  const page = await open();
  page.answers['payments/find-channels'] = new Error('payment-no-circuit');
  await page.open('wallet/find');
  await page.click('Look for money');
  expect(page.text).toContain('would see your network address beside your accounts');
  await page.click('Ask all the same');
  expect(page.sent.map(({ data }) => data)).toEqual([
    { direct: false, further: false },
    { direct: true, further: false },
  ]);
});

test('needs the wallet open', async () => {
  const page = await open();
  await page.world.ask('wallet/lock', {});
  await page.open('wallet/find');
  expect(page.text).toContain('The wallet is locked');
});

test.each([
  ['ready', ['use-channel', 'close-channel', 'withdraw'], 'only if none of your other devices pays with it'],
  ['relay', ['withdraw'], 'Its relay has not been met here yet'],
  ['key', ['withdraw'], 'not of this wallet'],
] as const)(
  'a found deposit (%s) can be used, closed or taken back as far as that is possible',
  async (found, ways, words) => {
    const page = await open({ channels: [{ ...CHANNEL, state: 'found', found }] });
    await page.open('wallet');
    expect(page.text).toContain('found again; not in use here');
    expect(page.text).toContain(words);
    const clicks = {
      use: 'Use it here',
      close: 'Close and get 3.20 USDC back',
      withdraw: 'Take it back without the relay',
    };
    const offered = page.all('[data-channel] button');
    const named = { 'use-channel': clicks.use, 'close-channel': clicks.close, withdraw: clicks.withdraw };
    expect(offered).toEqual(ways.map((way) => named[way]));
  },
);
