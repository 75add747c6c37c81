// @vitest-environment happy-dom
// A top-up signed ahead, and one that is asked for: what the person reads, ticks and ends, and in how many clicks.

import { expect, test } from 'vitest';
import { showTime } from '../../../popup/times.ts';
import { toWalletLine } from '../../../popup/wallet-line-model.ts';
import type { DepositQuestion, PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import { CHANNEL, NO_PAYMENTS, QUESTION } from '../../support/payment-values.ts';
import { PopupPage } from '../../support/popup-page.tsx';
import { PASSWORD } from '../../support/wallet.ts';

const LATER = {
  amount: '1000000',
  message: { ...QUESTION.message, value: '1000000', validBefore: 1_798_000_000, nonce: `0x${'1a'.repeat(32)}` },
} as const;
const WITH: DepositQuestion = { ...QUESTION, renewal: LATER };
const UNTIL = showTime(LATER.message.validBefore * 1000);
const LOW: NonNullable<PaymentStatus['low']> = { payee: QUESTION.payee, left: '950000', isTopUp: true };

async function open(payments: Partial<PaymentStatus>): Promise<PopupPage> {
  const page = new PopupPage();
  const source = { kind: 'key' as const, key: '5e'.repeat(32) };
  await page.world.ask('wallet/import', { source, password: PASSWORD, replace: false });
  const entry = { ...QUESTION.payee, pricePerGb: '110000', minDeposit: '1000000', freeBytes: null };
  page.payments = { ...NO_PAYMENTS, account: QUESTION.message.from, entry, ...payments };
  return page;
}

test('is not ticked by itself, says what it will do, and is signed only with the tick', async () => {
  const page = await open({ deposit: WITH });
  await page.open('wallet/question');
  const tick = document.querySelector<HTMLInputElement>('input[name=renew]')!;
  expect(tick.checked).toBe(false);
  expect(page.text).toContain(`Signs 1.00 USDC more now`);
  expect(page.text).toContain('also while the wallet is locked');
  await page.click('Sign and deposit');
  expect(page.sent.at(-1)?.data).toEqual({ id: QUESTION.id, renew: false });

  await page.open('wallet/question');
  await page.click('Renew it once by itself when a fifth is left');
  expect(page.text).toContain(
    `And 1.00 USDC more to the same deposit with the relay of birch, once, when a fifth is left, until ${UNTIL}`,
  );
  const shown: Record<string, string | undefined> = Object.fromEntries(
    [...document.querySelectorAll('.struct-ahead [data-field]')].map((row): [string, string | undefined] => [
      row.getAttribute('data-field') ?? '',
      row.querySelector('dd')?.textContent,
    ]),
  );
  const { message } = LATER;
  expect(shown).toMatchObject({ value: '1.00 USDC', from: message.from, to: message.to, nonce: message.nonce });
  expect(shown).toMatchObject({ validBefore: UNTIL, channel: QUESTION.channel });
  expect(Object.keys(shown)).toEqual(expect.arrayContaining(Object.keys(message)));
  await page.click('Sign both and deposit');
  expect(page.sent.at(-1)?.data).toEqual({ id: QUESTION.id, renew: true });
});

test.each<[string, object]>([
  ['another amount than its words', { amount: '900000' }],
  ['more than the deposit', { amount: '6000000', message: { ...LATER.message, value: '6000000' } }],
  ['money of another account', { message: { ...LATER.message, from: `0x${'13'.repeat(20)}` } }],
  ['another contract', { message: { ...LATER.message, to: `0x${'13'.repeat(20)}` } }],
])('of %s cannot be signed, nor can the deposit beside it', async (_, change) => {
  const page = await open({ deposit: { ...WITH, renewal: { ...LATER, ...change } } });
  await page.open('wallet/question');
  expect(page.button('Sign and deposit').disabled).toBe(true);
  expect(page.trouble).toContain('not what was asked for');
});

test('stands with its deposit until it is used, and is ended with one click there', async () => {
  const renewal = { amount: '1000000', until: LATER.message.validBefore * 1000 };
  const page = await open({ channels: [{ ...CHANNEL, renewal }] });
  await page.open('wallet');
  expect(page.text).toContain(
    `Renews once by itself: 1.00 USDC from your account when a fifth is left, until ${UNTIL}.`,
  );
  await page.click('Do not renew it');
  expect(page.sent).toEqual([{ type: 'payments/end-renewal', data: { id: CHANNEL.id } }]);
});

test('that was used stands in the history by its name', async () => {
  const history = [{ at: 1, kind: 'renewal', operator: 'birch', amount: '1000000', txHash: null }] as const;
  const page = await open({ history: [...history] });
  await page.open('wallet/history');
  expect(page.all('li strong')).toEqual(['Renewed by itself']);
});

test('a top-up that is asked for is two clicks from the popup’s first view', async () => {
  const page = await open({ low: LOW });
  page.answers['payments/ask-deposit'] = {
    ...QUESTION,
    isTopUp: true,
    amount: '2000000',
    message: { ...QUESTION.message, value: '2000000' },
  };
  const waits = toWalletLine(page.payments).waits!;
  expect(waits).toEqual({
    words: '0.95 USDC is left with the relay of birch.',
    way: 'Top it up',
    to: 'wallet/deposit',
  });
  await page.open(waits.to);
  await page.click('Sign and deposit');
  expect(page.sent.map(({ type }) => type)).toEqual(['payments/ask-deposit', 'payments/confirm-deposit']);
  await page.open('wallet');
  expect(page.text).toContain('0.95 USDC is left with the relay of birch. Top it up');
});

test('where a deposit cannot be added to, another one is asked for', () => {
  expect(toWalletLine({ ...NO_PAYMENTS, low: { ...LOW, isTopUp: false } }).waits?.way).toBe('Make another deposit');
});
