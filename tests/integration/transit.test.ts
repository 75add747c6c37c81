// An entry pays its exit: both as processes, the devnet's chain behind them, and a client whose bytes go through both.

import { join } from 'node:path';
import type { Libp2p } from '@libp2p/interface';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { ledgerReport } from '../../relay/cli/ledger.ts';
import { openForReading } from '../../relay/ledger/ledger-file.ts';
import { readSummary, type LedgerSummary } from '../../relay/ledger/summary.ts';
import { createPaymentKey } from '../../relay/payment-key.ts';
import { circuitName, receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';
import { MIB } from '../support/session-payee.ts';
import { startPayerNode, WireStream } from '../support/session-wire.ts';

const ONE = 1_000_000n;
const PRICE = 73n;
/** Low after 175 MiB, of which the first test brings 150 and a voucher is an increment ahead: it takes one top-up. */
const DEPOSIT = 16_000n;
/** Of a link: 64 MiB. */
const INCREMENT = 64n * PRICE;

let bench: RelayBench;
let lifeline: Lifeline;
let chain: Chain;
let node: Libp2p;
let entry: RelayProcess;
let exit: RelayProcess;

const payments = (name: string, more: object = {}) => ({
  payments: {
    network: 'devnet',
    rpc: [chain.url],
    key: `${name}.pay`,
    ledger: `${name}.db`,
    freeMiBPerDay: 4096,
    minDeposit: Number(DEPOSIT),
    transitDeposit: Number(DEPOSIT),
    ...more,
  },
});

/** A payment key in the folder, with gas, and so much money. */
async function makeKey(name: string, money = 0n): Promise<void> {
  const { address } = await createPaymentKey(join(bench.folder, `${name}.pay`));
  await chain.addGas(address, 10n ** 18n);
  if (money > 0n) await chain.mint(address, money);
}

function ledgerOf(name: string): LedgerSummary {
  const db = openForReading(join(bench.folder, `${name}.db`));
  try {
    return readSummary(db);
  } finally {
    db.close();
  }
}

/** A client with a lease on the free quota, and a download of so many bytes by it. */
async function download(from: RelayProcess, to: RelayProcess, bytes: number): Promise<number> {
  const stream = await WireStream.open(node, libp2pAddress(from));
  const ack = await stream.ask({ type: 'open' });
  if (ack.type !== 'openAck') throw new Error('no lease');
  const socket: Socket = connect({ host: tunnelsPort(from).host, port: ack.lease!.port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([makeHello({ serverName: circuitName(to) }), Buffer.from(`send ${bytes}\n`)]));
  const { length } = await receive(socket);
  socket.destroy();
  await stream.close();
  return length;
}

beforeAll(async () => {
  bench = await createRelayBench();
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder: bench.folder, blockTimeS: 1 });
  await makeKey('entry', 10n * ONE);
  await makeKey('exit');
  entry = await bench.startEntry(payments('entry'));
  exit = await bench.startRawExit([libp2pAddress(entry)], payments('exit'));
  await entry.event('transit-open');
  node = await startPayerNode();
}, 60_000);
afterAll(async () => {
  await node.stop();
  await bench.clean();
  await chain.close();
  await lifeline.close();
});

test('the entry’s voucher to the exit rises with the bytes of its clients, and covers them but for an increment', async () => {
  const size = 150 * MIB;
  expect(await download(entry, exit, size)).toBe(size);
  const [channel] = ledgerOf('exit').channels;
  const cost = (BigInt(size) / BigInt(MIB)) * PRICE;
  expect(channel).toMatchObject({ kind: 'transit', state: 'open' });
  expect(channel!.owed + INCREMENT).toBeGreaterThan(cost);
  expect(channel!.voucher!.max).toBeGreaterThan(cost - INCREMENT);
  expect(channel!.voucher!.max).toBeLessThanOrEqual(cost + 2n * INCREMENT);
  expect(channel!.unsigned).toBeLessThanOrEqual(INCREMENT);
  // A fifth was left on the way.
  const first = entry.lines.findIndex(({ event }) => event === 'transit-deposit');
  await entry.event('transit-deposit', first + 1);
  // The same on both sides, and nothing signed that the entry has not.
  const [paid] = ledgerOf('entry').outgoing;
  expect(paid).toMatchObject({ id: channel!.id, peer: exit.identity.label, balance: 2n * DEPOSIT });
  expect(paid!.voucher!.max).toBeGreaterThanOrEqual(channel!.voucher!.max);
  const [report] = ledgerReport(join(bench.folder, 'exit.db'), true);
  expect(report).toContain(`"signed":"${channel!.voucher!.max}"`);
  const [ofEntry] = ledgerReport(join(bench.folder, 'entry.db'), true);
  expect(ofEntry).toContain(`"paid":"${paid!.voucher!.max}"`);
  expect(ofEntry).not.toContain('standing');
});

test('an entry that was killed goes on with the channel that it had, and signs no less', async () => {
  const [before] = ledgerOf('exit').channels;
  entry.signal('SIGKILL');
  await entry.ended;
  const lines = exit.lines.length;
  entry = await bench.restartEntry(entry, payments('entry'));
  await exit.event('exit-entry-connected', lines);
  await entry.event('transit-open');
  expect(await download(entry, exit, 100 * MIB)).toBe(100 * MIB);
  const { channels } = ledgerOf('exit');
  expect(channels).toHaveLength(1);
  expect(channels[0]!.voucher!.max).toBeGreaterThan(before!.voucher!.max + INCREMENT / 2n);
  expect(channels[0]!.unsigned).toBeLessThanOrEqual(INCREMENT);
  expect(channels[0]).toMatchObject({ balance: 2n * DEPOSIT });
  expect(ledgerOf('entry').outgoing).toHaveLength(1);
});

test('an exit that wants more than clients pay for it is not paid, said once, and no client’s tunnel is carried by it', async () => {
  await makeKey('dear');
  const dear = await bench.startRawExit(
    [libp2pAddress(entry)],
    payments('dear', { prices: { exitPerMiB: Number(PRICE) + 1 } }),
  );
  expect(await entry.event('exit-too-dear')).toMatchObject({ exit: dear.identity.label });
  expect(await download(entry, dear, MIB)).toBeLessThan(100);
  expect(entry.lines.filter(({ event }) => event === 'exit-too-dear')).toHaveLength(1);
  expect(ledgerOf('dear').channels).toEqual([]);
  expect(await entry.event('tunnel-refused')).toMatchObject({ code: 'exit-refused' });
});

test('an entry without money says so', async () => {
  await makeKey('poor');
  await makeKey('rich');
  const poor = await bench.startEntry(payments('poor'));
  const own = await bench.startRawExit([libp2pAddress(poor)], payments('rich'));
  expect(await poor.event('transit-no-money')).toMatchObject({ exit: own.identity.label });
  expect(await download(poor, own, MIB)).toBeLessThan(100);
});
