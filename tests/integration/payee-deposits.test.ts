// Deposits on the devnet's real chain: from the ledger to a safe block, back when the block is undone, and never paid for twice.

import { Interface, Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { depositCall } from '../../src/chain/rail/calldata.ts';
import { readChannel, readTokenBalance } from '../../src/chain/rail/reads.ts';
import { tokenDomain } from '../../src/chain/rail/typed-data.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Ledger } from '../../relay/ledger/ledger.ts';
import {
  createPayeeBench,
  createTestSettler,
  DEVNET,
  keyOf,
  ONE,
  openChannel,
  saveDeposit,
  sendAs,
  type PayeeBench,
} from '../support/payee.ts';

let bench: PayeeBench;
beforeAll(async () => {
  bench = await createPayeeBench();
});
afterAll(() => bench.clean());

const balanceOf = async (id: `0x${string}`): Promise<bigint> =>
  (await createRpc({ url: bench.chain.url, fetch }).at('latest').read(readChannel(DEVNET, id))).balance;
const stateOf = (ledger: Ledger): string[] => ledger.deposits.list().map(({ state }) => state);

test('a deposit is sent, comes into a block, and is safe one block later', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'plain');
  await bench.chain.mint(channel.payer.address, 2n * ONE);
  await saveDeposit(ledger, channel, 2n * ONE);
  const { txHash } = await settler.deposits.submit(channel.id);
  expect(txHash).toMatch(/^0x[0-9a-f]{64}$/);
  await settler.beat();
  expect(stateOf(ledger)).toEqual(['unsafe']);
  expect(ledger.channels.get(channel.id)?.balance).toBe(2n * ONE);
  await bench.chain.mine(1);
  await settler.beat();
  expect(settler.events.deposits).toEqual(['unsafe', 'safe']);
  expect(settler.events.channels).toContain(channel.id);
  expect(ledger.deposits.list()[0]).toMatchObject({ state: 'safe', txHash });
  expect(await settler.beat()).toBe(false);
  expect(settler.events.troubles).toEqual([]);
});

test('the block of a deposit is undone: it is pending again, sent again, and taken once', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'reorg');
  await bench.chain.mint(channel.payer.address, 3n * ONE);
  await bench.chain.mine(2);
  await saveDeposit(ledger, channel, 2n * ONE);
  await settler.deposits.submit(channel.id);
  await settler.beat();
  expect(await balanceOf(channel.id)).toBe(2n * ONE);
  await bench.chain.reorg(1);
  expect(await balanceOf(channel.id)).toBe(0n);
  // The transaction is sent again at once; only a block can make a deposit of it.
  await bench.chain.rpc('evm_setAutomine', false);
  await settler.beat();
  expect(stateOf(ledger)).toEqual(['pending']);
  await bench.chain.rpc('evm_setAutomine', true);
  for (let round = 0; round < 4; round += 1) {
    await settler.beat();
    await bench.chain.mine(1);
  }
  expect(await balanceOf(channel.id)).toBe(2n * ONE);
  expect(settler.events.deposits).toEqual(['unsafe', 'pending', 'unsafe', 'safe']);
  expect(ledger.channels.get(channel.id)?.balance).toBe(2n * ONE);
});

test('the same while nobody looks, and the chain goes on: it is found undone, and sent again', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'unseen');
  await bench.chain.mint(channel.payer.address, 2n * ONE);
  await bench.chain.mine(2);
  await saveDeposit(ledger, channel, 2n * ONE);
  await settler.deposits.submit(channel.id);
  await settler.beat();
  await bench.chain.reorg(1);
  // Behind the place where its block was.
  await bench.chain.mine(3);
  for (let round = 0; round < 4; round += 1) {
    await settler.beat();
    await bench.chain.mine(1);
  }
  expect(await balanceOf(channel.id)).toBe(2n * ONE);
  expect(settler.events.troubles).toEqual([]);
});

test('a payer without the money: refused by the simulation, nothing is sent, no gas is spent', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'poor');
  await saveDeposit(ledger, channel, ONE);
  await expect(settler.deposits.submit(channel.id)).rejects.toMatchObject({ code: 'deposit_failed' });
  expect(stateOf(ledger)).toEqual(['failed']);
  expect(ledger.transactions.list()).toEqual([]);
});

test('an authorization that somebody else has sent already is found done', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'front-run');
  await bench.chain.mint(channel.payer.address, 2n * ONE);
  await saveDeposit(ledger, channel, ONE);
  await sendAs(bench.chain, keyOf('stranger'), depositCall(DEVNET, channel.config, ledger.deposits.list()[0]!));
  expect(await settler.deposits.submit(channel.id)).toEqual({ txHash: undefined });
  await bench.chain.mine(1);
  await settler.beat();
  expect(stateOf(ledger)).toEqual(['safe']);
  expect(ledger.transactions.list()).toEqual([]);
  expect(await balanceOf(channel.id)).toBe(ONE);
});

test('an authorization that its payer has cancelled brings nothing, and counts as failed', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'cancelled');
  await bench.chain.mint(channel.payer.address, ONE);
  const nonce = await saveDeposit(ledger, channel, ONE);
  const signature = await new Wallet(channel.payer.key).signTypedData(
    tokenDomain(DEVNET),
    {
      CancelAuthorization: [
        { name: 'authorizer', type: 'address' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    { authorizer: channel.payer.address, nonce },
  );
  const token = new Interface(['function cancelAuthorization(address, bytes32, bytes)']);
  const data = token.encodeFunctionData('cancelAuthorization', [channel.payer.address, nonce, signature]) as Hex;
  await sendAs(bench.chain, keyOf('stranger'), { to: DEVNET.token.address, data });
  await expect(settler.deposits.submit(channel.id)).rejects.toMatchObject({ code: 'deposit_failed' });
  expect(stateOf(ledger)).toEqual(['failed']);
  expect(ledger.transactions.list()).toEqual([]);
});

test('asked for twice at once, a deposit is sent once; two of one channel are both taken', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await openChannel(ledger, 'twice');
  await bench.chain.mint(channel.payer.address, 3n * ONE);
  await saveDeposit(ledger, channel, ONE);
  await Promise.all([settler.deposits.submit(channel.id), settler.deposits.submit(channel.id), settler.beat()]);
  expect(ledger.transactions.list()).toHaveLength(1);
  await settler.beat();
  await saveDeposit(ledger, channel, 2n * ONE, { salt: 'second' });
  await settler.deposits.submit(channel.id);
  for (let round = 0; round < 3; round += 1) {
    await settler.beat();
    await bench.chain.mine(1);
  }
  expect(stateOf(ledger)).toEqual(['safe', 'safe']);
  expect(await balanceOf(channel.id)).toBe(3n * ONE);
  const left = await createRpc({ url: bench.chain.url, fetch })
    .at('latest')
    .read(readTokenBalance(DEVNET, channel.payer.address));
  expect(left).toBe(0n);
});
