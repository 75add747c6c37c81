// A client pays its entry: a real relay with payments, the devnet's chain behind it, libp2p over TCP, and tunnels that are counted.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { join } from 'node:path';
import type { Libp2p } from '@libp2p/interface';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { loadConfig } from '../../relay/config/load.ts';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { createPaymentKey, type PaymentKey } from '../../relay/payment-key.ts';
import { startRelay, type Relay } from '../../relay/relay.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import type { SessionBody } from '../../src/core/wire/session-messages.ts';
import { createTestCa } from '../support/certificates.ts';
import { createRawProxy } from '../support/raw-proxy.ts';
import { receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import { startPayerNode, WireStream } from '../support/session-wire.ts';
import { MIB, network, TestPayer } from '../support/session-payee.ts';

const HOST = '127.0.1.37';
const ONE = 1_000_000n;

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
let key: PaymentKey;
let entryIdentity: Identity;
let exitIdentity: Identity;
let relays: Relay[];
let lines: Record<string, unknown>[];
let node: Libp2p;
let address: string;

const log = pino(
  { level: 'info', base: null },
  { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
);

async function start(name: string, roles: object): Promise<Record<string, unknown>> {
  const path = join(folder, `${name}.yaml`);
  const identity = name === 'entry' ? entryIdentity : exitIdentity;
  writeFileSync(path, JSON.stringify({ identity: `${name}.key`, operator: name, region: 'DE', ...roles }));
  const parts = { createCertificateSource: createFileCertificateSource, createExitProxy: () => createRawProxy() };
  relays.push(await startRelay(await loadConfig(path), identity, log, parts));
  return lines.findLast(({ event }) => event === 'relay-ready')!;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'session-'));
  lifeline = createLifeline();
  relays = [];
  lines = [];
  const ca = await createTestCa();
  entryIdentity = await createIdentity(join(folder, 'entry.key'));
  exitIdentity = await createIdentity(join(folder, 'exit.key'));
  for (const [name, { label }] of [['entry', entryIdentity] as const, ['exit', exitIdentity] as const]) {
    const leaf = await ca.issue({ names: [`*.${label}.relay.test`] });
    writeFileSync(join(folder, `${name}-tls.key`), leaf.key, { mode: 0o600 });
    writeFileSync(join(folder, `${name}-tls.pem`), leaf.chain);
  }
  chain = await startChain({ lifeline, folder });
  key = await createPaymentKey(join(folder, 'payment.key'));
  await chain.addGas(key.address, 10n ** 18n);
  const files = (name: string) => ({ files: { key: `${name}-tls.key`, chain: `${name}-tls.pem` } });
  const ready = await start('entry', {
    entry: { tunnels: `${HOST}:0`, libp2p: `${HOST}:0`, certificate: files('entry') },
    payments: { network: 'devnet', rpc: [chain.url], key: 'payment.key', freeMiBPerDay: 4, incrementMiB: 16 },
  });
  [address] = ready['libp2p'] as [string];
  await start('exit', { exit: { entries: [address], certificate: files('exit') } });
  node = await startPayerNode();
}, 60_000);
afterAll(async () => {
  await node.stop();
  for (const relay of relays.reverse()) await relay.stop();
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A wallet with play money, whose session speaks from this test's node. */
async function fundedPayer(name: string): Promise<TestPayer> {
  const payer = new TestPayer(name, key.address);
  payer.payer.peerId = node.peerId.toString();
  await chain.mint(payer.config.payer, 10n * ONE);
  return payer;
}

const proofOf = (payer: TestPayer) => ({ config: payer.config, proof: payer.proof(entryIdentity.peerId.toString()) });

/** A download through entry and exit. */
function startDownload(bytes: number, port: number): Socket {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  const serverName = formatCircuitName({ address: HOST, peer: exitIdentity.label, zone: 'relay.test' });
  socket.write(Buffer.concat([makeHello({ serverName }), Buffer.from(`send ${bytes}\n`)]));
  return socket;
}

/** How many bytes came. */
const download = async (bytes: number, port: number): Promise<number> =>
  (await receive(startDownload(bytes, port))).length;

const isError = (code: string) => (body: SessionBody) => body.type === 'error' && body.code === code;

test('opens, pays by vouchers while a download runs, tops up, resyncs on another stream, closes and has the rest back', async () => {
  const alice = await fundedPayer('alice');
  const stream = await WireStream.open(node, address);
  const quote = await stream.ask({ type: 'quoteRequest', chainId: network.chainId });
  if (quote.type !== 'quote') throw new Error('no quote');
  expect(quote.terms).toMatchObject({ peerId: entryIdentity.peerId.toString(), receiver: key.address });
  const price = quote.terms.entryPricePerMiB + quote.terms.exitPricePerMiB;
  const increment = (quote.terms.incrementBytes * price) / BigInt(MIB);

  const ack = await stream.ask({
    type: 'open',
    channel: proofOf(alice),
    deposit: alice.deposit(2n * ONE, 'first', Date.now()),
    voucher: alice.voucher(0n),
  });
  if (ack.type !== 'openAck') throw new Error(inspect(ack));
  expect(ack).toMatchObject({ channel: { channelId: alice.id, depositState: 'pending' } });
  await stream.until(({ body }) => body.type === 'openAck' && body.channel?.depositState === 'unsafe');
  await chain.mine(1);
  await stream.until(({ body }) => body.type === 'openAck' && body.channel?.depositState === 'safe');

  // Pays as it is told what it owes: one increment ahead.
  let paying = true;
  let signed = 0n;
  const pay = async (): Promise<void> => {
    for (let from = 0; paying; from = stream.received.length) {
      const meter = await stream.until(({ body }) => body.type === 'meter' || !paying, from);
      if (meter.type !== 'meter') return;
      const max = meter.channel!.owed + increment;
      if (max - signed < increment / 4n) continue;
      signed = max;
      stream.tell({ type: 'voucher', channelId: alice.id, voucher: alice.voucher(max) });
    }
  };
  stream.tell({ type: 'voucher', channelId: alice.id, voucher: alice.voucher((signed = increment)) });
  const paid = pay();
  const size = 60 * MIB;
  expect(await download(size, ack.lease!.port)).toBe(size);
  paying = false;
  await stream.ask({ type: 'topUp', channelId: alice.id, deposit: alice.deposit(ONE, 'more', Date.now()) });
  await paid;
  await chain.mine(2);
  expect(stream.received.some(({ body }) => isError('bad_sig')(body) || isError('exceeds_balance')(body))).toBe(false);

  const later = await WireStream.open(node, address);
  const state = await later.ask({ type: 'resync', ...proofOf(alice) });
  if (state.type !== 'state') throw new Error('no state');
  expect(state.voucher).toEqual(alice.voucher(signed));
  // What a browser sends up, and the hello, on top of the download; never more than was promised.
  const cost = (BigInt(size) * price) / BigInt(MIB);
  expect(state.owed).toBeGreaterThanOrEqual(cost);
  expect(state.owed).toBeLessThanOrEqual(cost + cost / 100n);
  expect(state.owed).toBeLessThanOrEqual(signed);

  await later.ask({ type: 'quoteRequest', chainId: network.chainId });
  expect(await later.ask({ type: 'open', channel: proofOf(alice) })).toMatchObject({ type: 'openAck' });
  await later.until(({ body }) => body.type === 'openAck' && body.channel?.depositState === 'safe');
  const closed = await later.ask({ type: 'close', channelId: alice.id, voucher: alice.voucher(signed), refund: true });
  if (closed.type !== 'closed') throw new Error(inspect(closed));
  expect(closed.txHash).toMatch(/^0x/);
  expect(closed.refund!.amount).toBe(3n * ONE - state.owed);
  // The relay has sent it; the wallet, which never had any gas, has all that was not used.
  await chain.mine(1);
  const left = await createRpc({ url: chain.url, fetch })
    .at('latest')
    .read(readTokenBalance(network, alice.config.payer));
  expect(left).toBe(10n * ONE - state.owed);
});

test('on the free quota: a lease, bytes counted, and nothing more when it is used up', async () => {
  const stream = await WireStream.open(node, address);
  const ack = await stream.ask({ type: 'open' });
  if (ack.type !== 'openAck') throw new Error('not opened');
  expect(ack.lease?.freeBytes).toBe(BigInt(4 * MIB));
  expect(await download(3 * MIB, ack.lease!.port)).toBe(3 * MIB);
  const stalled = startDownload(3 * MIB, ack.lease!.port);
  stalled.resume();
  const meter = await stream.until(({ body }) => body.type === 'meter' && body.freeBytes === 0n);
  if (meter.type !== 'meter') throw new Error('no meter');
  expect(meter.up + meter.down).toBeGreaterThanOrEqual(BigInt(4 * MIB));
  expect(await stream.ask({ type: 'open' })).toMatchObject({ type: 'error' });
  const other = await WireStream.open(node, address);
  expect(await other.ask({ type: 'open' })).toMatchObject({ code: 'no_free_quota' });
  stalled.destroy();
});

test('10,000 vouchers at once from one peer: told to wait, and others are answered meanwhile', async () => {
  const flooder = await freshNode();
  const stream = await WireStream.open(flooder, address);
  const voucher = (await fundedPayer('flood')).voucher(5n);
  for (let count = 0; count < 10_000; count += 1) {
    stream.tell({ type: 'voucher', channelId: network.token.address.padEnd(66, '0') as `0x${string}`, voucher });
  }
  const honest = await WireStream.open(await freshNode(), address);
  const before = performance.now();
  expect(await honest.ask({ type: 'quoteRequest', chainId: network.chainId })).toMatchObject({ type: 'quote' });
  expect(performance.now() - before).toBeLessThan(2000);
  await stream.until(({ body }) => isError('rate_limited')(body));
  // Only what the rate lets through was looked at.
  expect(stream.received.filter(({ body }) => isError('unknown_channel')(body)).length).toBeLessThan(200);
});

test('a peer has four streams at once, and no more', async () => {
  const greedy = await freshNode();
  const streams: WireStream[] = [];
  for (let count = 0; count < 5; count += 1) streams.push(await WireStream.open(greedy, address));
  expect(await streams[4]!.end()).toBe('reset');
  expect(await streams[3]!.ask({ type: 'quoteRequest', chainId: 1 })).toMatchObject({ code: 'wrong_network' });
});

test('frames that cannot be: too long, cut off, of the other side; the relay goes on', async () => {
  const rude = await freshNode();
  const tooLong = await WireStream.open(rude, address);
  tooLong.raw(Uint8Array.of(0xff, 0xff, 0x7f, 1, 2, 3));
  expect(await tooLong.end()).toBe('reset');
  const wrongSide = await WireStream.open(rude, address);
  wrongSide.tell({ type: 'error', code: 'bad_sig' });
  expect(await wrongSide.end()).toBe('reset');
  const cutOff = await WireStream.open(rude, address);
  cutOff.raw(Uint8Array.of(100, 1, 2));
  await cutOff.close();
  const good = await WireStream.open(rude, address);
  expect(await good.ask({ type: 'quoteRequest', chainId: 1 })).toMatchObject({ code: 'wrong_network' });
});

test('nothing of a client is in the log', () => {
  const text = JSON.stringify(lines);
  expect(text).not.toContain('127.0.0.1');
  expect(text).not.toContain(node.peerId.toString());
});

async function freshNode(): Promise<Libp2p> {
  const fresh = await startPayerNode();
  relays.push({ stop: async () => fresh.stop(), reload: () => Promise.resolve(), drainMs: () => 0 });
  return fresh;
}
