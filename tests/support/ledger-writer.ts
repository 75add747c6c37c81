// A process that writes a ledger, to be killed, to be shut out, or to run out of disk: `ledger-writer.ts <mode> <path> [thread]`.
// It says what was credited when it was credited, and not before.

import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LedgerError } from '../../relay/ledger/ledger-error.ts';
import { openLedger } from '../../relay/ledger/ledger.ts';
import { NOW, testChannel, testVoucher } from './ledger-values.ts';

const [mode, path = '', where] = process.argv.slice(2);
const CHANNELS = 8;
const BURST = 40;

/** At once, whatever comes after. With a thread in the process the pipe takes no more than it has room for. */
const say = (line: object): void => {
  let left = Buffer.from(`${JSON.stringify(line)}\n`);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
};

const codeOf = (error: unknown): string => (error instanceof LedgerError ? error.code : String(error));

const ledger = openLedger({ path, entry: true, thread: where === 'thread' });

/** Vouchers without end, several channels at once, from where the ledger stands. */
async function credit(): Promise<never> {
  for (let number = 0; number < CHANNELS; number += 1) await ledger.channels.open(testChannel(number), NOW);
  const best = Array.from({ length: CHANNELS }, (_, at) => ledger.channels.get(testChannel(at).id)?.voucher?.max ?? 0n);
  for (;;) {
    await Promise.all(
      Array.from({ length: CHANNELS }, async (_, number) => {
        const max = (best[number] ?? 0n) + 1n;
        best[number] = max;
        await ledger.channels.creditVoucher(testVoucher(number, max), NOW);
        say({ number, max: String(max) });
      }),
    );
  }
}

/** New channels with a voucher each until the disk is full; then room is made and one more is tried. */
async function fill(): Promise<void> {
  const ballast = join(dirname(path), 'ballast');
  writeFileSync(ballast, Buffer.alloc(256 * 1024));
  let credited = 0;
  let code: string | undefined;
  for (let from = 0; code === undefined; from += BURST) {
    const burst = Array.from({ length: BURST }, async (_, at) => {
      await Promise.all([
        ledger.channels.open(testChannel(from + at), NOW),
        ledger.channels.creditVoucher(testVoucher(from + at, 5n), NOW),
      ]);
      credited += 1;
    });
    const failed = (await Promise.allSettled(burst)).find((result) => result.status === 'rejected');
    if (failed !== undefined) code = codeOf(failed.reason);
  }
  const kept = ledger.channels.list().filter(({ voucher }) => voucher?.max === 5n).length;
  rmSync(ballast);
  const after = await ledger.channels.open(testChannel(1_000_000), NOW).then(() => 'written', codeOf);
  say({ code, credited, kept, after });
  ledger.close();
}

if (mode === 'hold') {
  say({ ready: true });
  setInterval(() => undefined, 60_000);
} else if (mode === 'fill') {
  await fill();
} else {
  await credit();
}
