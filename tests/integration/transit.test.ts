// An entry pays its exit: both as processes, the devnet's chain behind them, and a client whose bytes go through both.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerReport } from '../../relay/cli/ledger.ts';
import { libp2pAddress, type RelayProcess } from '../support/relay-process.ts';
import { MIB } from '../support/session-payee.ts';
import { createTransitBench, type TransitBench } from '../support/transit-bench.ts';

const ONE = 1_000_000n;
const PRICE = 73n;
/** Low after 175 MiB, of which the first test brings 150 and a voucher is an increment ahead: it takes one top-up. */
const DEPOSIT = 16_000n;
/** Of a link: 64 MiB. */
const INCREMENT = 64n * PRICE;

let bench: TransitBench;
let entry: RelayProcess;
let exit: RelayProcess;

const payments = (name: string, more: object = {}) =>
  bench.payments(name, { minDeposit: Number(DEPOSIT), transitDeposit: Number(DEPOSIT), ...more });

beforeAll(async () => {
  bench = await createTransitBench();
  await bench.makeKey('entry', 10n * ONE);
  await bench.makeKey('exit');
  entry = await bench.startEntry(payments('entry'));
  exit = await bench.startRawExit([libp2pAddress(entry)], payments('exit'));
  await entry.event('transit-open');
}, 60_000);
afterAll(() => bench.close());

test('the entry’s voucher to the exit rises with the bytes of its clients, and covers them but for an increment', async () => {
  const size = 150 * MIB;
  expect(await bench.download(entry, exit, size)).toBe(size);
  const [channel] = bench.ledgerOf('exit').channels;
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
  const [paid] = bench.ledgerOf('entry').outgoing;
  expect(paid).toMatchObject({ id: channel!.id, peer: exit.identity.label, balance: 2n * DEPOSIT });
  expect(paid!.voucher!.max).toBeGreaterThanOrEqual(channel!.voucher!.max);
  const [report] = ledgerReport(join(bench.folder, 'exit.db'), true);
  expect(report).toContain(`"signed":"${channel!.voucher!.max}"`);
  const [ofEntry] = ledgerReport(join(bench.folder, 'entry.db'), true);
  expect(ofEntry).toContain(`"paid":"${paid!.voucher!.max}"`);
  expect(ofEntry).not.toContain('standing');
});

test('an entry that was killed goes on with the channel that it had, and signs no less', async () => {
  const [before] = bench.ledgerOf('exit').channels;
  entry.signal('SIGKILL');
  await entry.ended;
  const lines = exit.lines.length;
  entry = await bench.restartEntry(entry, payments('entry'));
  await exit.event('exit-entry-connected', lines);
  await entry.event('transit-open');
  expect(await bench.download(entry, exit, 100 * MIB)).toBe(100 * MIB);
  const { channels } = bench.ledgerOf('exit');
  expect(channels).toHaveLength(1);
  expect(channels[0]!.voucher!.max).toBeGreaterThan(before!.voucher!.max + INCREMENT / 2n);
  expect(channels[0]!.unsigned).toBeLessThanOrEqual(INCREMENT);
  expect(channels[0]).toMatchObject({ balance: 2n * DEPOSIT });
  expect(bench.ledgerOf('entry').outgoing).toHaveLength(1);
});

test('an exit that wants more than clients pay for it is not paid, said once, and no client’s tunnel is carried by it', async () => {
  await bench.makeKey('dear');
  const dear = await bench.startRawExit(
    [libp2pAddress(entry)],
    payments('dear', { prices: { exitPerMiB: Number(PRICE) + 1 } }),
  );
  expect(await entry.event('exit-too-dear')).toMatchObject({ exit: dear.identity.label });
  expect(await bench.download(entry, dear, MIB)).toBeLessThan(100);
  expect(entry.lines.filter(({ event }) => event === 'exit-too-dear')).toHaveLength(1);
  expect(bench.ledgerOf('dear').channels).toEqual([]);
  expect(await entry.event('tunnel-refused')).toMatchObject({ code: 'exit-refused' });
});

test('an entry without money says so', async () => {
  await bench.makeKey('poor');
  await bench.makeKey('rich');
  const poor = await bench.startEntry(payments('poor'));
  const own = await bench.startRawExit([libp2pAddress(poor)], payments('rich'));
  expect(await poor.event('transit-no-money')).toMatchObject({ exit: own.identity.label });
  expect(await bench.download(poor, own, MIB)).toBeLessThan(100);
});
