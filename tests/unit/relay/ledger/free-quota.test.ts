// The free quota: what a neighbour, a day and a look into the file give away.

import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quotaPrefix } from '../../../../relay/ledger/free-quota.ts';
import { openForReading } from '../../../../relay/ledger/ledger-file.ts';
import { openLedger, type Ledger } from '../../../../relay/ledger/ledger.ts';
import { NOW } from '../../../support/ledger-values.ts';

const DAY_MS = 86_400_000;
const LIMIT = 100n;

let folder: string;
let path: string;
let ledger: Ledger;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  path = join(folder, 'ledger.db');
  ledger = openLedger({ path, entry: true });
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

const take = (address: string, bytes: bigint, now = NOW) => ledger.freeQuota!.take(address, bytes, LIMIT, now);

/** Everything on the disk, log and all. */
const files = (): Buffer =>
  Buffer.concat(
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => readFileSync(join(folder, name))),
  );

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2ff:a::1', '2001:db8:1:200::/56'],
])('%s shares %s', (address, prefix) => {
  expect(quotaPrefix(address)).toBe(prefix);
});

test('every address has the prefix of its /24 or /56, and what is no address is refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const [first = '', bits] = quotaPrefix(address).split('/');
      const parsed = ipaddr.process(address);
      expect(Number(bits)).toBe(parsed.kind() === 'ipv4' ? 24 : 56);
      expect(parsed.match(ipaddr.parse(first), Number(bits))).toBe(true);
    }),
  );
  expect(() => quotaPrefix('example.org')).toThrow('not an address');
});

test('neighbours share it, strangers do not, and no more than the limit is granted, also at once', async () => {
  const grants = await Promise.all(Array.from({ length: 12 }, (_, at) => take(`192.0.2.${at}`, 10n)));
  expect(grants.map(({ granted }) => granted)).toEqual([...new Array<bigint>(10).fill(10n), 0n, 0n]);
  expect(await take('192.0.3.1', 60n)).toEqual({ granted: 60n, left: 40n });
  expect(await take('192.0.3.1', 60n)).toEqual({ granted: 40n, left: 0n });
  ledger.close();
  ledger = openLedger({ path, entry: true });
  expect(await take('192.0.2.200', 0n)).toEqual({ granted: 0n, left: 0n });
});

test('a new day is a new quota; a clock that goes back is not', async () => {
  await take('192.0.2.1', 100n);
  expect(await take('192.0.2.1', 0n, NOW - DAY_MS)).toMatchObject({ left: 0n });
  expect(await take('192.0.2.1', 30n, NOW + DAY_MS)).toMatchObject({ left: 70n });
  expect(await take('192.0.2.1', 0n, NOW)).toMatchObject({ left: 70n });
});

test('the file holds no address and no plain hash of one; with the day its key and its rows are gone from the disk', async () => {
  await take('198.51.100.23', 5n);
  const { key, prefix } = inFile();
  expect(prefix).toEqual(createHmac('sha256', key).update('198.51.100.0/24').digest());
  expect(files().includes(key)).toBe(true);
  expect(files().includes('198.51.100')).toBe(false);
  expect(files().includes(Buffer.from([198, 51, 100]))).toBe(false);
  await take('203.0.113.9', 5n, NOW + DAY_MS);
  expect(files().includes(key)).toBe(false);
  expect(files().includes(prefix)).toBe(false);
});

test('an exit has none', () => {
  const exit = openLedger({ path: join(folder, 'exit.db'), entry: false });
  expect(exit.freeQuota).toBeUndefined();
  exit.close();
});

function inFile(): { key: Buffer; prefix: Buffer } {
  const db = openForReading(path);
  const key = db.prepare('SELECT hash_key FROM quota_days').get()?.['hash_key'];
  const prefix = db.prepare('SELECT prefix FROM quota').get()?.['prefix'];
  db.close();
  return { key: Buffer.from(key as Uint8Array), prefix: Buffer.from(prefix as Uint8Array) };
}
