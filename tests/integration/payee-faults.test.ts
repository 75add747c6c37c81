// What goes wrong between a relay and the chain: servers that are gone, that forget, that send twice; gas that costs too much; nonces that are taken or missing; and
// a relay that is killed between keeping a transaction and sending it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain } from '../../devnet/chain/chain.ts';
import type { Ledger } from '../../relay/ledger/ledger.ts';
import { readChannel } from '../../src/chain/rail/reads.ts';
import { settleCall } from '../../src/chain/rail/calldata.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import {
  createPayeeBench,
  createTestSettler,
  DEVNET,
  ONE,
  openChannel,
  RELAY,
  saveDeposit,
  sendAs,
  served,
  type PayeeBench,
  type TestChannel,
} from '../support/payee.ts';

let bench: PayeeBench;
beforeAll(async () => {
  bench = await createPayeeBench();
});
afterAll(() => bench.clean());

const balanceOf = async (id: Hex): Promise<bigint> =>
  (await createRpc({ url: bench.chain.url, fetch }).at('latest').read(readChannel(DEVNET, id))).balance;
const nonceOnChain = async (): Promise<number> =>
  Number(await bench.chain.rpc('eth_getTransactionCount', RELAY.address, 'latest'));

async function withDeposit(ledger: Ledger, name: string): Promise<TestChannel> {
  const channel = await openChannel(ledger, name);
  await bench.chain.mint(channel.payer.address, ONE);
  await saveDeposit(ledger, channel, ONE);
  return channel;
}

/** A network on which some methods fail, as a test switches them. */
function faulty(): { fetch: typeof fetch; fail: Set<string>; asked: string[] } {
  const fail = new Set<string>();
  const asked: string[] = [];
  return {
    fail,
    asked,
    fetch: (url, init) => {
      const { method } = JSON.parse(init?.body as string) as { method: string };
      asked.push(method);
      return fail.has(method) || fail.has('all') ? Promise.reject(new TypeError('fetch failed')) : fetch(url, init);
    },
  };
}

test('the server is lost before a deposit is sent, and while it is under way: it is done when the server is back', async () => {
  const ledger = bench.ledger();
  const net = faulty();
  const settler = await createTestSettler([bench.chain.url], ledger, { fetch: net.fetch });
  const channel = await withDeposit(ledger, 'loss');
  net.fail.add('all');
  await expect(settler.deposits.submit(channel.id)).rejects.toMatchObject({ code: 'unreachable' });
  await settler.beat();
  expect(ledger.deposits.list()).toMatchObject([{ state: 'pending' }]);
  // It comes back, and is gone again when the transaction is to be sent: the hash is kept, the bytes are not on any node.
  net.fail.clear();
  net.fail.add('eth_sendRawTransaction');
  const { txHash } = await settler.deposits.submit(channel.id);
  expect(await balanceOf(channel.id)).toBe(0n);
  net.fail.clear();
  for (let round = 0; round < 3; round += 1) {
    await settler.beat();
    await bench.chain.mine(1);
  }
  expect(ledger.deposits.list()).toMatchObject([{ state: 'safe', txHash }]);
  expect(settler.events.troubles).toEqual([expect.stringMatching(/^chain: unreachable/), 'chain: well']);
  expect(ledger.transactions.list()).toHaveLength(1);
});

test('the chain itself is stopped and started again, on the same port with the blocks that it had', async () => {
  const { lifeline, folder } = bench;
  const first = await startChain({ lifeline, folder });
  await first.addGas(RELAY.address, 10n ** 18n);
  const ledger = bench.ledger();
  const settler = await createTestSettler([first.url], ledger);
  const channel = await openChannel(ledger, 'restart');
  await first.mint(channel.payer.address, ONE);
  await saveDeposit(ledger, channel, ONE);
  const from = await first.dump();
  await first.kill();
  expect(await settler.beat()).toBe(true);
  const again = await startChain({ lifeline, folder, from, port: Number(new URL(first.url).port) });
  for (let round = 0; round < 4; round += 1) {
    await settler.beat();
    await again.mine(1);
  }
  expect(ledger.deposits.list()).toMatchObject([{ state: 'safe' }]);
  await again.close();
});

