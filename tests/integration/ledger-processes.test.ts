// The ledger as a real process and a real disk treat it: killed at any moment, opened twice, without room.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openForReading } from '../../relay/ledger/ledger-file.ts';
import { LedgerError, type LedgerErrorCode } from '../../relay/ledger/ledger-error.ts';
import { openLedger } from '../../relay/ledger/ledger.ts';
import { listChannels } from '../../relay/ledger/channels.ts';
import { testChannel, testVoucher } from '../support/ledger-values.ts';
import { runs } from '../support/length.ts';

const WRITER = resolve(import.meta.dirname, '../support/ledger-writer.ts');
/** Each takes a quarter of a second: `KILLS=500 npm run test:integration -- ledger-processes`. */
const KILLS = Number(process.env['KILLS'] ?? runs(60));

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'ledger-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function codeOf(work: () => unknown): LedgerErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return undefined;
}

/** A number from 0 to 1, again the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`killed at ${KILLS} random points: every credited voucher is there, and none is half`, async () => {
  const seed = Number(process.env['LEDGER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`LEDGER_SEED=${seed}`);
  const draw = random(seed);
  const path = join(folder, 'killed.db');
  const credited = new Map<number, bigint>();
  const onDisk = new Map<number, bigint>();
  let vouchers = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Every fifth while it starts, makes the file or recovers the log; the others while it writes.
    const afterBytes = kill % 5 === 0 ? 0 : Math.floor(draw() * 4000);
    const afterMs = kill % 5 === 0 ? draw() * 300 : draw() * 2;
    // Every other with a thread that writes, as in a relay.
    const where = kill % 2 === 0 ? 'here' : 'thread';
    const child = spawn(process.execPath, [WRITER, 'credit', path, where], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    let armed = false;
    const arm = (): void => {
      if (armed || out.length < afterBytes) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      arm();
    });
    child.once('spawn', arm);
    await once(child, 'close');
    expect({ complaint, signal: child.signalCode }).toEqual({ complaint: '', signal: 'SIGKILL' });

    for (const line of out.split('\n').slice(0, -1)) {
      const { number, max } = JSON.parse(line) as { number: number; max: string };
      credited.set(number, BigInt(max));
      vouchers += 1;
    }
    if (credited.size === 0) continue;
    const db = openForReading(path);
    const kept = new Map(listChannels(db).map((channel) => [channel.id, channel]));
    db.close();
    for (const [number, max] of credited) {
      const { id, config } = testChannel(number);
      const channel = kept.get(id);
      expect(channel?.config).toEqual(config);
      const voucher = channel?.voucher;
      expect(voucher!.max).toBeGreaterThanOrEqual(max);
      // One more may be on the disk that nobody was told of: the next process goes on from there.
      const before = onDisk.get(number) ?? 0n;
      expect(voucher!.max).toBeLessThanOrEqual((before > max ? before : max) + 1n);
      onDisk.set(number, voucher!.max);
      expect(voucher!.signature).toBe(testVoucher(number, voucher!.max).signature);
    }
  }
  console.log(`${vouchers} vouchers credited over ${KILLS} kills, none lost`);
  expect(vouchers).toBeGreaterThan(25 * KILLS);
}, 300_000);

test('a second process is refused while the first has the ledger, and let in when that was killed', async () => {
  const path = join(folder, 'held.db');
  const child = spawn(process.execPath, [WRITER, 'hold', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(codeOf(() => openLedger({ path, entry: true }))).toBe('locked');
  // A reader is not held up.
  openForReading(path).close();
  child.kill('SIGKILL');
  await once(child, 'close');
  openLedger({ path, entry: true }).close();
});

type Filled = { code: string; credited: number; kept: number; after: string };

test.each(['here', 'thread'])(
  'a full disk: a named error, nothing of it is credited, and writing goes on when there is room (%s)',
  (where) => {
    const room = join(folder, `room-${where}`);
    const script = `mkdir -p ${room} && mount -t tmpfs -o size=2m none ${room} && exec "$0" ${WRITER} fill ${room}/ledger.db ${where}`;
    const out = execFileSync('unshare', ['-rm', 'sh', '-c', script, process.execPath], {
      encoding: 'utf8',
      timeout: 100_000,
    });
    const { code, credited, kept, after } = JSON.parse(out) as Filled;
    expect(code).toBe('full');
    expect(kept).toBe(credited);
    expect(credited).toBeGreaterThan(0);
    expect(after).toBe('written');
  },
);

test.each(['here', 'thread'])(
  'a file that may not grow: a named error, nothing is taken any more, and what was credited is there (%s)',
  (where) => {
    const path = join(folder, `limited-${where}.db`);
    // In blocks of 512 bytes; the signal would end the process, ignored it is an error of the write.
    const script = `trap '' XFSZ; ulimit -f 2048; exec "$0" ${WRITER} fill ${path} ${where}`;
    const out = execFileSync('sh', ['-c', script, process.execPath], { encoding: 'utf8', timeout: 100_000 });
    const { code, credited, kept, after } = JSON.parse(out) as Filled;
    expect({ code, after }).toEqual({ code: 'unavailable', after: 'unavailable' });
    expect(kept).toBe(credited);
    const ledger = openLedger({ path, entry: true });
    expect(ledger.channels.list().filter(({ voucher }) => voucher !== undefined)).toHaveLength(credited);
    ledger.close();
  },
);
