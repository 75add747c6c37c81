// What a relay that ends a channel without showing a refund makes of the rest: it has given it back before, or it lies.

import { beforeEach, expect, test } from 'vitest';
import { createMoneyBack, type MoneyBack } from '../../../../background/payments/money-back.ts';
import { createPaymentStore, type PaymentStore } from '../../../../background/payments/payment-store.ts';
import type { Session } from '../../../../background/payments/sessions.ts';
import { ChainError } from '../../../../src/chain/rail/chain-error.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { newChannel } from '../../../../src/core/session/payer-channel.ts';
import { bookChannel, type PaymentBook } from '../../../../src/core/session/payment-book.ts';
import type { ChainChannel } from '../../../../src/ports/payment-rail.ts';
import { createCells } from '../../../../src/platform/storage.ts';
import { FakeBrowser } from '../../../support/fakes/browser.ts';
import { QUESTION } from '../../../support/payment-values.ts';

const ID: Hex = `0x${'c4'.repeat(32)}`;
const PUT_IN = 1_000_000n;
const SIGNED = 300_000n;
/** Claimed, and the rest refunded. */
const GIVEN_BACK = { balance: 250_000n, totalClaimed: 250_000n };
const KEPT = { balance: PUT_IN, totalClaimed: 250_000n };

let store: PaymentStore;
let moneyBack: MoneyBack;
let chain: Partial<ChainChannel> | ChainError;
let isCovered: boolean;
let asked: number;
let refund: { amount: bigint } | undefined;
const payer = { close: () => Promise.resolve({ type: 'closed', channelId: ID, refund }) };
const session = { peer: 'p', operator: 'o', payer } as unknown as Session;

const book = (): Promise<PaymentBook> => store.read();
const state = async (): Promise<unknown> => (await book()).channels[0]!.state;

beforeEach(async () => {
  const browser = new FakeBrowser();
  store = createPaymentStore({ cells: createCells(browser.areas), clock: browser.clock });
  const channel = newChannel(ID, QUESTION.config);
  const paid = { signed: SIGNED, owed: SIGNED };
  const held = { ...channel, paid, funds: { ...channel.funds, safe: PUT_IN }, lastDeposit: PUT_IN };
  const about = { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open', renewal: undefined } as const;
  await store.change((empty) => ({ ...empty, channels: [bookChannel(held, about)] }));
  isCovered = true;
  refund = undefined;
  asked = 0;
  moneyBack = createMoneyBack({
    ...{ clock: browser.clock, store, isCovered: () => isCovered },
    endRenewal: () => Promise.resolve(),
    sessions: { payBy: () => Promise.resolve(session), end: () => undefined },
    wallet: {
      status: () => Promise.reject(new Error('not asked')),
      useKey: () => Promise.reject(new Error('not asked')),
    },
    rail: async () =>
      ({
        checkRefund: () => undefined,
        channel: () => {
          asked += 1;
          return chain instanceof Error ? Promise.reject(chain) : Promise.resolve(chain);
        },
      }) as never,
    rpcs: async () => ['http://one.test'],
    abandon: async () => undefined,
  });
});

test('what the chain shows to be back is written down as that, and the channel is closed', async () => {
  chain = GIVEN_BACK;
  await moneyBack.closeChannel(ID);
  expect(await state()).toBe('closed');
  expect((await book()).history).toMatchObject([{ kind: 'refund', amount: 750_000n }]);
});

test.each<[string, () => void]>([
  ['the chain shows that it is still there', () => (chain = KEPT)],
  ['the relay signs for a part of it alone', () => ([refund, chain] = [{ amount: 1n }, KEPT])],
  ['the chain does not answer', () => (chain = new ChainError('unreachable', 'no answer'))],
  ['no circuit is up to ask the chain by', () => (isCovered = false)],
])('%s: it stays in sight, is not called back, and pays no more', async (_, arrange) => {
  chain = GIVEN_BACK;
  arrange();
  await expect(moneyBack.closeChannel(ID)).rejects.toMatchObject({ code: 'payment-no-refund' });
  expect((await book()).channels).toMatchObject([{ state: 'open', everWithdrew: true }]);
  expect((await book()).history).toEqual([]);
  expect(asked).toBe(isCovered ? 1 : 0);
});

test('a refund of all that is not signed for is taken by the relay’s signature, and nobody else is asked', async () => {
  refund = { amount: PUT_IN - SIGNED };
  await moneyBack.closeChannel(ID);
  expect(await state()).toBe('closed');
  expect((await book()).history).toMatchObject([{ kind: 'refund', amount: PUT_IN - SIGNED }]);
  expect(asked).toBe(0);
});

test('a deposit that never came to be is missed by nobody: the refund is what the chain has left', async () => {
  refund = { amount: 100_000n };
  chain = { balance: SIGNED + 100_000n, totalClaimed: 0n };
  await moneyBack.closeChannel(ID);
  expect((await book()).history).toMatchObject([{ kind: 'refund', amount: 100_000n }]);
});

test('asked again, the chain alone is asked: closed as soon as it shows that the rest is back', async () => {
  chain = KEPT;
  await expect(moneyBack.closeChannel(ID)).rejects.toMatchObject({ code: 'payment-no-refund' });
  await expect(moneyBack.closeChannel(ID)).rejects.toMatchObject({ code: 'payment-no-refund' });
  chain = GIVEN_BACK;
  await moneyBack.closeChannel(ID);
  expect(await state()).toBe('closed');
  expect((await book()).history).toMatchObject([{ kind: 'refund', amount: 750_000n }]);
});
