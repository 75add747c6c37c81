// @vitest-environment happy-dom
// What the person reads is what the wallet signs: the popup's question against the worker's own deposits, rail and wallet, and the signature
// against the words on the screen.

import { verifyTypedData } from 'ethers/hash';
import { expect, test } from 'vitest';
import { createDeposits } from '../../../background/payments/deposits.ts';
import { createPaymentStore } from '../../../background/payments/payment-store.ts';
import type { Session, Sessions } from '../../../background/payments/sessions.ts';
import { showTime } from '../../../popup/times.ts';
import { createPaymentRail } from '../../../src/chain/payment-rail.ts';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import { withChannel, type BookChannel } from '../../../src/core/session/payment-book.ts';
import type { WireDeposit } from '../../../src/core/wire/session-parts.ts';
import { createCells } from '../../../src/platform/storage.ts';
import { NO_PAYMENTS } from '../../support/payment-values.ts';
import { PopupPage } from '../../support/popup-page.tsx';
import { PASSWORD } from '../../support/wallet.ts';

const { title, chainId, token, collector } = NETWORKS.devnet;
const RECEIVER = `0x${'bb'.repeat(20)}` as const;
const AMOUNT = 2_345_678n;

const TYPES = {
  ReceiveWithAuthorization: [
    ...[
      { name: 'from', type: 'address' },
      { name: 'to', type: 'address' },
      { name: 'value', type: 'uint256' },
    ],
    ...[
      { name: 'validAfter', type: 'uint256' },
      { name: 'validBefore', type: 'uint256' },
      { name: 'nonce', type: 'bytes32' },
    ],
  ],
};

function field(name: string): string {
  return document.querySelector(`.struct [data-field=${name}] dd`)?.textContent ?? '';
}

test('the wallet signs exactly the fields that were on the screen, and none before the click', async () => {
  const page = new PopupPage();
  const { browser, wallet } = page.world;
  // A time that people have: what is good from the epoch on is drawn as "at once".
  browser.now = Date.UTC(2030, 0, 1);
  await page.world.ask('wallet/create', { password: PASSWORD });
  const signed: WireDeposit[] = [];
  const ahead: WireDeposit[] = [];
  const session = {
    ...{ peer: 'k51birch', operator: 'birch', port: 443, isPaid: false, freeBytes: 0n },
    terms: { receiver: RECEIVER, token: token.address, withdrawDelay: 86_400, minDeposit: 1_000_000n },
  } as unknown as Session;
  const cells = createCells({ local: browser.areas.local, session: browser.areas.session });
  const store = createPaymentStore({ cells, clock: browser.clock });
  const deposits = createDeposits({
    ...{ store, wallet, clock: browser.clock },
    sessions: {
      of: () => session,
      deposit: async (_session: unknown, { id }: BookChannel, deposit: WireDeposit) => {
        signed.push(deposit);
        // The relay has it at once: another may follow.
        await store.change((book) => withChannel(book, id, (channel) => ({ ...channel, deposit: undefined })));
      },
    } as unknown as Sessions,
    chance: { draw: () => 0.5, bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    network: async () => 'devnet',
    rail: async () => createPaymentRail({ network: 'devnet', fetch: () => Promise.reject(new Error('no network')) }),
    servers: async () => [],
    seal: async (_, { signature, ...deposit }) => {
      ahead.push({ ...deposit, signature });
      return { ...deposit, sealed: { iv: '00'.repeat(12), ct: '00'.repeat(81) } };
    },
  });
  page.payments = { ...NO_PAYMENTS, network: { ...NO_PAYMENTS.network, title, chainId } };
  page.answers['payments/ask-deposit'] = ({ amount }: { amount: string }) => deposits.ask(session, BigInt(amount));
  page.answers['payments/confirm-deposit'] = ({ id, renew }: { id: string; renew: boolean }) =>
    deposits.confirm(id, renew).then(() => true);

  await page.open('wallet/deposit');
  await page.type('Amount', '2.345678');
  await page.click('Show what will be signed');
  expect(page.trouble).toBe('');
  // Times are on the screen in words; all else is taken from there.
  const { validAfter, validBefore } = deposits.question()!.message;
  expect([field('validAfter'), field('validBefore')]).toEqual([validAfter, validBefore].map((s) => showTime(s * 1000)));
  const times = { validAfter, validBefore };
  const shown = { from: field('from'), to: field('to'), value: AMOUNT, ...times, nonce: field('nonce') };
  expect(field('value')).toBe('2.345678 USDC');
  expect(field('to').toLowerCase()).toBe(collector);
  expect(field('receiver')).toBe(RECEIVER);
  expect(field('network')).toBe(`${title} (chain ${chainId})`);
  expect(field('token')).toContain(token.address);
  expect(signed).toEqual([]);

  await page.click('Renew it once by itself when a fifth is left');
  const later = (name: string): string =>
    document.querySelector(`.struct-ahead [data-field=${name}] dd`)?.textContent ?? '';
  const aheadTimes = { validAfter, validBefore: deposits.question()!.renewal!.message.validBefore };
  expect(later('validBefore')).toBe(showTime(aheadTimes.validBefore * 1000));
  expect(later('value')).toBe('1.00 USDC');
  const shownAhead = { from: later('from'), to: later('to'), value: 1_000_000n, ...aheadTimes, nonce: later('nonce') };
  await page.click('Sign both and deposit');
  expect(page.sent.at(-1)?.type).toBe('payments/confirm-deposit');
  expect(page.trouble).toBe('');
  expect(signed).toHaveLength(1);
  expect(signed[0]?.amount).toBe(AMOUNT);
  const domain = { ...token.domain, chainId, verifyingContract: token.address };
  expect(ahead).toHaveLength(1);
  expect(verifyTypedData(domain, TYPES, shownAhead, ahead[0]!.signature).toLowerCase()).toBe(shown.from.toLowerCase());
  expect(verifyTypedData(domain, TYPES, shown, signed[0]!.signature).toLowerCase()).toBe(shown.from.toLowerCase());

  // Without the tick nothing is signed ahead, though the question offers it.
  await page.open('wallet/deposit');
  await page.type('Amount', '3');
  await page.click('Show what will be signed');
  await page.click('Sign and deposit');
  expect(signed.map(({ amount }) => amount)).toEqual([AMOUNT, 3_000_000n]);
  expect(ahead).toHaveLength(1);
});