test('gas that costs a hundred times as much is waited out, and what waits is sent when it is cheaper', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await withDeposit(ledger, 'dear');
  const block = (await bench.chain.rpc('eth_getBlockByNumber', 'latest', false)) as { baseFeePerGas: Hex };
  const setPrice = async (price: bigint): Promise<void> => {
    await bench.chain.rpc('anvil_setNextBlockBaseFeePerGas', `0x${price.toString(16)}`);
    await bench.chain.mine(1);
  };
  await setPrice(1_000_000_000n * 100n);
  await expect(settler.deposits.submit(channel.id)).rejects.toMatchObject({ code: 'gas-too-dear' });
  await settler.beat();
  expect(settler.events.troubles).toEqual([expect.stringMatching(/^deposits: gas is dearer/)]);
  expect(ledger.deposits.list()).toMatchObject([{ state: 'pending' }]);
  expect(ledger.transactions.list()).toEqual([]);
  await setPrice(BigInt(block.baseFeePerGas));
  for (let round = 0; round < 3; round += 1) await settler.beat();
  expect(await balanceOf(channel.id)).toBe(ONE);
});

test('a transaction that waits for a block is sent again with a higher price, under the same nonce', async () => {
  const ledger = bench.ledger();
  let now = Date.now();
  const settler = await createTestSettler([bench.chain.url], ledger, { now: () => now });
  const channel = await withDeposit(ledger, 'slow');
  await bench.chain.rpc('evm_setAutomine', false);
  const { txHash } = await settler.deposits.submit(channel.id);
  await settler.beat();
  expect(ledger.transactions.list()[0]?.hashes).toEqual([txHash]);
  now += 31_000;
  await settler.beat();
  const [replaced] = ledger.transactions.list();
  expect(replaced?.hashes).toHaveLength(2);
  await bench.chain.rpc('evm_setAutomine', true);
  await bench.chain.mine(1);
  for (let round = 0; round < 3; round += 1) {
    await settler.beat();
    await bench.chain.mine(1);
  }
  expect(ledger.transactions.list()).toMatchObject([{ state: 'mined' }]);
  expect(ledger.deposits.list()).toMatchObject([{ state: 'safe', txHash: replaced?.hashes[1] }]);
  expect(await balanceOf(channel.id)).toBe(ONE);
});

test('a nonce that another program took, or that nothing was sent with, stops nobody', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  // Kept by an earlier run that died before it sent: three nonces ahead of the chain, so that there is a gap as well.
  const count = await nonceOnChain();
  const account = { chainId: DEVNET.chainId, account: RELAY.address, kind: 'deposit', channels: [] } as const;
  for (const nonce of [count, count + 1, count + 2]) await ledger.transactions.prepare({ ...account, nonce }, 1);
  const later = await createTestSettler([bench.chain.url], ledger);
  expect(ledger.transactions.list().map(({ state }) => state)).toEqual(['dropped', 'dropped', 'dropped']);
  const a = await withDeposit(ledger, 'gap');
  await later.deposits.submit(a.id);
  await later.beat();
  expect(await balanceOf(a.id)).toBe(ONE);
  // The same key used by hand meanwhile.
  await sendAs(bench.chain, RELAY, settleCall(DEVNET, RELAY.address));
  const b = await withDeposit(ledger, 'taken');
  await settler.deposits.submit(b.id);
  await settler.beat();
  expect(await balanceOf(b.id)).toBe(ONE);
});

