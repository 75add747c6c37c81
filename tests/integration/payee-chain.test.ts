// The payee's view of the chain as a relay has it, on its own beat: a channel from its deposit to a cooperative close that costs the payer no gas.

import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPayeeChain } from '../../relay/chain/create.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { verifyRefund } from '../../src/chain/rail/refund.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import {
  createPayeeBench,
  DEVNET,
  ONE,
  openChannel,
  RELAY,
  saveDeposit,
  served,
  type PayeeBench,
} from '../support/payee.ts';

let bench: PayeeBench;
beforeAll(async () => {
  bench = await createPayeeBench();
});
afterAll(() => bench.clean());

test('deposit, claim, refund: what was served goes to the relay and the rest to the payer, who has no gas', async () => {
  const ledger = bench.ledger();
  const lines: string[] = [];
  const chain = await createPayeeChain({
    config: { network: 'devnet', rpc: [bench.chain.url] },
    key: RELAY,
    ledger,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    times: { busyMs: 20, idleMs: 50 },
  });
  const channel = await openChannel(ledger, 'whole life');
  const states: string[] = [];
  const safe = Promise.withResolvers<undefined>();
  chain.onDeposit((id, state) => {
    expect(id).toBe(channel.id);
    states.push(state);
    if (state === 'unsafe') void bench.chain.mine(1);
    if (state === 'safe') safe.resolve(undefined);
  });
  await bench.chain.mint(channel.payer.address, 2n * ONE);
  await saveDeposit(ledger, channel, 2n * ONE);
  expect((await chain.deposit(channel.id)).txHash).toMatch(/^0x/);
  await safe.promise;
  expect(states).toEqual(['unsafe', 'safe']);

  await served(ledger, channel, 1_234n, 100n);
  expect(await chain.claimNow(channel.id)).toMatch(/^0x[0-9a-f]{64}$/);
  expect(await chain.claimNow(channel.id)).toBeUndefined();
  const { balance, totalClaimed, refundNonce } = await chain.read(channel.id);
  expect([balance, totalClaimed]).toEqual([2n * ONE, 1_234n]);

  const amount = balance - totalClaimed;
  // A mistake in the session must not give away what was earned.
  expect(() => chain.signRefund(channel.id, amount + 1n, refundNonce)).toThrow('exceeds_balance');
  expect(() => chain.signRefund(`0x${'00'.repeat(32)}`, 1n, 0n)).toThrow('unknown_channel');
  const signature = chain.signRefund(channel.id, amount, refundNonce);
  verifyRefund(DEVNET, { channelId: channel.id, nonce: refundNonce, amount }, signature, RELAY.address);
  const refunded = Promise.withResolvers<undefined>();
  chain.onChannel((id) => {
    if (ledger.channels.get(id)?.balance === 1_234n) refunded.resolve(undefined);
  });
  await chain.sendRefund(channel.id, { amount, nonce: refundNonce, signature });
  await refunded.promise;
  const reader = createRpc({ url: bench.chain.url, fetch }).at('latest');
  expect(await reader.read(readTokenBalance(DEVNET, channel.payer.address))).toBe(2n * ONE - 1_234n);
  expect(BigInt((await bench.chain.rpc('eth_getBalance', channel.payer.address, 'latest')) as string)).toBe(0n);

  await chain.close();
  const text = lines.join('');
  expect(text).toContain('"event":"chain-ready"');
  expect(text).not.toContain('trouble');
  // Neither the key nor where the chain is asked: that may hold an access token.
  for (const secret of [RELAY.key.privateKey.slice(2), bench.chain.url]) expect(text).not.toContain(secret);
});

test('with no server in reach a relay starts and serves; a deposit is refused as unreachable and sent later', async () => {
  const ledger = bench.ledger();
  let gone = true;
  const chain = await createPayeeChain({
    config: { network: 'devnet', rpc: [bench.chain.url] },
    key: RELAY,
    ledger,
    log: pino({ level: 'silent' }),
    times: { busyMs: 20, idleMs: 20 },
    fetch: (url, init) => (gone ? Promise.reject(new TypeError('fetch failed')) : fetch(url, init)),
  });
  const channel = await openChannel(ledger, 'later');
  await bench.chain.mint(channel.payer.address, ONE);
  await saveDeposit(ledger, channel, ONE);
  await expect(chain.deposit(channel.id)).rejects.toMatchObject({ name: 'ChainError', code: 'unreachable' });
  const arrived = Promise.withResolvers<undefined>();
  chain.onDeposit((_, state) => {
    if (state === 'unsafe') arrived.resolve(undefined);
  });
  gone = false;
  await arrived.promise;
  await chain.close();
});
