// A top-up that was signed ahead, in the worker: sealed at rest, used once, and gone when the channel is given up or the device is another one.

import { beforeEach, expect, test } from 'vitest';
import { createMoneyBack } from '../../../../background/payments/money-back.ts';
import { createPaymentStore, type PaymentStore } from '../../../../background/payments/payment-store.ts';
import { createRenewals, type Renewals } from '../../../../background/payments/renewals.ts';
import type { Session } from '../../../../background/payments/sessions.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { newChannel, withDeposit } from '../../../../src/core/session/payer-channel.ts';
import { bookChannel, type BookChannel } from '../../../../src/core/session/payment-book.ts';
import { PaymentError } from '../../../../src/core/payment/payment-error.ts';
import type { WireDeposit } from '../../../../src/core/wire/session-parts.ts';
import { createDeviceSeal, makeDeviceKey } from '../../../../src/platform/device-seal.ts';
import { createCells } from '../../../../src/platform/storage.ts';
import { FakeBrowser } from '../../../support/fakes/browser.ts';
import { QUESTION } from '../../../support/payment-values.ts';

const ID: Hex = `0x${'c4'.repeat(32)}`;
const SIGNED: WireDeposit = {
  ...{ amount: 700_000n, validAfter: 0, validBefore: 2 ** 40, salt: `0x${'9e'.repeat(32)}` },
  signature: `0x${'5e'.repeat(65)}`,
};

let browser: FakeBrowser;
let store: PaymentStore;
let renewals: Renewals;
let sent: WireDeposit[];
let ended: number;
const terms = { receiver: QUESTION.config.receiver };
const payer = { close: () => Promise.reject(new PaymentError('unavailable', 'the relay')) };
const session = { peer: 'p', operator: 'o', network: 'devnet', terms, payer } as unknown as Session;

function start(key = makeDeviceKey()): void {
  store = createPaymentStore({ cells: createCells(browser.areas), clock: browser.clock });
  renewals = createRenewals({
    ...{ store, clock: browser.clock, seal: createDeviceSeal({ read: () => key }) },
    sessions: { of: () => session, deposit: async (_, __, deposit) => void sent.push(deposit) },
  });
}

async function keep(change: Partial<BookChannel> = {}): Promise<void> {
  const renewal = await renewals.sealed(ID, SIGNED);
  const channel = newChannel(ID, QUESTION.config);
  const held = { ...channel, funds: { ...channel.funds, safe: 1_000_000n }, lastDeposit: 1_000_000n };
  const about = { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open', renewal } as const;
  const paid = { signed: 850_000n, owed: 850_000n };
  await store.change((book) => ({ ...book, channels: [bookChannel({ ...held, paid }, { ...about, ...change })] }));
}

const channel = async (): Promise<BookChannel> => (await store.read()).channels[0]!;

beforeEach(() => {
  browser = new FakeBrowser();
  sent = [];
  ended = 0;
  start();
});

test('is sent as it was signed, once, however often the engine says that the channel is low', async () => {
  await keep();
  await Promise.all([renewals.low(session), renewals.low(session)]);
  await renewals.low(session);
  expect(sent).toEqual([SIGNED]);
  expect(await channel()).toMatchObject({ deposit: SIGNED, renewal: undefined, funds: { unsafe: 700_000n } });
});

test('is stored as the channel’s deposit before it is sent: a worker that dies between the two shows it again', async () => {
  await keep();
  let atSending: BookChannel | undefined;
  renewals = createRenewals({
    ...{ store, clock: browser.clock, seal: createDeviceSeal({ read: () => key }) },
    sessions: { of: () => session, deposit: async () => void (atSending = await channel()) },
  });
  const key = makeDeviceKey();
  await keep();
  await renewals.low(session);
  expect(atSending?.deposit).toEqual(SIGNED);
});

test('is not to be read where it is stored', async () => {
  await keep();
  const stored = JSON.stringify([...browser.stored.local]);
  expect(stored).toContain(SIGNED.salt);
  expect(stored).not.toContain('5e'.repeat(32));
});

test('is dropped on another device, and the person is asked there', async () => {
  await keep();
  start();
  await renewals.low(session);
  expect(sent).toEqual([]);
  expect((await channel()).renewal).toBeUndefined();
});

test('cannot be put in the place of another channel’s', async () => {
  const elsewhere = await renewals.sealed(`0x${'c5'.repeat(32)}`, SIGNED);
  await keep({ renewal: elsewhere });
  await renewals.low(session);
  expect(sent).toEqual([]);
});

test('is dropped when the person ends it, and nothing is sent then', async () => {
  await keep();
  await renewals.end(ID);
  await renewals.low(session);
  expect(sent).toEqual([]);
  expect((await channel()).renewal).toBeUndefined();
});

test('waits where a limit was lowered, and is used when it is raised again', async () => {
  await keep();
  await store.change((book) => ({ ...book, limits: { ...book.limits, perDay: 699_999n } }));
  await renewals.low(session);
  expect(sent).toEqual([]);
  await store.change((book) => ({ ...book, limits: { ...book.limits, perDay: 700_000n } }));
  await renewals.low(session);
  expect(sent).toEqual([SIGNED]);
});

test.each(['closeChannel', 'withdraw'] as const)(
  'is dropped before %s asks for the rest, even if that fails',
  async (way) => {
    await keep();
    const moneyBack = createMoneyBack({
      ...{ clock: browser.clock, store, endRenewal: renewals.end },
      sessions: { payBy: async () => session, end: () => void (ended += 1) },
      wallet: {
        status: async () => ({
          ...{ is: 'open', accounts: [{ address: QUESTION.config.payer, kind: 'derived' }] },
          ...{ paying: QUESTION.config.payer, isConfirmed: true, asked: [], locksAt: 0, wasRestored: false },
        }),
        useKey: () => Promise.reject(new PaymentError('unavailable', 'the chain')),
      },
      rail: async () => ({}) as never,
      rpcs: async () => [],
      isCovered: () => true,
      abandon: async () => undefined,
    });
    await expect(moneyBack[way](ID)).rejects.toThrow('unavailable');
    expect((await channel()).renewal).toBeUndefined();
    await renewals.low(session);
    expect(sent).toEqual([]);
  },
);

test('is shown again a minute later where the relay is busy, and counts once', async () => {
  await keep();
  const key = makeDeviceKey();
  let busy = 2;
  renewals = createRenewals({
    ...{ store, clock: browser.clock, seal: createDeviceSeal({ read: () => key }) },
    sessions: {
      of: () => session,
      deposit: async (_, { id }, deposit) => {
        await store.of({ peer: 'p', network: 'devnet' }).change(id, (now) => withDeposit(now, deposit));
        if (busy-- > 0) throw new PaymentError('rate_limited', 'deposits');
        sent.push(deposit);
      },
    },
  });
  await keep();
  const done = renewals.low(session);
  while (sent.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    browser.elapse(60_000);
  }
  await done;
  expect(sent).toEqual([SIGNED]);
  expect((await channel()).funds.unsafe).toBe(700_000n);
});
