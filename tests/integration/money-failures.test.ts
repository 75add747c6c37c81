// What can go wrong between two sides that pay each other, with the worker's real payments, relays as processes that are killed, and the devnet's chain.
// The table of cases is in docs/payments.md.

import { connect } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Libp2p } from '@libp2p/interface';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { openForReading } from '../../relay/ledger/ledger-file.ts';
import { readSummary, type LedgerSummary } from '../../relay/ledger/summary.ts';
import { createPaymentKey } from '../../relay/payment-key.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import { asAddress, type Hex } from '../../src/core/payment/hex.ts';
import type { SessionBody } from '../../src/core/wire/session-messages.ts';
import { eventually } from '../support/eventually.ts';
import { makeDevice, startWorker, type Device, type PayingWorker } from '../support/paying-worker.ts';
import { circuitName, receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';
import { MIB, network, TestPayer } from '../support/session-payee.ts';
import { shortSignature, startPayerNode, WireStream } from '../support/session-wire.ts';
import { isLong } from '../support/length.ts';

const ONE = 1_000_000n;
const DAY_MS = 86_400_000;
/** 16 MiB at $0.11 a gigabyte. */
const INCREMENT = 16n * 105n;
const PASSWORD = 'gT7!qLx2#vR9m';
const WORDS = 'test test test test test test test test test test test junk';

let bench: RelayBench;
let lifeline: Lifeline;
let chain: Chain;
let entry: RelayProcess;
let exit: RelayProcess;
let receiver: Hex;

const payments = { network: 'devnet', key: 'entry.pay', ledger: 'entry.db', freeMiBPerDay: 64, incrementMiB: 16 };
const config = () => ({ payments: { ...payments, rpc: [chain.url] } });

beforeAll(async () => {
  bench = await createRelayBench();
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder: bench.folder, blockTimeS: 1 });
  const key = await createPaymentKey(join(bench.folder, 'entry.pay'));
  receiver = key.address;
  await chain.addGas(receiver, 10n ** 18n);
  entry = await bench.startEntry(config());
  exit = await bench.startRawExit([libp2pAddress(entry)]);
  await entry.event('entry-exit-connected');
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await bench.clean();
  await chain.close();
  await lifeline.close();
});

const nodes: Libp2p[] = [];
let sources = 100;

/** Each from a network of its own: leases, the free quota and deposits are counted by it. */
async function freshNode(): Promise<{ node: Libp2p; source: string }> {
  const source = `127.0.${(sources += 1)}.1`;
  const node = await startPayerNode({ localAddress: source });
  nodes.push(node);
  return { node, source };
}

type Person = PayingWorker & { node: Libp2p; source: string };

async function makeWorker(device = makeDevice(), now?: () => number): Promise<Person> {
  const { node, source } = await freshNode();
  const address = (): string => libp2pAddress(entry);
  const from = { peer: entry.identity.label, operator: 'alder' };
  const init = { device, node: () => node, address, rpc: chain.url, entry: from, ...(now && { now }) };
  return { ...startWorker(init), node, source };
}

/** A wallet with play money of its own, or that of `words`, and a deposit of $2 that is safe; and its channel. */
async function deposited(worker: PayingWorker, words?: string): Promise<{ account: Hex; channel: Hex }> {
  await worker.lease();
  if (words === undefined) await worker.wallet.create(PASSWORD);
  else await worker.wallet.bringIn({ kind: 'words', words }, PASSWORD, false);
  const account = asAddress((await worker.status()).account);
  await chain.mint(account, 2n * ONE);
  const question = await worker.payments.askDeposit(2n * ONE);
  await worker.payments.confirmDeposit(question.id, false);
  await eventually(async () => {
    const kept = (await worker.book()).channels.find(({ id }) => id === question.channel)!;
    expect(kept.funds.safe).toBe(2n * ONE);
  });
  return { account, channel: question.channel };
}

async function download(worker: Person, bytes: number): Promise<number> {
  const port = await worker.lease();
  const socket = connect({
    host: tunnelsPort(entry).host,
    port: port!,
    localAddress: worker.source,
    allowHalfOpen: true,
  });
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([makeHello({ serverName: circuitName(exit) }), Buffer.from(`send ${bytes}\n`)]));
  return (await receive(socket)).length;
}

const paidOf = async (worker: PayingWorker, id: Hex) =>
  (await worker.book()).channels.find((channel) => channel.id === id)!.paid;

const inPurse = (account: Hex): Promise<bigint> =>
  createRpc({ url: chain.url, fetch }).at('latest').read(readTokenBalance(network, account));

function ledger(): LedgerSummary {
  const db = openForReading(join(bench.folder, 'entry.db'));
  try {
    return readSummary(db);
  } finally {
    db.close();
  }
}
const inLedger = (id: Hex) => ledger().channels.find((channel) => channel.id === id);

