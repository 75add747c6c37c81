// The worker's payments against a real relay: its wallet, its book, libp2p, a relay with a ledger, and the devnet's chain. From the free quota over a deposit and a
// worker that dies to the money back; and what a person signed ahead, used while the wallet is locked.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { asAddress } from '../../src/core/payment/hex.ts';
import type { BookChannel } from '../../src/core/session/payment-book.ts';
import { decodeCell } from '../../src/core/state/cell.ts';
import { paymentsCell } from '../../src/core/state/cells.ts';
import { eventually } from '../support/eventually.ts';
import type { FakeBrowser } from '../support/fakes/browser.ts';
import { startPayerNetwork, type PayerNetwork } from '../support/payer-network.ts';

const MIB = 1_048_576;
const ONE = 1_000_000n;
/** 16 MiB at $0.11 a gigabyte. */
const INCREMENT = 16n * 105n;
const PASSWORD = 'gT7!qLx2#vR9m';
/** 95 MiB at that price: some increments, so that a fifth of it is reached in a test. */
const SMALL = 10_000n;

let network: PayerNetwork;
beforeAll(async () => {
  network = await startPayerNetwork({
    host: '127.0.1.38',
    freeMiBPerDay: 8,
    minDeposit: Number(SMALL),
    leasePorts: [7801, 7802, 7803],
  });
}, 60_000);
afterAll(async () => {
  await network.close();
});

/** Whatever dies after any of its writes: a channel without its deposit could neither be paid by nor be filled. */
function countHalfChannels({ stored: { local } }: FakeBrowser): () => number {
  const isHalf = ({ deposit, funds }: BookChannel): boolean =>
    deposit === undefined && funds.safe + funds.unsafe === 0n;
  const set = local.set.bind(local);
  let half = 0;
  local.set = (key, value) => {
    if (key === paymentsCell.key) half += decodeCell(paymentsCell, value).value.channels.filter(isHalf).length;
    return set(key, value);
  };
  return () => half;
}

test('from the free quota over a deposit, vouchers and a worker’s death to the money back', async () => {
  const { chain, key, entry, download, abandoned, reports } = network;
  const { startWorker, browser } = network.machine();
  const half = countHalfChannels(browser);
  const first = startWorker();
  const free = await first.lease();
  expect(free).toBeGreaterThan(0);
  expect(await download(MIB, free!)).toBe(MIB);
  expect((await first.status()).entry).toMatchObject({ operator: 'alder', freeBytes: 8 * MIB });

  await first.wallet.create(PASSWORD);
  const { account } = await first.status();
  await expect(first.payments.askDeposit(2n * ONE)).rejects.toMatchObject({ code: 'payment-no-funds' });
  await chain.mint(asAddress(account), 10n * ONE);
  await expect(first.payments.askDeposit(1n)).rejects.toMatchObject({ code: 'min_deposit' });

  const question = await first.payments.askDeposit(2n * ONE);
  expect(question).toMatchObject({
    ...{ amount: '2000000', isTopUp: false, payee: { peer: entry.label }, symbol: 'USDC' },
    message: { from: asAddress(account), value: '2000000' },
    config: { receiver: key.address, payer: asAddress(account) },
  });
  await expect(first.payments.confirmDeposit('0'.repeat(32), false)).rejects.toMatchObject({
    code: 'payment-no-question',
  });
  await first.payments.confirmDeposit(question.id, false);
  await expect(first.payments.confirmDeposit(question.id, false)).rejects.toMatchObject({
    code: 'payment-no-question',
  });
  await chain.mine(2);
  await eventually(async () => {
    const { channels, history } = await first.status();
    expect(channels).toMatchObject([{ id: question.channel, state: 'open', deposited: '2000000' }]);
    expect(history).toMatchObject([{ kind: 'deposit', amount: '2000000' }]);
  });

  const port = await first.lease();
  expect(await download(40 * MIB, port!)).toBe(40 * MIB);
  const { signed } = (await first.book()).channels[0]!.paid;
  expect(signed).toBeGreaterThanOrEqual(32n * 105n);
  expect((await first.book()).spending.today).toBe(signed);

  // The worker is gone, with its stream; the wallet is locked for the next one.
  await first.wallet.lock();
  network.cutStreams();
  const second = startWorker();
  const again = await second.lease();
  expect(await download(40 * MIB, again!)).toBe(40 * MIB);
  const channel = (await second.book()).channels[0]!;
  expect(channel.paid.signed).toBeGreaterThan(signed);
  expect(channel.paid.signed).toBeLessThanOrEqual(channel.paid.owed + INCREMENT);
  expect((await second.status()).problem).toBeNull();

  const beforeClose = browser.stored.local.get(paymentsCell.key);
  await second.payments.closeChannel(question.channel);
  const { channels, history } = await second.status();
  expect(channels).toMatchObject([{ state: 'closed', left: '0' }]);
  const refund = history.find(({ kind }) => kind === 'refund');
  // What was paid is what came through, and the relay gave the rest back.
  const paid = 2n * ONE - BigInt(refund!.amount);
  const cost = 80n * 105n;
  expect(paid).toBeGreaterThanOrEqual(cost - INCREMENT);
  expect(paid).toBeLessThanOrEqual(cost + cost / 20n + INCREMENT);
  expect(abandoned).toEqual([entry.label]);
  expect(reports).toEqual([]);
  expect(half()).toBe(0);

  // A worker that died before it had that on the disk: the next one hears of it when it comes for a lease, and has no channel any more.
  browser.stored.local.set(paymentsCell.key, beforeClose);
  await network.nextPeer();
  const third = startWorker();
  expect((await third.status()).channels).toMatchObject([{ state: 'open' }]);
  await expect(third.lease()).rejects.toMatchObject({ code: 'withdraw_pending' });
  expect((await third.status()).channels).toMatchObject([{ state: 'closed', left: '0' }]);
  // What is left of the free quota.
  expect(await third.lease()).toBeGreaterThan(0);

  // Or when the person asks for the rest once more: it has come back, and that is no failure.
  browser.stored.local.set(paymentsCell.key, beforeClose);
  await network.nextPeer();
  const fourth = startWorker();
  await fourth.payments.closeChannel(question.channel);
  const closedAgain = await fourth.status();
  expect(closedAgain.channels).toMatchObject([{ state: 'closed', left: '0' }]);
  expect(closedAgain.history.filter(({ kind }) => kind === 'refund')).toMatchObject([{ amount: refund!.amount }]);
});

