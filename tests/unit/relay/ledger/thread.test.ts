// The ledger with a thread that writes: the same promises as without (records.test.ts), and what only a thread can get wrong.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LedgerError, type LedgerErrorCode } from '../../../../relay/ledger/ledger-error.ts';
import { openLedger, type Ledger } from '../../../../relay/ledger/ledger.ts';
import { NOW, testChannel, testVoucher } from '../../../support/ledger-values.ts';

let folder: string;
let ledger: Ledger;
const open = (): Ledger => openLedger({ path: join(folder, 'ledger.db'), entry: true, thread: true });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  ledger = open();
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

async function codeOf(work: Promise<unknown>): Promise<LedgerErrorCode | undefined> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return undefined;
}

test('what a promise said to be written is read at once, in the order in which it was asked for', async () => {
  const { channels } = ledger;
  const written = [
    channels.open(testChannel(1), NOW),
    channels.creditVoucher(testVoucher(1, 5n), NOW),
    channels.count(testChannel(1).id, { bytesUp: 3n, bytesDown: 4n, owed: 5n }),
  ];
  // At once, also while the thread has a transaction open, and before its channel is on the disk.
  channels.reserve(testChannel(1).id, 9n);
  await Promise.all(written);
  expect(channels.get(testChannel(1).id)).toMatchObject({ voucher: { max: 5n }, reserved: 9n, bytesUp: 3n, owed: 5n });
  expect(await codeOf(channels.creditVoucher(testVoucher(1, 5n), NOW))).toBe('not-advancing');
  expect(await codeOf(channels.creditVoucher(testVoucher(2, 5n), NOW))).toBe('unknown-channel');
  expect(await codeOf(channels.creditVoucher(testVoucher(1, -1n), NOW))).toBe('bad-value');
  expect(await ledger.freeQuota?.take('192.0.2.1', 7n, 10n, NOW)).toEqual({ granted: 7n, left: 3n });
});

test('what waits at the end is committed first, and after the end nothing is taken', async () => {
  const waiting = Array.from({ length: 50 }, (_, number) => ledger.channels.open(testChannel(number), NOW));
  ledger.close();
  expect(await codeOf(ledger.channels.open(testChannel(99), NOW))).toBe('unavailable');
  ledger = open();
  expect(ledger.channels.list()).toHaveLength(50);
  await Promise.all(waiting);
});

test('a second writer is refused, here and in the thread', () => {
  for (const thread of [false, true]) {
    expect(() => openLedger({ path: join(folder, 'ledger.db'), entry: true, thread })).toThrow(LedgerError);
  }
});
