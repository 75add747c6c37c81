// The free quota of an entry, by source prefix and day (UTC). A prefix is kept only as a hash under a key drawn for the day; with the day its key and
// its rows are wiped, and nothing tells any more who came. While the day lasts, whoever has the file can try all prefixes: an entry sees its
// clients' addresses anyway. An exit has no free quota, and so none of this.

import { createHmac, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import ipaddr from 'ipaddr.js';
import type { Write } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import { asCount, count } from './values.ts';

export type FreeQuota = {
  /**
   * Takes bytes of a source's quota, or as many as are left; 0 tells what is left.
   * @param address of the client; @param limit bytes a day for one prefix; @param now ms
   */
  take(address: string, bytes: bigint, limit: bigint, now: number): Promise<{ granted: bigint; left: bigint }>;
};

const DAY_MS = 86_400_000;
/** What one household or one customer of a provider has: a /24 is shared, a /56 is the usual size of a delegation (RFC 6177). */
const PREFIX_4 = 24;
const PREFIX_6 = 56;

export function createFreeQuota(db: DatabaseSync, write: Write): FreeQuota {
  const readKey = db.prepare('SELECT day, hash_key FROM quota_days ORDER BY day DESC LIMIT 1');
  const forget = db.prepare('DELETE FROM quota_days');
  const addDay = db.prepare('INSERT INTO quota_days VALUES (?, ?)');
  const readUsed = db.prepare('SELECT bytes FROM quota WHERE day = ? AND prefix = ?');
  readUsed.setReadBigInts(true);
  const add = db.prepare(
    'INSERT INTO quota VALUES (?, ?, ?) ON CONFLICT (day, prefix) DO UPDATE SET bytes = bytes + excluded.bytes',
  );
  let wiped = true;

  /** The day that is counted, and its key. A clock that goes back opens no second quota. */
  const today = (now: number): { day: number; key: Uint8Array } => {
    const day = Math.floor(now / DAY_MS);
    const kept = readKey.get();
    if (kept?.['hash_key'] instanceof Uint8Array && Number(kept['day']) >= day) {
      return { day: Number(kept['day']), key: kept['hash_key'] };
    }
    wiped = kept === undefined;
    forget.run();
    const key = randomBytes(32);
    addDay.run(day, key);
    return { day, key };
  };

  /** What was deleted stands in the log until it is cut; `secure_delete` sees to the file itself. */
  const wipe = (): void => {
    if (wiped) return;
    wiped = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  };

  return {
    take: async (address, bytes, limit, now) => {
      const taken = await write(() => {
        const { day, key } = today(now);
        const prefix = createHmac('sha256', key).update(quotaPrefix(address)).digest();
        const row = readUsed.get(day, prefix);
        const used = row === undefined ? 0n : asCount(row['bytes']);
        const rest = used < limit ? limit - used : 0n;
        const granted = count(bytes) < rest ? bytes : rest;
        if (granted > 0n) add.run(day, prefix, granted);
        return { granted, left: rest - granted };
      });
      wipe();
      return taken;
    },
  };
}

/** The prefix that shares a quota, such as `192.0.2.0/24` or `2001:db8:0:100::/56`. Throws `LedgerError` `bad-value`. */
export function quotaPrefix(address: string): string {
  if (!ipaddr.isValid(address)) throw new LedgerError('bad-value', 'not an address');
  // IPv4 inside of IPv6 is IPv4: a listener on both families says so.
  const parsed = ipaddr.process(address);
  const bits = parsed.kind() === 'ipv4' ? PREFIX_4 : PREFIX_6;
  const bytes = parsed.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * index));
    return byte & (0xff << (8 - kept));
  });
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`;
}
