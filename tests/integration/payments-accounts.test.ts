// Several accounts, and several deposits with one relay, against the real relay and chain: each is paid from where the person chose, and goes back there.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenBalance } from '../../devnet/paying.ts';
import { asAddress, type Hex } from '../../src/core/payment/hex.ts';
import { eventually } from '../support/eventually.ts';
import { startPayerNetwork, type PayerNetwork } from '../support/payer-network.ts';

const MIB = 1_048_576;
const ONE = 1_000_000n;
/** 16 MiB at the relay's price. */
const INCREMENT = 16n * 105n;
const PASSWORD = 'gT7!qLx2#vR9m';
const SMALL = 10_000n;

let network: PayerNetwork;
beforeAll(async () => {
  network = await startPayerNetwork({
    host: '127.0.1.39',
    freeMiBPerDay: 4,
    minDeposit: Number(SMALL),
    leasePorts: [7801, 7802, 7803, 7804],
  });
}, 60_000);
afterAll(async () => {
  await network.close();
});

test('another account pays new deposits, and the old one keeps its own: each is closed by itself', async () => {
  const { chain, download, entry, reports } = network;
  const { startWorker } = network.machine();
  const { wallet, payments, lease, status, book } = startWorker();
  await lease();
  await wallet.create(PASSWORD);
  await wallet.addAccount();
  const open = await wallet.status();
  if (open.is !== 'open') throw new Error('not open');
  const [first, second] = open.accounts.map(({ address }) => asAddress(address)) as [Hex, Hex];
  for (const account of [first, second]) await chain.mint(account, ONE);
  const deposit = async (): Promise<Hex> => {
    const question = await payments.askDeposit(2n * SMALL);
    await payments.confirmDeposit(question.id, false);
    await chain.mine(2);
    await eventually(async () => expect((await status()).channels[0]).toMatchObject({ state: 'open' }));
    return question.channel;
  };
  const old = await deposit();
  await wallet.setPaying(open.accounts[1]!.address);
  expect((await status()).account?.toLowerCase()).toBe(second);
  const fresh = await deposit();
  expect(fresh).not.toBe(old);
  expect((await book()).channels.map(({ config }) => config.payer)).toEqual([first, second]);

  // The newer one pays the session; the older is closed all the same, and nothing of the newer is given away.
  expect(await download(8 * MIB, (await lease())!)).toBe(8 * MIB);
  const { signed } = (await book()).channels[1]!.paid;
  expect(signed).toBeGreaterThan(0n);
  await network.nextPeer();
  await payments.closeChannel(old);
  await chain.mine(1);
  await eventually(async () => expect(await tokenBalance(chain, first)).toBe(ONE));
  expect((await book()).channels).toMatchObject([{ state: 'closed' }, { state: 'open', paid: { signed } }]);
  expect(await download(8 * MIB, (await lease())!)).toBe(8 * MIB);
  await payments.closeChannel(fresh);
  await chain.mine(1);
  await eventually(async () => expect(await tokenBalance(chain, second)).toBeGreaterThan(ONE - 3n * INCREMENT));
  expect(network.abandoned.slice(-2)).toEqual([entry.label, entry.label]);
  expect(reports).toEqual([]);
});

test('from the words alone, on another machine, a deposit is found, goes on from the relay’s last voucher, and its rest comes back', async () => {
  const { chain, download, reports } = network;
  await network.nextPeer();
  const old = network.machine().startWorker();
  await old.lease();
  const words = await old.wallet.create(PASSWORD);
  await old.wallet.addAccount();
  const before = await old.wallet.status();
  if (before.is !== 'open') throw new Error('not open');
  const second = before.accounts[1]!.address;
  await old.wallet.setPaying(second);
  await chain.mint(asAddress(second), ONE);
  const question = await old.payments.askDeposit(2n * SMALL);
  await old.payments.confirmDeposit(question.id, false);
  await chain.mine(2);
  await eventually(async () => expect((await old.status()).channels[0]).toMatchObject({ state: 'open' }));
  expect(await download(24 * MIB, (await old.lease())!)).toBe(24 * MIB);
  network.cutStreams();
  const { signed: last } = (await old.book()).channels[0]!.paid;
  expect(last).toBeGreaterThanOrEqual(INCREMENT);

  await network.nextPeer();
  const fresh = network.machine().startWorker();
  await fresh.wallet.bringIn({ kind: 'words', words: words.join(' ') }, PASSWORD, false);
  const report = await fresh.payments.findChannels({ direct: false, further: false });
  expect(report).toMatchObject({ found: 1, known: 0, isAll: true, asked: 1, answered: 1 });
  // The account came with it, though words bring the first one only.
  expect(await fresh.wallet.status()).toMatchObject({ accounts: before.accounts });
  expect((await fresh.status()).channels).toMatchObject([
    { id: question.channel, state: 'found', found: 'relay', deposited: String(2n * SMALL) },
  ]);
  // Nothing pays by it before the person says so.
  await fresh.lease().catch(() => undefined);
  expect((await fresh.status()).channels).toMatchObject([
    { state: 'found', found: 'ready', payee: { operator: 'alder' } },
  ]);
  expect((await fresh.book()).channels[0]!.paid.signed).toBe(0n);

  await fresh.payments.useChannel(question.channel);
  const taken = (await fresh.book()).channels[0]!;
  expect(taken).toMatchObject({ state: 'open', isFound: true });
  // It goes on from the relay's last voucher, or the one before where that was still on its way; and its first meter may have come.
  const { signed } = taken.paid;
  expect(signed).toBeGreaterThanOrEqual(last - INCREMENT);
  expect(signed).toBeLessThanOrEqual(taken.paid.owed + INCREMENT);
  expect(taken.paid.owed).toBeLessThanOrEqual(last);
  expect(await download(40 * MIB, (await fresh.lease())!)).toBe(40 * MIB);
  const { paid } = (await fresh.book()).channels[0]!;
  expect(paid.signed).toBeGreaterThan(signed);
  expect(paid.signed).toBeLessThanOrEqual(paid.owed + INCREMENT);
  // What was signed on the other machine was that machine's to count.
  expect((await fresh.book()).spending.today).toBeLessThanOrEqual(paid.signed - (last - INCREMENT));
  expect(await fresh.payments.findChannels({ direct: false, further: false })).toMatchObject({ found: 0, known: 1 });

  await fresh.payments.closeChannel(question.channel);
  await chain.mine(1);
  const cost = 64n * 105n;
  await eventually(async () => expect(await tokenBalance(chain, asAddress(second))).toBeGreaterThan(ONE - 2n * cost));
  expect(await tokenBalance(chain, asAddress(second))).toBeLessThanOrEqual(ONE - cost + INCREMENT);
  expect(reports).toEqual([]);
});
