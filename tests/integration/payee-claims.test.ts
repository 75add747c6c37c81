// Claims on the devnet's real chain: what was served comes to the relay, in few transactions, in time, and no more than was served.

import { id as hashText } from 'ethers/hash';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initiateWithdrawCall, refundWithSignatureCall, type Call } from '../../src/chain/rail/calldata.ts';
import { readChannel, readTokenBalance } from '../../src/chain/rail/reads.ts';
import { signRefund } from '../../src/chain/rail/refund.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import type { Ledger } from '../../relay/ledger/ledger.ts';
import type { Settler } from '../../relay/settlement/settler.ts';
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

/** Of the test's token: anybody freezes. */
const BLACKLIST = hashText('blacklist(address)').slice(0, 10);

let bench: PayeeBench;
beforeAll(async () => {
  bench = await createPayeeBench();
});
afterAll(() => bench.clean());

const latest = () => createRpc({ url: bench.chain.url, fetch }).at('latest');
const claimedOf = async ({ id }: TestChannel): Promise<bigint> =>
  (await latest().read(readChannel(DEVNET, id))).totalClaimed;
const purse = (): Promise<bigint> => latest().read(readTokenBalance(DEVNET, RELAY.address));

async function funded(ledger: Ledger, settler: Settler, name: string, amount = ONE): Promise<TestChannel> {
  const channel = await openChannel(ledger, name);
  await bench.chain.mint(channel.payer.address, amount);
  await saveDeposit(ledger, channel, amount);
  await settler.deposits.submit(channel.id);
  return channel;
}

test('several channels are claimed in one transaction, what was served and not what was signed ahead, and paid out', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const before = await purse();
  const channels: TestChannel[] = [];
  for (let n = 0; n < 4; n += 1) channels.push(await funded(ledger, settler, `batch ${n}`));
  await settler.beat();
  for (const channel of channels) await served(ledger, channel, 300_000n, 105n);
  const small = await funded(ledger, settler, 'small');
  await served(ledger, small, 249_999n);
  for (let round = 0; round < 4; round += 1) await settler.beat();
  for (const channel of channels) {
    expect(await claimedOf(channel)).toBe(300_000n);
    expect(ledger.channels.get(channel.id)?.claimed).toBe(300_000n);
  }
  // Not worth the gas yet.
  expect(await claimedOf(small)).toBe(0n);
  expect(ledger.transactions.list().filter(({ kind }) => kind === 'claim')).toHaveLength(1);
  expect(await purse()).toBe(before + 1_200_000n);
  expect(settler.events.ended).toContain('settle mined');
  expect(settler.events.troubles).toEqual([]);
});

test('a payer who takes the money out is seen, and what was served is claimed before the delay ends, however little', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await funded(ledger, settler, 'leaves');
  await settler.beat();
  await served(ledger, channel, 150n);
  await settler.beat();
  expect(await claimedOf(channel)).toBe(0n);
  await sendAs(bench.chain, channel.session, initiateWithdrawCall(DEVNET, channel.config, ONE));
  await settler.beat();
  expect(settler.events.withdrawals).toEqual([channel.id]);
  expect(ledger.channels.get(channel.id)?.pendingWithdrawal).toBe(ONE);
  expect(await claimedOf(channel)).toBe(150n);
  await settler.beat();
  expect(settler.events.ended).toEqual(['deposit mined', 'claim mined']);
});

test('a withdrawal that was begun while the relay was down is seen at its start', async () => {
  const ledger = bench.ledger('down.db');
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await funded(ledger, settler, 'down');
  await settler.beat();
  await served(ledger, channel, 2_500n);
  ledger.close();
  await sendAs(bench.chain, channel.payer, initiateWithdrawCall(DEVNET, channel.config, ONE));
  await bench.chain.mine(5);
  const again = bench.ledger('down.db');
  const later = await createTestSettler([bench.chain.url], again);
  await later.beat();
  expect(await claimedOf(channel)).toBe(2_500n);
});

