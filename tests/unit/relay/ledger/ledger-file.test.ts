// The file itself: made whole, opened when it is good, and left byte for byte when it is not.

import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listChannels } from '../../../../relay/ledger/channels.ts';
import { openForReading, openForWriting } from '../../../../relay/ledger/ledger-file.ts';
import { LedgerError, type LedgerErrorCode } from '../../../../relay/ledger/ledger-error.ts';
import { openLedger } from '../../../../relay/ledger/ledger.ts';
import { migrate, MIGRATIONS, readVersion } from '../../../../relay/ledger/schema.ts';
import { createTransactions } from '../../../../relay/ledger/transactions.ts';
import { hexOf, NOW, testChannel, testVoucher } from '../../../support/ledger-values.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

function codeOf(work: () => unknown): LedgerErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return undefined;
}

async function writeSome(channels: number): Promise<void> {
  const ledger = openLedger({ path, entry: true });
  await Promise.all(
    Array.from({ length: channels }, (_, number) => [
      ledger.channels.open(testChannel(number), NOW),
      ledger.channels.creditVoucher(testVoucher(number, 5n), NOW),
    ]).flat(),
  );
  ledger.close();
}

test('a new ledger is for its owner alone, synced in full, and the same when it is opened again', async () => {
  await writeSome(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const db = openForWriting(path);
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
  expect(db.prepare('PRAGMA secure_delete').get()).toEqual({ secure_delete: 1 });
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  db.close();
  const ledger = openLedger({ path, entry: true });
  expect(ledger.channels.list()).toMatchObject([{ ...testChannel(0), voucher: { max: 5n } }]);
  ledger.close();
});

test('one writer: a second one in this process too', () => {
  const first = openLedger({ path, entry: true });
  expect(codeOf(() => openLedger({ path, entry: true }))).toBe('locked');
  first.close();
  openLedger({ path, entry: true }).close();
});

describe('what is not a whole ledger of this version is refused, and left as it is', () => {
  const cases: [string, LedgerErrorCode, () => void][] = [
    ['an empty file', 'damaged', () => truncateSync(path, 0)],
    ['the first half of it', 'damaged', () => truncateSync(path, statSync(path).size / 2)],
    ['another header', 'damaged', () => overwrite(0, Buffer.from('SQLite format 4'))],
    ['text', 'damaged', () => writeFileSync(path, 'not a database, but long enough to be looked at '.repeat(100))],
    ['another program’s database', 'damaged', () => inDatabase('PRAGMA application_id = 7')],
    ['a later version', 'newer', () => inDatabase(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)],
    ['a page of zeros', 'damaged', () => overwrite(3 * 4096, Buffer.alloc(4096))],
  ];

  test.each(cases)('%s: %s', async (_, code, damage) => {
    await writeSome(200);
    damage();
    const before = readFileSync(path);
    expect(codeOf(() => openLedger({ path, entry: true }))).toBe(code);
    expect(codeOf(() => openForReading(path))).toBe(code);
    expect(readFileSync(path).equals(before)).toBe(true);
    // The lock is given back.
    expect(codeOf(() => openLedger({ path, entry: true }))).toBe(code);
  });

  test('the file is gone and its log is not', async () => {
    const ledger = openLedger({ path, entry: true });
    await ledger.channels.open(testChannel(1), NOW);
    copyFileSync(`${path}-wal`, join(folder, 'kept-wal'));
    ledger.close();
    rmSync(path);
    copyFileSync(join(folder, 'kept-wal'), `${path}-wal`);
    const before = readFileSync(`${path}-wal`);
    expect(codeOf(() => openLedger({ path, entry: true }))).toBe('damaged');
    expect(readFileSync(`${path}-wal`).equals(before)).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  function overwrite(at: number, bytes: Buffer): void {
    const whole = readFileSync(path);
    bytes.copy(whole, at);
    writeFileSync(path, whole);
  }
  function inDatabase(sql: string): void {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  }
});

test('a folder that cannot be, and a reader without a ledger', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(codeOf(() => openLedger({ path: join(folder, 'file/ledger.db'), entry: true }))).toBe('unavailable');
  expect(codeOf(() => openForReading(path))).toBe('missing');
  expect(existsSync(path)).toBe(false);
});

test('what an earlier start left half made is made anew', () => {
  writeFileSync(`${path}.new`, 'half');
  openLedger({ path, entry: true }).close();
  expect(existsSync(`${path}.new`)).toBe(false);
});

describe('marks', () => {
  const { id } = testChannel(0);
  const reserved = (): bigint | undefined => {
    const db = openForReading(path);
    try {
      return listChannels(db)[0]?.reserved;
    } finally {
      db.close();
    }
  };

  test('are beside the ledger, for its owner alone, and are read by whoever reads the ledger', async () => {
    await writeSome(1);
    const ledger = openLedger({ path, entry: true });
    ledger.channels.reserve(id, 7n);
    expect(reserved()).toBe(7n);
    expect(statSync(`${path}.marks`).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}.marks-wal`).mode & 0o777).toBe(0o600);
    ledger.close();
    expect(reserved()).toBe(7n);
  });

  test('of a ledger that is no more are not those of the next', async () => {
    await writeSome(1);
    const ledger = openLedger({ path, entry: true });
    ledger.channels.reserve(id, 7n);
    ledger.close();
    rmSync(path);
    await writeSome(1);
    expect(reserved()).toBe(0n);
  });

  test('without the file nothing is marked, and a damaged one is left as it is', async () => {
    await writeSome(1);
    rmSync(`${path}.marks`);
    expect(reserved()).toBe(0n);
    const text = 'not a database, but long enough to be looked at '.repeat(100);
    writeFileSync(`${path}.marks`, text);
    expect(codeOf(() => openLedger({ path, entry: true }))).toBe('damaged');
    expect(codeOf(() => openForReading(path))).toBe('damaged');
    expect(readFileSync(`${path}.marks`, 'utf8')).toBe(text);
  });

  test('are written while the ledger is locked by its writing thread', async () => {
    await writeSome(1);
    const ledger = openLedger({ path, entry: true });
    const writer = openForWriting(path);
    writer.exec('BEGIN IMMEDIATE');
    ledger.channels.reserve(id, 8n);
    expect(reserved()).toBe(8n);
    writer.exec('ROLLBACK');
    writer.close();
    ledger.close();
  });

  test('of before they had a file count as served', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, MIGRATIONS.slice(0, 2));
    db.exec(`INSERT INTO channels (id, kind, chain_id, opened_at, payer, payer_authorizer, receiver, receiver_authorizer, token, withdraw_delay, salt, owed, reserved)
      VALUES ('${id}', 'client', 1, 1, ${Array.from({ length: 5 }, () => `'0x${'11'.repeat(20)}'`).join()}, 900, '0x${'22'.repeat(32)}', x'${'00'.repeat(15)}05', x'${'00'.repeat(15)}09')`);
    migrate(db);
    expect(db.prepare('SELECT hex(owed) AS owed FROM channels').get()).toEqual({ owed: `${'00'.repeat(15)}09` });
  });
});

describe('migrations', () => {
  test('what was sent is kept where the registry’s kinds came, and goes on', async () => {
    const transaction = { chainId: 1, account: hexOf('payer', 20), channels: [{ id: hexOf('channel', 32), max: 5n }] };
    const before = new DatabaseSync(path);
    before.exec('PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL');
    migrate(before, MIGRATIONS.slice(0, 3));
    const write = async <T>(work: () => T): Promise<T> => work();
    const old = createTransactions(before, write);
    for (const nonce of [0, 1, 2]) await old.prepare({ ...transaction, nonce, kind: 'claim' }, NOW);
    await old.sent(2, hexOf('hash', 32), NOW);
    await expect(old.prepare({ ...transaction, nonce: 3, kind: 'registry' }, NOW)).rejects.toThrow('CHECK');
    const kept = old.list();
    before.close();

    const ledger = openLedger({ path, entry: true });
    expect(ledger.transactions.list()).toEqual(kept);
    const id = await ledger.transactions.prepare({ ...transaction, nonce: 3, kind: 'registry' }, NOW);
    expect(id).toBe(4);
    await ledger.transactions.sent(id, hexOf('another', 32), NOW);
    // A nonce is still taken once.
    const twice = ledger.transactions.prepare({ ...transaction, nonce: 1, kind: 'approve' }, NOW);
    await expect(twice).rejects.toMatchObject({ code: 'conflict' });
    ledger.close();
  });

  test('go from any version to the last, once', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, ['CREATE TABLE a (x)']);
    migrate(db, ['CREATE TABLE a (x)', 'ALTER TABLE a ADD y', 'INSERT INTO a VALUES (1, 2)']);
    migrate(db, ['CREATE TABLE a (x)', 'ALTER TABLE a ADD y', 'INSERT INTO a VALUES (1, 2)']);
    expect(readVersion(db)).toBe(3);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
  });

  test('all or none: a step that fails undoes those before it', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, ['CREATE TABLE a (x)']);
    expect(() => migrate(db, ['CREATE TABLE a (x)', 'INSERT INTO a VALUES (1)', 'NONSENSE'])).toThrow(/syntax/);
    expect(readVersion(db)).toBe(1);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([]);
  });
});
