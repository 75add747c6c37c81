// What activity is told of money: each voucher by what it promises more than the last one, when it is stored, and nothing of what was refused.

import { expect, test } from 'vitest';
import { createPaymentStore } from '../../../../background/payments/payment-store.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { newChannel } from '../../../../src/core/session/payer-channel.ts';
import { bookChannel } from '../../../../src/core/session/payment-book.ts';
import { createCells } from '../../../../src/platform/storage.ts';
import { FakeBrowser } from '../../../support/fakes/browser.ts';
import { QUESTION } from '../../../support/payment-values.ts';

const ID: Hex = `0x${'c4'.repeat(32)}`;

test('vouchers are told as they grow, and those that the limits refuse are not', async () => {
  const browser = new FakeBrowser();
  const spent: bigint[] = [];
  const cells = createCells(browser.areas);
  const store = createPaymentStore({ cells, clock: browser.clock, spent: (amount) => spent.push(amount) });
  const channel = newChannel(ID, QUESTION.config);
  const about = { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open' } as const;
  await store.change((book) => ({ ...book, channels: [bookChannel(channel, about)] }));
  const book = store.of({ peer: 'p', network: 'devnet' });
  const promise = (sum: bigint | undefined) => book.promise(ID, (now) => ({ channel: now, sum }), 0n);
  for (const sum of [300n, 300n, undefined, 1_000n, 900n]) await promise(sum);
  expect(spent).toEqual([300n, 700n]);
  // Beyond the day's limit of $1.
  expect((await promise(1_000_001n)).is).toBe('refuse');
  // Another start of the browser: the limit of the session begins anew, and the sum of a voucher does not.
  await store.change((now) => ({ ...now, spending: { ...now.spending, session: 0n } }));
  await promise(1_500n);
  expect(spent).toEqual([300n, 700n, 500n]);
});
