// Several accounts, and several deposits with one relay, against the real relay and chain: each is paid from where the person chose, and goes back there.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { tokenBalance } from '../../devnet/paying.ts';
import { asAddress, type Hex } from '../../src/core/payment/hex.ts';
import { startPayerNetwork, type PayerNetwork } from '../support/payer-network.ts';

const MIB = 1_048_576;
const ONE = 1_000_000n;
/** 16 MiB at the relay's default price. */
const INCREMENT = 16n * 105n;
const PASSWORD = 'gT7!qLx2#vR9m';
const SMALL = 10_000n;

let network: PayerNetwork;
beforeAll(async () => {
  network = await startPayerNetwork({
    host: '127.0.1.39',
    freeMiBPerDay: 4,
    minDeposit: Number(SMALL),
    leasePorts: [7801, 7802],
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
    await vi.waitFor(async () => expect((await status()).channels[0]).toMatchObject({ state: 'open' }));
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
  await vi.waitFor(async () => expect(await tokenBalance(chain, first)).toBe(ONE));
  expect((await book()).channels).toMatchObject([{ state: 'closed' }, { state: 'open', paid: { signed } }]);
  expect(await download(8 * MIB, (await lease())!)).toBe(8 * MIB);
  await payments.closeChannel(fresh);
  await chain.mine(1);
  await vi.waitFor(async () => expect(await tokenBalance(chain, second)).toBeGreaterThan(ONE - 3n * INCREMENT));
  expect(network.abandoned.slice(-2)).toEqual([entry.label, entry.label]);
  expect(reports).toEqual([]);
}, 60_000);