test('one voucher that the chain refuses does not hold up the others of its batch', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const good = await funded(ledger, settler, 'good');
  const bad = await funded(ledger, settler, 'bad');
  await settler.beat();
  await served(ledger, good, 400_000n);
  // As if the ledger held a voucher of another key.
  await served(ledger, { ...bad, session: good.session }, 500_000n);
  for (let round = 0; round < 3; round += 1) await settler.beat();
  expect(await claimedOf(good)).toBe(400_000n);
  expect(await claimedOf(bad)).toBe(0n);
});

test('money of a payer that the token has frozen is trapped, and the relay goes on with the others’', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const frozen = await funded(ledger, settler, 'frozen');
  const other = await funded(ledger, settler, 'not frozen');
  const freeze = { to: DEVNET.token.address, data: BLACKLIST + frozen.payer.address.slice(2).padStart(64, '0') };
  await sendAs(bench.chain, RELAY, freeze as Call);
  await settler.beat();
  await served(ledger, frozen, 300_000n);
  await served(ledger, other, 300_000n);
  const before = await purse();
  for (let round = 0; round < 4; round += 1) await settler.beat();
  // What it paid already is not its own any more.
  expect([await claimedOf(frozen), await claimedOf(other)]).toEqual([300_000n, 300_000n]);
  expect(await purse()).toBeGreaterThanOrEqual(before + 600_000n);
  // The rest cannot go back to it: nothing is sent, and no gas is spent.
  const refund = { amount: 700_000n, nonce: 0n };
  const signature = signRefund(DEVNET, { channelId: frozen.id, ...refund }, RELAY.key);
  const call = refundWithSignatureCall(DEVNET, frozen.config, { ...refund, signature });
  const work = { kind: 'refund', channels: [{ id: frozen.id, max: refund.amount }], call } as const;
  await expect(settler.sender.send(work)).rejects.toMatchObject({ code: 'call_failed' });
  const later = await funded(ledger, settler, 'after');
  await settler.beat();
  expect(ledger.channels.get(later.id)?.balance).toBe(ONE);
  expect(settler.events.troubles).toEqual([]);
});

test('a refund whose block is undone while the relay is down is sent again by the next one', async () => {
  const ledger = bench.ledger('refund.db');
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await funded(ledger, settler, 'refunded');
  await settler.beat();
  await served(ledger, channel, 2_500n);
  await settler.claims.claimOne(channel.id);
  await bench.chain.mine(2);
  await settler.beat();
  const { refundNonce: nonce } = await settler.watch.see(channel.id);
  const amount = ONE - 2_500n;
  await ledger.channels.setState(channel.id, 'closed');
  const signature = settler.refunds.sign(channel.id, amount, nonce);
  await settler.refunds.send(channel.id, { amount, nonce, signature });
  const back = () => latest().read(readTokenBalance(DEVNET, channel.payer.address));
  const refunded = await back();
  await settler.beat();
  ledger.close();
  await bench.chain.reorg(1);
  expect(await back()).toBe(refunded - amount);
  const later = await createTestSettler([bench.chain.url], bench.ledger('refund.db'));
  for (let round = 0; round < 4; round += 1) {
    await later.beat();
    await bench.chain.mine(1);
  }
  expect(await back()).toBe(refunded);
  expect(later.events.troubles).toEqual([]);
});

test('a refund that could not be sent at the close, since no server answered, is sent when one does', async () => {
  const ledger = bench.ledger();
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channel = await funded(ledger, settler, 'unsent');
  await settler.beat();
  await served(ledger, channel, 2_500n);
  await bench.chain.mine(2);
  await ledger.channels.setState(channel.id, 'closed');
  for (let round = 0; round < 4; round += 1) await settler.beat();
  // What was served stays the relay's, claimed or not.
  expect(await latest().read(readTokenBalance(DEVNET, channel.payer.address))).toBe(ONE - 2_500n);
  expect(ledger.transactions.list().filter(({ kind }) => kind === 'refund')).toHaveLength(1);
  expect(settler.events.troubles).toEqual([]);
});