/** @param meanwhile while nothing has the ledger */
async function killAndRestart(meanwhile: () => void = () => undefined): Promise<void> {
  entry.signal('SIGKILL');
  await entry.ended;
  meanwhile();
  const lines = exit.lines.length;
  entry = await bench.restartEntry(entry, config());
  await exit.event('exit-entry-connected', lines);
}

// One after another only where the relay is killed: most of the time blocks are waited for.
test.concurrent.each([
  ['ten minutes ahead', 600_000],
  ['ten minutes behind', -600_000],
])('a person whose clock is %s deposits, pays, and has the rest back', async (_, skew) => {
  const device = makeDevice();
  const worker = await makeWorker(device, () => Date.now() + skew);
  const { account, channel } = await deposited(worker);
  expect(await download(worker, 20 * MIB)).toBe(20 * MIB);
  await eventually(async () => expect((await paidOf(worker, channel)).signed).toBeGreaterThan(16n * 105n));
  await worker.payments.closeChannel(channel);
  await eventually(async () => expect(await inPurse(account)).toBeGreaterThan(2n * ONE - 3n * INCREMENT));
  expect(device.reports).toEqual([]);
});

test.concurrent(
  'two devices on one seed have a channel each, pay at once, and neither pays for the other',
  async () => {
    const workers = [await makeWorker(), await makeWorker()] as const;
    const [one, other] = [await deposited(workers[0], WORDS), await deposited(workers[1], WORDS)];
    expect(other.account).toBe(one.account);
    expect(other.channel).not.toBe(one.channel);
    const sizes = [40 * MIB, 20 * MIB] as const;
    expect(await Promise.all([download(workers[0], sizes[0]), download(workers[1], sizes[1])])).toEqual(sizes);
    for (const [at, { channel }] of [one, other].entries()) {
      const cost = BigInt(sizes[at]! / MIB) * 105n;
      await eventually(() => {
        const kept = inLedger(channel)!;
        expect(kept.voucher!.max).toBeGreaterThan(cost - INCREMENT);
        expect(kept.voucher!.max).toBeLessThanOrEqual(cost + cost / 20n + INCREMENT);
      });
      await workers[at]!.payments.closeChannel(channel);
    }
    await eventually(async () => expect(await inPurse(one.account)).toBeGreaterThan(4n * ONE - 10n * INCREMENT));
  },
);

test
  .runIf(isLong)
  .concurrent(
    'a book that is put back to before its vouchers: the payer finds what it has signed, and signs no less',
    async () => {
      const device = makeDevice();
      const first = await makeWorker(device);
      const { channel } = await deposited(first);
      const before = new Map(device.browser.stored.local);
      expect(await download(first, 60 * MIB)).toBe(60 * MIB);
      await eventually(() => expect(inLedger(channel)?.voucher?.max ?? 0n).toBeGreaterThan(3n * INCREMENT));
      const had = inLedger(channel)!.voucher!.max;
      await first.node.stop();
      device.browser.stored.local = before;
      const second = await makeWorker(device);
      expect((await paidOf(second, channel)).signed).toBeLessThan(had);
      await second.lease();
      const { signed } = await paidOf(second, channel);
      expect(signed).toBeGreaterThanOrEqual(had);
      expect(await download(second, 40 * MIB)).toBe(40 * MIB);
      await eventually(() => expect(inLedger(channel)!.voucher!.max).toBeGreaterThan(had));
      expect((await second.status()).problem).toBeNull();
    },
  );

