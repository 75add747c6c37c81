// Looking for money in the worker, with the real wallet and a chain that says what the test wants: who is asked, whose channels come into the book, and with which key.

import { beforeEach, describe, expect, test } from 'vitest';
import { createFindChannels, type FindChannels } from '../../../../background/payments/find-channels.ts';
import { createPaymentStore, type PaymentStore } from '../../../../background/payments/payment-store.ts';
import type { Session } from '../../../../background/payments/sessions.ts';
import { createPaymentRail } from '../../../../src/chain/payment-rail.ts';
import { asAddress, type Hex } from '../../../../src/core/payment/hex.ts';
import type { ChannelConfig } from '../../../../src/core/payment/channel.ts';
import { PaymentError } from '../../../../src/core/payment/payment-error.ts';
import type { ChainChannel, PaymentRail } from '../../../../src/ports/payment-rail.ts';
import { createCells } from '../../../../src/platform/storage.ts';
import { QUESTION } from '../../../support/payment-values.ts';
import { PASSWORD, WalletWorld } from '../../../support/wallet.ts';

const ABANDON = `${'abandon '.repeat(11)}about`;
const FIRST = asAddress('0x9858EfFD232B4033E47d90003D41EC34EcaEda94');
const idOf = (index: number): Hex => `0x${index.toString(16).padStart(64, '0')}`;
const { receiver } = QUESTION.config;

let world: WalletWorld;
let store: PaymentStore;
let find: FindChannels;
let real: PaymentRail;
let asked: { payers: readonly Hex[]; before: bigint | undefined }[];
let onChain: { id: Hex; config: ChannelConfig; state: ChainChannel }[];
let covered: boolean;
let sessions: Session[];
let paidBy: Hex[];
let refuses: PaymentError | undefined;

beforeEach(async () => {
  world = new WalletWorld();
  await world.ask('wallet/import', { source: { kind: 'words', words: ABANDON }, password: PASSWORD, replace: false });
  [asked, onChain, covered, sessions, paidBy, refuses] = [[], [], true, [], [], undefined];
  store = createPaymentStore({ cells: createCells(world.browser.areas), clock: world.browser.clock });
  real = createPaymentRail({ network: 'devnet', fetch: () => Promise.reject(new Error('no network')) });
  const rail: PaymentRail = {
    ...real,
    checkServers: async () => undefined,
    findChannels: async (look) => {
      asked.push(look);
      return { channels: onChain, from: 700n, since: 5_000, answered: 2 };
    },
    channel: async (id) => onChain.find((each) => each.id === id)!.state,
  };
  find = createFindChannels({
    ...{ store, wallet: world.wallet, isCovered: () => covered },
    ...{
      network: async () => 'devnet',
      rail: async () => rail,
      rpcs: async () => ['https://a.test', 'https://b.test'],
    },
    sessions: {
      all: () => sessions,
      payBy: async ({ id }) => {
        if (refuses !== undefined) throw refuses;
        paidBy.push(id);
        return sessions[0]!;
      },
    },
  });
});

async function put(
  index: number,
  change: Partial<ChannelConfig> = {},
  state: Partial<ChainChannel> = {},
): Promise<void> {
  const key = await world.wallet.sessionKey(index);
  onChain.push({
    id: idOf(index),
    config: { ...QUESTION.config, payer: FIRST, payerAuthorizer: real.signerOf(key), ...change },
    state: { balance: 5_000n, totalClaimed: 900n, pendingWithdrawal: 0n, initiatedAt: 0n, ...state },
  });
}

const look = (further = false) => find.findChannels({ direct: false, further });
const channels = async () => (await store.read()).channels;

describe('a look', () => {
  test('asks about the accounts there are and the next three, and goes on where the last one ended', async () => {
    await look();
    await look(true);
    await look();
    const [{ payers }] = asked as [(typeof asked)[number]];
    expect(payers).toHaveLength(4);
    expect(payers.slice(0, 2)).toEqual([FIRST, asAddress('0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0')]);
    expect(asked.map(({ before }) => before)).toEqual([undefined, 700n, undefined]);
  });

  test('asks nobody without a circuit, unless the person says so, nor with the wallet locked', async () => {
    covered = false;
    await expect(look()).rejects.toMatchObject({ code: 'payment-no-circuit' });
    expect(asked).toEqual([]);
    await find.findChannels({ direct: true, further: false });
    expect(asked).toHaveLength(1);
    await world.ask('wallet/lock', {});
    await expect(look()).rejects.toMatchObject({ code: 'wallet-locked' });
  });

  test('takes what has money left into the book, with the number of its key, and raises the next number', async () => {
    await put(11);
    await put(3, {}, { balance: 900n });
    expect(await look()).toEqual({ found: 1, known: 1, since: 5_000, isAll: false, asked: 2, answered: 2 });
    expect(await channels()).toMatchObject([
      { id: idOf(11), key: 11, state: 'found', peer: '', paid: { signed: 900n, owed: 900n }, isFound: true },
    ]);
    expect((await store.read()).nextKey).toBe(12);
    expect(await look()).toMatchObject({ found: 1 });
    expect(await channels()).toHaveLength(1);
  });

  test('brings the account with it that paid, so that the rest can come back there', async () => {
    const payer = asAddress((await world.wallet.nextAddresses(3))[1]);
    await put(0, { payer });
    await look();
    const status = await world.wallet.status();
    if (status.is !== 'open') throw new Error('not open');
    expect(status.accounts.map(({ address }) => asAddress(address)).at(-1)).toBe(payer);
    expect(status.accounts).toHaveLength(3);
    expect(asAddress(status.paying)).toBe(FIRST);
  });

  test('of a channel whose key is another wallet’s shows it, to be taken back only', async () => {
    await put(0, { payerAuthorizer: `0x${'13'.repeat(20)}` });
    await look();
    expect(await channels()).toMatchObject([{ key: undefined, state: 'found' }]);
    await expect(find.useChannel(idOf(0))).rejects.toMatchObject({ code: 'payment-not-now' });
  });

  test('passes by what could give somebody else the right to refund', async () => {
    await put(0, { receiverAuthorizer: `0x${'13'.repeat(20)}` });
    expect(await look()).toMatchObject({ found: 0 });
    expect(await channels()).toEqual([]);
  });

  test('knows the relay that is connected, by the address that it is paid at', async () => {
    sessions = [{ peer: 'k51birch', operator: 'birch', terms: { receiver } } as Session];
    await put(0);
    await put(1, { receiver: FIRST, receiverAuthorizer: FIRST });
    await look();
    expect(await channels()).toMatchObject([{ peer: 'k51birch', operator: 'birch' }, { peer: '' }]);
  });
});

describe('a found channel', () => {
  test('is used when its relay has shown what it has of it, and stands last then: it pays', async () => {
    await put(0);
    await put(1);
    await look();
    refuses = new PaymentError('withdraw_pending', 'a withdrawal was begun');
    await expect(find.useChannel(idOf(0))).rejects.toThrow('withdraw_pending');
    expect((await channels()).every(({ state }) => state === 'found')).toBe(true);
    refuses = undefined;
    await find.useChannel(idOf(0));
    expect(paidBy).toEqual([idOf(0)]);
    expect((await channels()).map(({ id, state }) => [id, state])).toEqual([
      [idOf(1), 'found'],
      [idOf(0), 'open'],
    ]);
    await expect(find.useChannel(idOf(0))).rejects.toMatchObject({ code: 'payment-not-now' });
    await expect(find.useChannel(idOf(5))).rejects.toMatchObject({ code: 'payment-no-channel' });
  });
});