test('what was signed ahead is used when a fifth is left, with the wallet locked, and the download goes on', async () => {
  const { chain, download, entry, reports } = network;
  await network.nextPeer();
  const { startWorker, browser } = network.machine();
  const worker = startWorker();
  await worker.lease();
  await worker.wallet.create(PASSWORD);
  const { account } = await worker.status();
  await chain.mint(asAddress(account), 10n * ONE);
  const question = await worker.payments.askDeposit(SMALL);
  expect(question.renewal).toMatchObject({ amount: String(SMALL), message: { value: String(SMALL) } });
  await worker.payments.confirmDeposit(question.id, true);
  await chain.mine(2);
  await eventually(async () => expect((await worker.status()).channels[0]?.state).toBe('open'));
  const [channel] = (await worker.status()).channels;
  expect(channel).toMatchObject({ deposited: String(SMALL), renewal: { amount: String(SMALL) } });
  await worker.wallet.lock();
  // At rest it is under the key of the device: the signature that moves the money is not to be read.
  const stored = (await worker.book()).channels[0]!.renewal!;
  expect(stored).not.toHaveProperty('signature');
  expect(JSON.stringify([...browser.stored.local])).toContain(stored.sealed.ct);

  const bytes = 150 * MIB;
  expect(await download(bytes, (await worker.lease())!)).toBe(bytes);
  await chain.mine(2);
  await eventually(async () => {
    const { channels, history } = await worker.status();
    expect(channels).toMatchObject([{ id: question.channel, deposited: String(2n * SMALL), renewal: null }]);
    expect(history.map(({ kind }) => kind)).toEqual(['renewal', 'deposit']);
  });
  const book = await worker.book();
  expect(book.renewed.today).toBe(SMALL);
  expect(book.channels[0]!.paid.signed).toBeLessThanOrEqual(book.channels[0]!.paid.owed + INCREMENT);
  // It was once: the next time the person is asked.
  expect(await download(20 * MIB, (await worker.lease())!)).toBe(20 * MIB);
  await eventually(async () => {
    expect((await worker.status()).low).toMatchObject({ payee: { peer: entry.label }, isTopUp: true });
  });
  expect((await worker.book()).renewed.today).toBe(SMALL);
  expect(reports).toEqual([]);
});