test.concurrent(
  'of vouchers that are wrong in every way nothing is credited, and the right one after them is',
  async () => {
    const { node } = await freshNode();
    const alice = new TestPayer('wrong vouchers', receiver);
    const bob = new TestPayer('somebody else', receiver);
    alice.payer.peerId = node.peerId.toString();
    await chain.mint(alice.config.payer, 2n * ONE);
    const stream = await WireStream.open(node, libp2pAddress(entry));
    await stream.ask({ type: 'quoteRequest', chainId: network.chainId });
    const proof = alice.proof(entry.identity.peerId.toString());
    const deposit = alice.deposit(2n * ONE, 'first', Date.now());
    await stream.ask({ type: 'open', channel: { config: alice.config, proof }, deposit });
    await stream.until(({ body }) => body.type === 'openAck' && body.channel?.depositState === 'safe');

    const good = alice.voucher(10_000n);
    /** Without looking at it twice: what it is answered, or nothing where the next message is answered first. */
    const codeOf = async (voucher: { max: bigint; signature: Hex }, channelId = alice.id): Promise<string> => {
      const request = stream.tell({ type: 'voucher', channelId, voucher });
      const next = stream.tell({ type: 'voucher', channelId: bob.id, voucher: bob.voucher(1n) });
      await stream.until((message) => message.request === next);
      const answer = stream.received.find((message) => message.request === request)?.body;
      return answer?.type === 'error' ? answer.code : 'taken';
    };
    const changed = (sum: bigint, s: (s: bigint) => bigint): { max: bigint; signature: Hex } => {
      const { signature } = alice.voucher(sum);
      const high = s(BigInt(`0x${signature.slice(66, 130)}`))
        .toString(16)
        .padStart(64, '0');
      const v = signature.slice(130) === '1b' ? '1c' : '1b';
      return { max: sum, signature: `0x${signature.slice(2, 66)}${high}${v}` };
    };
    const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    expect(await codeOf(good)).toBe('taken');
    expect(await codeOf(good)).toBe('not_advancing');
    expect(await codeOf(alice.voucher(9_000n))).toBe('not_advancing');
    expect(await codeOf(bob.voucher(20_000n), bob.id)).toBe('wrong_channel');
    expect(await codeOf(bob.voucher(20_000n))).toBe('bad_sig');
    expect(await codeOf(alice.voucher(2n * ONE + 1n))).toBe('exceeds_balance');
    expect(await codeOf(changed(20_000n, (s) => ORDER - s))).toBe('bad_sig');
    expect(await codeOf(changed(20_000n, (s) => s ^ 1n))).toBe('bad_sig');
    // A signature of 64 bytes: a message that nobody writes, so its bytes are cut out of a right one.
    stream.raw(shortSignature(alice.id, alice.voucher(20_000n)));
    await stream.until(({ request, body }) => request === 0 && isError(body, 'bad_message'));
    expect(inLedger(alice.id)!.voucher).toMatchObject({ max: 10_000n, signature: good.signature });
    expect(await codeOf(alice.voucher(20_000n))).toBe('taken');
    await eventually(() => expect(inLedger(alice.id)!.voucher!.max).toBe(20_000n));
  },
);

test('a relay that lost its ledger takes the channel up from the chain, and the voucher of before from its payer', async () => {
  const worker = await makeWorker();
  const { channel } = await deposited(worker);
  expect(await download(worker, 40 * MIB)).toBe(40 * MIB);
  await eventually(() => expect(inLedger(channel)?.voucher?.max ?? 0n).toBeGreaterThan(INCREMENT));
  const had = inLedger(channel)!.voucher!.max;
  await killAndRestart(() => {
    for (const more of ['', '-wal', '-shm', '.lock']) rmSync(join(bench.folder, `entry.db${more}`), { force: true });
  });
  await worker.lease();
  expect(inLedger(channel)).toMatchObject({ balance: 2n * ONE, claimed: 0n });
  expect(inLedger(channel)!.voucher!.max).toBeGreaterThanOrEqual(had);
  expect(await download(worker, 20 * MIB)).toBe(20 * MIB);
  expect((await paidOf(worker, channel)).signed).toBeLessThanOrEqual(had + 3n * INCREMENT);
});

test('a relay that is gone for good: the wallet takes the rest back, after the delay and not before', async () => {
  let passed = 0;
  const device: Device = makeDevice();
  const worker = await makeWorker(device, () => Date.now() + passed);
  const { account, channel } = await deposited(worker);
  expect(await download(worker, 40 * MIB)).toBe(40 * MIB);
  entry.signal('SIGKILL');
  await entry.ended;
  await eventually(() =>
    expect(worker.payments.closeChannel(channel)).rejects.toMatchObject({ code: 'payment-relay-away' }),
  );
  // The one way that costs gas.
  await chain.addGas(account, 10n ** 16n);
  await worker.payments.withdraw(channel);
  expect((await worker.status()).channels).toMatchObject([{ id: channel, state: 'withdrawing' }]);
  await expect(worker.payments.withdraw(channel)).rejects.toMatchObject({ code: 'payment-not-now' });
  expect(await inPurse(account)).toBe(0n);
  passed += DAY_MS + 1000;
  // It has locked itself meanwhile.
  await worker.wallet.unlock(PASSWORD);
  // The person's clock may be ahead of the chain, which has the last word.
  await expect(worker.payments.withdraw(channel)).rejects.toMatchObject({ code: 'call_failed' });
  await chain.pass(DAY_MS / 1000);
  await worker.payments.withdraw(channel);
  await eventually(async () => expect(await inPurse(account)).toBe(2n * ONE));
  expect((await worker.status()).channels).toMatchObject([{ id: channel, state: 'closed' }]);
  expect(device.reports).toEqual([]);
});

const isError = (body: SessionBody, code: string): boolean => body.type === 'error' && body.code === code;
