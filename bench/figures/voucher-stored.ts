// What keeping a voucher costs a relay: from a voucher that is right to one that is on the disk with a full sync, through the ledger itself and its thread.
// Beside it the peers of the same run on the same disk: a commit for each voucher, and plain inserts with a full sync and with none.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { openLedger, type Ledger } from '../../relay/ledger/ledger.ts';
import type { Figure } from '../figure.ts';
import { median, percentile } from '../stats.ts';

/** Clients that pay at once, and vouchers of all. */
const CHANNELS = 100;
const VOUCHERS = 10_000;
/** The rate that must be borne, for the waiting of one voucher under it. */
const RATE = 500;

/** @param folder on the disk to be measured: a memory disk syncs nothing */
export async function measureVoucherStored(folder: string): Promise<Figure> {
  const place = mkdtempSync(join(folder, 'voucher-stored-'));
  try {
    const ledger = openLedger({ path: join(place, 'ledger.db'), entry: true, thread: true });
    await Promise.all(Array.from({ length: CHANNELS }, (_, number) => open(ledger, number)));
    const cpu = process.cpuUsage();
    const together = await rate(VOUCHERS, CHANNELS, (index) => credit(ledger, index));
    const { user, system } = process.cpuUsage(cpu);
    const single = await rate(VOUCHERS / 10, 1, (index) => credit(ledger, VOUCHERS + index));
    const waits = await waitsAt(RATE, 2000, (index) => credit(ledger, 2 * VOUCHERS + index));
    ledger.close();
    const full = plainInserts(join(place, 'full.db'), 'FULL', VOUCHERS / 10);
    const none = plainInserts(join(place, 'none.db'), 'OFF', VOUCHERS);
    const p99 = percentile(waits, 0.99);
    const p50 = median(waits);
    return {
      name: 'voucher stored',
      must: `>= ${RATE}/s`,
      measured: `${together}/s`,
      reached: together >= RATE,
      detail:
        `${VOUCHERS} vouchers of ${CHANNELS} channels at once, ${Math.round((user + system) / VOUCHERS)} µs of a core each; at ${RATE}/s one waits ${p50.toFixed(2)} ms for the disk, p99 ${p99.toFixed(2)}; ` +
        `one at a time ${single}/s; plain inserts with a full sync each ${full}/s, without any ${none}/s`,
    };
  } finally {
    rmSync(place, { recursive: true });
  }
}

const hex = (value: number, bytes: number): `0x${string}` => `0x${value.toString(16).padStart(2 * bytes, '0')}`;

function open(ledger: Ledger, number: number): Promise<void> {
  const [address, word] = [hex(number, 20), hex(number, 32)];
  const people = { payer: address, payerAuthorizer: address, receiver: address, receiverAuthorizer: address };
  const config = { ...people, token: address, withdrawDelay: 86_400, salt: word };
  return ledger.channels.open({ id: word, kind: 'client', chainId: 1, config }, Date.now());
}

/** The channels in turn, each with its next amount. */
function credit(ledger: Ledger, index: number): Promise<void> {
  const voucher = { id: hex(index % CHANNELS, 32), max: BigInt(index + 1), signature: hex(index, 65) };
  return ledger.channels.creditVoucher(voucher, Date.now());
}

/** Per second, with so many under way at once. */
async function rate(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<number> {
  const before = performance.now();
  for (let from = 0; from < count; from += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, at) => work(from + at)));
  }
  return Math.round((1000 * count) / (performance.now() - before));
}

/** How long each waits, ms, sorted, when they come one by one at an even rate. */
async function waitsAt(perSecond: number, count: number, work: (index: number) => Promise<void>): Promise<number[]> {
  const begin = performance.now();
  const running: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = begin + (1000 * index) / perSecond;
    await wait(Math.max(0, due - performance.now()));
    const came = performance.now();
    running.push(work(index).then(() => performance.now() - came));
  }
  return (await Promise.all(running)).sort((a, b) => a - b);
}

function plainInserts(path: string, synchronous: 'FULL' | 'OFF', count: number): number {
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; CREATE TABLE plain (id INTEGER, voucher BLOB)`,
  );
  const insert = db.prepare('INSERT INTO plain VALUES (?, ?)');
  const voucher = new Uint8Array(81);
  const before = performance.now();
  for (let index = 0; index < count; index += 1) insert.run(index, voucher);
  const took = performance.now() - before;
  db.close();
  return Math.round((1000 * count) / took);
}
