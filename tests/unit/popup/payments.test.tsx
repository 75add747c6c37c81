// @vitest-environment happy-dom
// The views of payments: what is shown before money moves, what each click sends, and in how many clicks.

import { decodeQR } from 'qr/decode.js';
import { describe, expect, test } from 'vitest';
import { qrPath } from '../../../popup/payments/receive.tsx';
import { showTime } from '../../../popup/times.ts';
import type { DepositQuestion, PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import { CHANNEL, NO_PAYMENTS, QUESTION } from '../../support/payment-values.ts';
import { PopupPage } from '../../support/popup-page.tsx';
import { PASSWORD } from '../../support/wallet.ts';

const ACCOUNT = QUESTION.message.from;
const FUNDED: PaymentStatus = {
  ...NO_PAYMENTS,
  account: ACCOUNT,
  balance: { is: 'known', amount: '12500000', readAt: 1 },
  entry: { ...QUESTION.payee, pricePerGb: '110000', minDeposit: '1000000', freeBytes: 50_000_000 },
};

async function open(payments: Partial<PaymentStatus>): Promise<PopupPage> {
  const page = new PopupPage();
  const source = { kind: 'key' as const, key: '5e'.repeat(32) };
  await page.world.ask('wallet/import', { source, password: PASSWORD, replace: false });
  page.payments = { ...FUNDED, ...payments };
  return page;
}

describe('the overview', () => {
  test('says balance, price, what is free, what tab, day and session cost, and the limits', async () => {
    const page = await open({
      tab: { bytes: 2_500_000, cost: '275' },
      ...{ today: { bytes: 40_000_000, cost: '4400' }, session: { cost: '500' } },
    });
    await page.open('wallet');
    expect(page.all('.balance p')).toEqual(['12.50 USDC on this machine (play money)']);
    expect(page.all('dd')).toEqual([
      '0.11 USDC per GB',
      '50.0 MB left',
      '0.000275 USDC for 2.5 MB',
      '0.0044 USDC for 40.0 MB of at most 1.00 USDC',
      '0.0005 USDC of at most 0.50 USDC',
    ]);
  });

  test('asks past the circuit only when the person says so', async () => {
    const page = await open({ balance: { is: 'unknown', why: 'no-circuit' } });
    await page.open('wallet');
    expect(page.text).toContain('would see your network address');
    expect(page.asked.every(({ direct }) => !direct)).toBe(true);
    await page.click('Ask it all the same');
    expect(page.asked.at(-1)).toEqual({ tab: 1, direct: true });
  });

  test('says the last problem in words', async () => {
    const page = await open({ problem: 'meter_apart' });
    await page.open('wallet');
    expect(page.text).toContain('Payments to it stopped');
  });

  test('is there while the wallet is locked, without what needs it', async () => {
    const page = await open({ account: null, balance: { is: 'unknown', why: 'locked' }, channels: [CHANNEL] });
    await page.world.ask('wallet/lock', {});
    await page.open('wallet');
    expect(page.text).toContain('3.20 USDC left of 5.00 USDC');
    await page.click('Close and get 3.20 USDC back');
    expect(page.sent).toEqual([{ type: 'payments/close-channel', data: { id: CHANNEL.id } }]);
    await page.open('wallet/deposit');
    expect(page.text).toContain('The wallet is locked');
    expect(page.sent).toHaveLength(1);
  });
});

describe('a deposit', () => {
  test('is two clicks, and between them is the very struct that is signed, whole', async () => {
    const page = await open({});
    page.answers['payments/ask-deposit'] = QUESTION;
    await page.open('wallet/deposit');
    expect(page.sent).toEqual([{ type: 'payments/ask-deposit', data: { amount: '2000000' } }]);
    // The worker answered with another amount.
    expect(page.trouble).toContain('not what was asked for');
    expect(page.all('.struct')).toEqual([]);
    await page.type('Amount', '5');
    await page.click('Show what will be signed');
    expect(page.sent.at(-1)).toEqual({ type: 'payments/ask-deposit', data: { amount: '5000000' } });

    const shown = Object.fromEntries(
      [...document.querySelectorAll('.struct [data-field]')].map((row): [string, string | undefined] => [
        row.getAttribute('data-field') ?? '',
        row.querySelector('dd')?.textContent,
      ]),
    );
    const { message, domain, config } = QUESTION;
    expect(shown).toEqual({
      ...{ value: '5.00 USDC', relay: 'birch (k51birch)', network: 'this machine (play money) (chain 31337)' },
      ...{ from: message.from, to: message.to, nonce: message.nonce },
      ...{ validAfter: 'at once', validBefore: showTime(1_795_435_200_000) },
      token: `USDC 2, ${domain.verifyingContract}`,
      ...{
        channel: QUESTION.channel,
        receiver: config.receiver,
        payerAuthorizer: config.payerAuthorizer,
        salt: config.salt,
      },
      withdrawDelay: 'when you close it, and without the relay 1 d after you ask',
    });
    expect(Object.keys(shown)).toEqual(expect.arrayContaining(Object.keys(message)));
    expect(page.text).toContain('You deposit 5.00 USDC with the relay of birch on this machine (play money).');

    await page.click('Sign and deposit');
    expect(page.sent.at(-1)).toEqual({ type: 'payments/confirm-deposit', data: { id: QUESTION.id, renew: false } });
    expect(page.view).toBe('wallet');
  });

  test.each<[string, Partial<DepositQuestion>]>([
    ['amount', { message: { ...QUESTION.message, value: '50000000' } }],
    ['network', { network: 'Base' }],
    ['token', { symbol: 'EURC' }],
    ['chain', { domain: { ...QUESTION.domain, chainId: 8453 } }],
    ['token’s contract', { domain: { ...QUESTION.domain, verifyingContract: `0x${'13'.repeat(20)}` } }],
    ['payer', { config: { ...QUESTION.config, payer: `0x${'13'.repeat(20)}` } }],
  ])('whose struct tells another %s than its words cannot be signed', async (_, change) => {
    const page = await open({ deposit: QUESTION });
    await page.open('wallet/question');
    expect(page.button('Sign and deposit').disabled).toBe(false);
    page.payments = { ...FUNDED, deposit: { ...QUESTION, ...change } };
    await page.open('home');
    await page.open('wallet/question');
    expect(page.trouble).toContain('not what was asked for');
    expect(page.button('Sign and deposit').disabled).toBe(true);
  });

  test('names the amount that would be signed, whatever was asked for', async () => {
    const page = await open({ deposit: { ...QUESTION, message: { ...QUESTION.message, value: '50000000' } } });
    await page.open('wallet/question');
    expect(page.text).toContain('You deposit 50.00 USDC');
  });

  test('of another amount than what is shown cannot be signed: the question goes when one types', async () => {
    const page = await open({ deposit: QUESTION });
    await page.open('wallet/deposit');
    expect(page.sent).toEqual([]);
    expect(page.button('Sign and deposit').disabled).toBe(false);
    await page.type('Amount', '50');
    expect(() => page.button('Sign and deposit')).toThrow('there is no');
  });

  test.each([
    ['five', 'Write an amount like'],
    ['0', 'Write an amount like'],
    ['1,5', 'Write an amount like'],
    ['-3', 'Write an amount like'],
    ['0.999999', 'takes deposits of 1.00 USDC or more'],
  ])('of %s is not asked for', async (text, words) => {
    const page = await open({ deposit: QUESTION });
    await page.open('wallet/deposit');
    await page.type('Amount', text);
    await page.click('Show what will be signed');
    expect(page.trouble).toContain(words);
    expect(page.sent).toEqual([]);
  });

  test('that is refused is said to the worker, and one that failed says why', async () => {
    const page = await open({ deposit: QUESTION });
    page.answers['payments/confirm-deposit'] = new Error('payment-no-question');
    await page.open('wallet/question');
    await page.click('Sign and deposit');
    expect(page.trouble).toContain('its time is over');
    await page.click('Refuse');
    expect(page.sent.at(-1)).toEqual({ type: 'payments/refuse-deposit', data: {} });
  });

  test('that was asked for and left without a word is refused, and one that waited before is not', async () => {
    const page = await open({});
    page.answers['payments/ask-deposit'] = {
      ...QUESTION,
      amount: '2000000',
      message: { ...QUESTION.message, value: '2000000' },
    };
    await page.open('wallet/deposit');
    expect(page.button('Sign and deposit').disabled).toBe(false);
    await page.click('Back');
    expect(page.sent.map(({ type }) => type)).toEqual(['payments/ask-deposit', 'payments/refuse-deposit']);
    await page.open('wallet/deposit');
    await page.click('Sign and deposit');
    expect(page.sent.at(-1)?.type).toBe('payments/confirm-deposit');
    page.payments = { ...FUNDED, deposit: QUESTION };
    await page.open('home');
    await page.open('wallet/deposit');
    await page.click('Back');
    expect(page.sent.at(-1)?.type).toBe('payments/confirm-deposit');
  });

  test('begins with what the wallet has and the relay takes', async () => {
    const begins = async (balance: string, minDeposit: string): Promise<unknown> => {
      const entry = { ...FUNDED.entry!, minDeposit };
      const page = await open({ balance: { is: 'known', amount: balance, readAt: 1 }, entry });
      page.answers['payments/ask-deposit'] = new Error('payment-no-funds');
      await page.open('wallet/deposit');
      return page.sent[0]?.data;
    };
    expect(await begins('1500000', '1000000')).toEqual({ amount: '1500000' });
    expect(await begins('12500000', '3000000')).toEqual({ amount: '3000000' });
  });
});

test('a dearer relay is paid only when the person agrees', async () => {
  const price = { payee: QUESTION.payee, pricePerGb: '300000', limitPerGb: '200000' };
  const page = await open({ price });
  await page.open('wallet/question');
  expect(page.text).toContain('takes 0.30 USDC per GB. You wanted to be asked above 0.20 USDC per GB.');
  await page.click('Pay this price');
  await page.open('wallet/question');
  await page.click('Use another relay');
  expect(page.sent.map(({ data }) => data)).toEqual([{ agree: true }, { agree: false }]);
});

describe('a deposit with a relay', () => {
  test('is closed, and taken back without the relay, with one click on the wallet’s first view', async () => {
    const page = await open({ channels: [CHANNEL] });
    await page.open('wallet');
    await page.click('Close and get 3.20 USDC back');
    await page.click('Take it back without the relay');
    expect(page.sent).toEqual([
      { type: 'payments/close-channel', data: { id: CHANNEL.id } },
      { type: 'payments/withdraw', data: { id: CHANNEL.id } },
    ]);
  });

  test('shows the clock of its withdrawal, and can be fetched when it has run down', async () => {
    const page = await open({});
    const now = page.world.browser.clock.now();
    page.payments = {
      ...FUNDED,
      channels: [{ ...CHANNEL, state: 'withdrawing', refundAt: now + 86_400_000 + 3_600_000 }],
    };
    await page.open('wallet');
    expect(page.text).toContain('The money can be fetched in 1 d 1 h.');
    expect(page.text).not.toContain('Fetch 3.20 USDC');
    page.world.browser.elapse(86_400_000 + 3_600_000);
    await page.open('home');
    await page.world.ask('wallet/unlock', { password: PASSWORD });
    await page.open('wallet');
    await page.click('Fetch 3.20 USDC');
    expect(page.sent).toEqual([{ type: 'payments/withdraw', data: { id: CHANNEL.id } }]);
  });

  test('that failed to close says why', async () => {
    const page = await open({ channels: [CHANNEL] });
    page.answers['payments/close-channel'] = new Error('payment-not-now');
    await page.open('wallet');
    await page.click('Close and get 3.20 USDC back');
    expect(page.trouble).toContain('cannot be done with the deposit now');
  });
});

describe('the limits', () => {
  test.each(['', 'much', '1,5', '-1', '0.0000001'])('are not saved with “%s” in them', async (text) => {
    const page = await open({});
    await page.open('wallet/limits');
    await page.type('At most in a session (USDC)', text);
    await page.click('Save the limits');
    expect(page.trouble).toContain('Write an amount like');
    expect(page.sent).toEqual([]);
  });

  test('are saved exactly as they were written', async () => {
    const page = await open({});
    await page.open('wallet/limits');
    await page.type('At most in a day (USDC)', '3.000001');
    await page.click('Save the limits');
    const limits = { perDay: '3000001', perSession: '500000', askAbovePerGb: '200000' };
    expect(page.sent).toEqual([{ type: 'payments/set-limits', data: { limits } }]);
    expect(page.text).toContain('The limits are saved.');
  });
});

describe('the servers of the chain', () => {
  test.each(['http://rpc.test', 'rpc.test', 'https://user:pass@rpc.test'])('do not become %s', async (url) => {
    const page = await open({});
    await page.open('wallet/servers');
    await page.type('Address', url);
    await page.click('Save the servers');
    expect(page.trouble).toContain('Give one or two different addresses');
    expect(page.sent).toEqual([]);
  });

  test('are saved, or none for those of the extension', async () => {
    const page = await open({});
    await page.open('wallet/servers');
    await page.click('Save the servers');
    await page.type('Another one, to compare', 'https://two.test');
    await page.type('Address', 'https://one.test');
    await page.click('Save the servers');
    expect(page.sent.map(({ data }) => data)).toEqual([
      { urls: [] },
      { urls: ['https://one.test/', 'https://two.test/'] },
    ]);
  });
});

describe('the history', () => {
  const deposit = { at: 1_795_435_200_000, kind: 'deposit', operator: 'birch', amount: '5000000' } as const;
  const history: PaymentStatus['history'] = [
    { ...deposit, txHash: `0x${'7a'.repeat(32)}` },
    { ...deposit, kind: 'failed', txHash: null },
  ];

  test('leads to the explorer of its network for what has a transaction, and tells the site nothing else', async () => {
    const page = await open({ history, network: { ...FUNDED.network, explorer: 'https://explorer.test' } });
    await page.open('wallet/history');
    expect(page.all('li strong')).toEqual(['Deposit', 'Failed']);
    const links = [...document.querySelectorAll('li a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual([`https://explorer.test/tx/0x${'7a'.repeat(32)}`]);
    expect(links[0]?.getAttribute('rel')).toBe('noreferrer');
  });

  test('leads nowhere where there is no explorer', async () => {
    const page = await open({ history });
    await page.open('wallet/history');
    expect(document.querySelectorAll('li a')).toHaveLength(0);
  });
});

describe('the address to receive at', () => {
  test('is there as text, and as a picture that a camera reads the same', async () => {
    const page = await open({});
    await page.open('wallet/receive');
    expect(page.all('code')).toEqual([ACCOUNT]);
    expect(document.querySelector('svg')?.getAttribute('aria-label')).toContain(ACCOUNT);
    expect(page.text).toContain('Send only USDC on this machine (play money)');
    expect(document.querySelector('svg path')?.getAttribute('d')).toBe(qrPath(ACCOUNT).path);
    expect(decodeQR(drawn(qrPath(ACCOUNT)))).toBe(ACCOUNT);
  });
});

/** The picture as a camera has it: 8 pixels for each unit of the path, and white around. */
function drawn({ size, path }: { size: number; path: string }): { width: number; height: number; data: Uint8Array } {
  const scale = 8;
  const quiet = 4;
  const side = (size + 2 * quiet) * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < scale; row++) {
      for (let column = 0; column < scale; column++) {
        const at = (((Number(y) + quiet) * scale + row) * side + (Number(x) + quiet) * scale + column) * 4;
        data.set([0, 0, 0], at);
      }
    }
  }
  return { width: side, height: side, data };
}
