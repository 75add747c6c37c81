// A payee on the devnet's chain for tests: anvil, a ledger in a temporary folder, channels whose keys the test holds, and the settler, whose rounds the test calls.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { startChain, type Chain, type ChainInit } from '../../devnet/chain/chain.ts';
import { createLifeline } from '../../devnet/lifeline.ts';
import { createServers } from '../../relay/chain/servers.ts';
import { signTransaction } from '../../relay/chain/signed-transaction.ts';
import { openLedger, type Ledger } from '../../relay/ledger/ledger.ts';
import type { PaymentKey } from '../../relay/payment-key.ts';
import { createSettler, type Settler, type SettlerInit } from '../../relay/settlement/settler.ts';
import { channelId } from '../../src/chain/rail/channel-id.ts';
import type { Call } from '../../src/chain/rail/calldata.ts';
import { depositNonce, signDeposit } from '../../src/chain/rail/deposit.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { signVoucher } from '../../src/chain/rail/voucher.ts';
import type { RpcInit } from '../../src/chain/rpc.ts';
import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { hexOf } from './ledger-values.ts';
import { minedFetch } from './mined-fetch.ts';

export const DEVNET = NETWORKS.devnet;
export const ONE = 1_000_000n;
const DAY_S = 86_400;

export const keyOf = (name: string): PaymentKey => {
  const key = new SigningKey(hexOf(name, 32));
  return { key, address: computeAddress(key).toLowerCase() as Hex };
};
/** What the relay is paid to. */
export const RELAY = keyOf('the relay');

/** A ledger and, on the chain, its relay's account with gas. */
export async function createPayeeBench(chainInit: Partial<ChainInit> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'payee-'));
  const lifeline = createLifeline();
  const chain = await startChain({ lifeline, folder, ...chainInit });
  await chain.addGas(RELAY.address, 10n ** 18n);
  let count = 0;
  const ledgers = new Set<Ledger>();
  return {
    folder,
    chain,
    lifeline,
    /** A fresh ledger, or one that was closed before. */
    ledger: (name = `ledger${(count += 1)}.db`): Ledger => {
      const ledger = openLedger({ path: join(folder, name), entry: true });
      ledgers.add(ledger);
      return {
        ...ledger,
        close: () => {
          if (ledgers.delete(ledger)) ledger.close();
        },
      };
    },
    clean: async (): Promise<void> => {
      for (const ledger of ledgers) ledger.close();
      if (chain.running()) await chain.close();
      await lifeline.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type PayeeBench = Awaited<ReturnType<typeof createPayeeBench>>;

export type Events = { deposits: string[]; channels: Hex[]; withdrawals: Hex[]; ended: string[]; troubles: string[] };

/** The settler on a ledger, with what it told. */
export async function createTestSettler(
  urls: readonly string[],
  ledger: Ledger,
  more: Partial<SettlerInit> & { fetch?: RpcInit['fetch'] } = {},
): Promise<Settler & { events: Events }> {
  const events: Events = { deposits: [], channels: [], withdrawals: [], ended: [], troubles: [] };
  const servers = createServers({ network: DEVNET, urls, fetch: more.fetch ?? minedFetch, timeoutMs: 2000 });
  const settler = await createSettler({
    network: DEVNET,
    servers,
    ledger,
    key: RELAY,
    on: {
      deposit: (_, state) => events.deposits.push(state),
      channel: (id) => events.channels.push(id),
      withdrawal: (id) => events.withdrawals.push(id),
      ended: ({ kind, ending }) => events.ended.push(`${kind} ${ending}`),
      trouble: (part, error) => events.troubles.push(`${part}: ${error instanceof Error ? error.message : ''}`),
      relief: (part) => events.troubles.push(`${part}: well`),
    },
    ...more,
  });
  return { ...settler, events };
}

export type TestChannel = { id: Hex; config: ChannelConfig; payer: PaymentKey; session: PaymentKey };

/** A channel of a payer of its own, kept in the ledger. */
export async function openChannel(ledger: Ledger, name: string, now = Date.now()): Promise<TestChannel> {
  const [payer, session] = [keyOf(`payer ${name}`), keyOf(`session ${name}`)];
  const config: ChannelConfig = {
    payer: payer.address,
    payerAuthorizer: session.address,
    receiver: RELAY.address,
    receiverAuthorizer: RELAY.address,
    token: DEVNET.token.address,
    withdrawDelay: DAY_S,
    salt: hexOf(`salt ${name}`, 32),
  };
  const id = channelId(DEVNET, config);
  await ledger.channels.open({ id, kind: 'client', chainId: DEVNET.chainId, config }, now);
  return { id, config, payer, session };
}

/** The payer's authorization, kept as pending. It does not give the payer the money. */
export async function saveDeposit(
  ledger: Ledger,
  { id, config, payer }: TestChannel,
  amount: bigint,
  { salt = 'first', forS = 3600, now = Date.now() } = {},
): Promise<Hex> {
  const seconds = Math.floor(now / 1000);
  const plain = { amount, validAfter: seconds - 600, validBefore: seconds + forS, salt: hexOf(`${id} ${salt}`, 32) };
  const nonce = depositNonce(id, plain.salt);
  await ledger.deposits.save({ ...signDeposit(DEVNET, config, plain, payer.key), nonce, channelId: id }, now);
  return nonce;
}

/** A voucher and what was served for it, in the ledger. */
export async function served(ledger: Ledger, channel: TestChannel, owed: bigint, ahead = 0n): Promise<void> {
  const max = owed + ahead;
  const signature = signVoucher(DEVNET, { channelId: channel.id, sum: max }, channel.session.key);
  await ledger.channels.creditVoucher({ id: channel.id, max, signature }, Date.now());
  await ledger.channels.count(channel.id, { bytesUp: 0n, bytesDown: owed << 13n, owed });
}

/** Sends as anybody, with gas of its own; waits for the block. */
export async function sendAs(chain: Chain, from: PaymentKey, call: Call): Promise<void> {
  await chain.addGas(from.address, 10n ** 18n);
  const nonce = Number(await chain.rpc('eth_getTransactionCount', from.address, 'latest'));
  const price = BigInt((await chain.rpc('eth_gasPrice')) as string) * 2n;
  const fees = { maxFeePerGas: price, maxPriorityFeePerGas: price };
  const { raw } = signTransaction(from.key, { chainId: DEVNET.chainId, nonce, call, gas: 1_000_000n, fees });
  await chain.rpc('eth_sendRawTransactionSync', raw);
}
