// Servers of the chain that are gone, or that are not what the configuration says: one that lies about its chain is never believed.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain } from '../../devnet/chain/chain.ts';
import { DEVNET_CHAIN } from '../../devnet/chain/plan.ts';
import { createServers } from '../../relay/chain/servers.ts';
import {
  createPayeeBench,
  createTestSettler,
  DEVNET,
  ONE,
  openChannel,
  saveDeposit,
  type PayeeBench,
} from '../support/payee.ts';

let bench: PayeeBench;
beforeAll(async () => {
  bench = await createPayeeBench();
});
afterAll(() => bench.clean());

test('of two servers the second is asked while the first is gone; one of another chain is never believed', async () => {
  const { lifeline, folder } = bench;
  const other = await startChain({ lifeline, folder, plan: { ...DEVNET_CHAIN, chainId: 31_338 } });
  let now = 0;
  const wrong: number[] = [];
  let swapped: string = bench.chain.url;
  let gone = false;
  const servers = createServers({
    network: DEVNET,
    urls: ['http://first.test/', bench.chain.url],
    fetch: (url, init) => {
      if (url !== 'http://first.test/') return fetch(url, init);
      return gone ? Promise.reject(new TypeError('fetch failed')) : fetch(swapped, init);
    },
    now: () => now,
    onWrong: (place) => wrong.push(place),
  });
  expect(await servers.check()).toBe(2);
  gone = true;
  expect(await servers.request('eth_chainId', [])).toBe('0x7a69');
  // It comes back as another chain.
  [gone, swapped] = [false, other.url];
  now += 60_000;
  expect(await servers.request('eth_chainId', [])).toBe('0x7a69');
  expect(wrong).toEqual([1]);
  await other.close();
});

test('a server that changes its chain while it is asked is found out by the next round', async () => {
  const { lifeline, folder } = bench;
  const other = await startChain({ lifeline, folder, plan: { ...DEVNET_CHAIN, chainId: 31_338 } });
  let url = bench.chain.url;
  const ledger = bench.ledger();
  const settler = await createTestSettler(['http://only.test/'], ledger, { fetch: (_, init) => fetch(url, init) });
  await settler.beat();
  expect(settler.events.troubles).toEqual([]);
  url = other.url;
  const channel = await openChannel(ledger, 'swapped');
  await saveDeposit(ledger, channel, ONE);
  await settler.beat();
  expect(settler.events.troubles).toEqual([expect.stringMatching(/^chain: wrong_chain/)]);
  await expect(settler.deposits.submit(channel.id)).rejects.toMatchObject({ code: 'wrong_chain' });
  await other.close();
});

test.each([
  ['a token with other decimals', { token: { ...DEVNET_CHAIN.token, decimals: 18 } }, 'wrong_token', 'has 6 decimals'],
  ['no escrow', { escrow: `0x${'ee'.repeat(20)}` as const }, 'wrong_contract', 'where the escrow should be'],
])('a chain with %s stops a relay at its start', async (_, difference, code, words) => {
  const { lifeline, folder } = bench;
  const other = await startChain({ lifeline, folder, plan: { ...DEVNET_CHAIN, ...difference } });
  const servers = createServers({ network: DEVNET, urls: [bench.chain.url, other.url], fetch });
  const error: unknown = await servers.check().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect(String(error)).toContain('server 2 of payments.rpc');
  expect(String(error)).toContain(words);
  await other.close();
});
