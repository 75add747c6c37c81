// The rail on the devnet's real chain: the network is the table's, a deposit without gas of the payer's is taken, vouchers are claimed and
// settled, and a refund gives the rest back. Every transaction is our own calldata, every figure is read by our own reads.

import { JsonRpcProvider, SigningKey, Wallet } from 'ethers';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { readBalance, readChannelState } from '../../src/chain/channel-state.ts';
import { checkRpcs } from '../../src/chain/check-network.ts';
import {
  claimCall,
  depositCall,
  finalizeWithdrawCall,
  initiateWithdrawCall,
  refundWithSignatureCall,
  settleCall,
  type Call,
} from '../../src/chain/rail/calldata.ts';
import { channelId } from '../../src/chain/rail/channel-id.ts';
import { depositNonce, signDeposit } from '../../src/chain/rail/deposit.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { readAuthorizationUsed, readReceiver } from '../../src/chain/rail/reads.ts';
import { signRefund } from '../../src/chain/rail/refund.ts';
import { signVoucher } from '../../src/chain/rail/voucher.ts';
import { createRpc, type Rpc } from '../../src/chain/rpc.ts';
import { readByBoth } from '../../src/chain/two-rpcs.ts';
import type { Hex } from '../../src/core/payment/hex.ts';

const network = NETWORKS.devnet;
const ONE = 1_000_000n;

const payer = new SigningKey(`0x${'11'.repeat(32)}`);
const session = new SigningKey(`0x${'22'.repeat(32)}`);
const relay = new SigningKey(`0x${'33'.repeat(32)}`);
const addressOf = (key: SigningKey): Hex => new Wallet(key).address.toLowerCase() as Hex;

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
let provider: JsonRpcProvider;
let rpc: Rpc;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rail-'));
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder });
  provider = new JsonRpcProvider(chain.url, chain.plan.chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 50;
  rpc = createRpc({ url: chain.url, fetch });
  await chain.addGas(addressOf(relay), 10n ** 18n);
  await chain.addGas(addressOf(session), 10n ** 18n);
  await chain.mint(addressOf(payer), 3n * ONE);
});
afterAll(async () => {
  provider.destroy();
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

async function send(key: SigningKey, call: Call): Promise<void> {
  const sent = await new Wallet(key, provider).sendTransaction(call);
  expect((await sent.wait())?.status).toBe(1);
}

test('the chain is the table’s, and two servers of it agree', async () => {
  await checkRpcs(network, [rpc]);
  const both: [Rpc, Rpc] = [rpc, createRpc({ url: chain.url, fetch })];
  expect(await readByBoth(both, async (reader) => readBalance(network, addressOf(payer), reader))).toBe(3n * ONE);
});

test('another network of the table is refused', async () => {
  await expect(checkRpcs(NETWORKS.base, [rpc])).rejects.toThrow('wrong_chain');
});

test('a deposit, a claim, a payout and both ways back', async () => {
  const reader = rpc.at('latest');
  const config = {
    payer: addressOf(payer),
    payerAuthorizer: addressOf(session),
    receiver: addressOf(relay),
    receiverAuthorizer: addressOf(relay),
    token: network.token.address,
    withdrawDelay: 86_400,
    salt: `0x${'5a'.repeat(32)}`,
  } as const;
  const id = channelId(network, config);
  const validBefore = Math.floor(Date.now() / 1000) + 3600;
  const salt = `0x${'07'.repeat(32)}` as const;
  const deposit = signDeposit(network, config, { amount: 2n * ONE, validAfter: 0, validBefore, salt }, payer);
  const used = readAuthorizationUsed(network, config.payer, depositNonce(id, salt));

  expect(await reader.read(used)).toBe(false);
  await send(relay, depositCall(network, config, deposit));
  expect(await reader.read(used)).toBe(true);
  expect(await readChannelState(network, id, reader)).toMatchObject({ balance: 2n * ONE, totalClaimed: 0n });

  // The voucher promises an increment ahead; what was served is claimed.
  const voucher = { channelId: id, sum: ONE };
  const signature = signVoucher(network, voucher, session);
  await send(relay, claimCall(network, [{ config, sum: ONE, signature, totalClaimed: 900_000n }]));
  await send(relay, settleCall(network, config.receiver));
  expect(await readBalance(network, config.receiver, reader)).toBe(900_000n);
  expect(await reader.read(readReceiver(network, config.receiver))).toEqual({ claimed: 900_000n, settled: 900_000n });

  const refund = { channelId: id, nonce: 0n, amount: 500_000n };
  const signed = { ...refund, signature: signRefund(network, refund, relay) };
  await send(relay, refundWithSignatureCall(network, config, signed));
  expect(await readBalance(network, config.payer, reader)).toBe(1_500_000n);

  // The relay is gone: the session key takes the rest back, to the payer.
  await send(session, initiateWithdrawCall(network, config, 600_000n));
  expect((await readChannelState(network, id, reader)).withdrawal.amount).toBe(600_000n);
  await chain.pass(86_401);
  await send(session, finalizeWithdrawCall(network, config));
  expect(await readBalance(network, config.payer, reader)).toBe(2_100_000n);
  expect((await readChannelState(network, id, reader)).refundNonce).toBe(1n);
});