test.each([true, false])(
  'a server that sends everything twice, blocks at once: %s: it is one transaction',
  async (atOnce) => {
    const ledger = bench.ledger();
    const settler = await createTestSettler([bench.chain.url], ledger, {
      fetch: async (url, init) => {
        if ((init.body as string).includes('eth_sendRawTransaction')) await fetch(url, init);
        return fetch(url, init);
      },
    });
    const channel = await withDeposit(ledger, `doubled ${atOnce}`);
    await bench.chain.rpc('evm_setAutomine', atOnce);
    const { txHash } = await settler.deposits.submit(channel.id);
    await bench.chain.rpc('evm_setAutomine', true);
    for (let round = 0; round < 3; round += 1) {
      await bench.chain.mine(1);
      await settler.beat();
    }
    expect(ledger.transactions.list()).toMatchObject([{ state: 'mined', hashes: [txHash] }]);
    expect(ledger.deposits.list()).toMatchObject([{ state: 'safe', txHash }]);
  },
);

test('nodes forget what waited, the first of two: the gap is closed and both are done', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channels = [await withDeposit(ledger, 'forgotten'), await withDeposit(ledger, 'behind')];
  await bench.chain.rpc('evm_setAutomine', false);
  const hashes: (Hex | undefined)[] = [];
  for (const { id } of channels) hashes.push((await settler.deposits.submit(id)).txHash);
  await bench.chain.rpc('anvil_dropTransaction', hashes[0]);
  await bench.chain.rpc('evm_setAutomine', true);
  await bench.chain.mine(1);
  for (let round = 0; round < 4; round += 1) {
    await settler.beat();
    await bench.chain.mine(1);
  }
  for (const { id } of channels) expect(await balanceOf(id)).toBe(ONE);
  expect(ledger.transactions.list().map(({ state }) => state)).toEqual(['mined', 'mined']);
});

test('without gas money nothing is sent, and it says so; with it, it goes on', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await withDeposit(ledger, 'no gas');
  await bench.chain.rpc('anvil_setBalance', RELAY.address, '0x0');
  await expect(settler.deposits.submit(channel.id)).rejects.toMatchObject({ code: 'gas-empty' });
  await settler.beat();
  expect(settler.events.troubles.join()).toContain('has not enough ETH for gas');
  await bench.chain.addGas(RELAY.address, 10n ** 18n);
  await settler.beat();
  await settler.beat();
  expect(await balanceOf(channel.id)).toBe(ONE);
});

test.each(['before', 'after'] as const)(
  'killed %s it sends a deposit and a claim: after the next start each is done once',
  async (when) => {
    const name = `killed-${when}.db`;
    let ledger = bench.ledger(name);
    const settler = await createTestSettler([bench.chain.url], ledger);
    const claimed = await withDeposit(ledger, `claim, killed ${when}`);
    await settler.deposits.submit(claimed.id);
    await settler.beat();
    await served(ledger, claimed, 300_000n);
    const deposited = await withDeposit(ledger, `deposit, killed ${when}`);
    const nonce = await nonceOnChain();
    ledger.close();
    // The deposit comes first in a round, then the claim: each run dies at the next transaction.
    for (let run = 0; run < 2; run += 1) await runUntilKilled(name, when);
    ledger = bench.ledger(name);
    const last = await createTestSettler([bench.chain.url], ledger);
    for (let round = 0; round < 4; round += 1) {
      await last.beat();
      await bench.chain.mine(1);
    }
    expect(await balanceOf(deposited.id)).toBe(ONE);
    expect(ledger.channels.get(claimed.id)?.claimed).toBe(300_000n);
    expect(ledger.deposits.list().map(({ state }) => state)).toEqual(['safe', 'safe']);
    // Nothing was sent twice: a deposit and a claim, no more.
    expect((await nonceOnChain()) - nonce).toBe(2);
    expect(last.events.troubles).toEqual([]);
  },
);

/** A process that settles on this ledger and kills itself, as kill -9 does, at its next transaction. */
async function runUntilKilled(ledger: string, when: 'before' | 'after'): Promise<void> {
  const program = resolve(import.meta.dirname, '../support/settler-killed.ts');
  const child = spawn(process.execPath, [program, bench.chain.url, `${bench.folder}/${ledger}`, when], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  expect(signal).toBe('SIGKILL');
}
