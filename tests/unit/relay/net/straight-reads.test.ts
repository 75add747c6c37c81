// Sockets of relays, read past the queue of their stream: nothing is lost, doubled or out of order however its reader pauses, a reader that stops holds its sender back, and a frame's header is written before its bytes
// only into memory that nobody else has.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BIG_READS, prefixed } from '../../../../relay/net/big-reads.ts';
import { readStraight } from '../../../../relay/net/straight-reads.ts';
import { listenAnywhere } from '../../../support/watched-path.ts';

const RUNS = process.env['CONET_LONG'] === undefined ? 25 : 200;

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  port = await listenAnywhere(server);
});
afterEach(() => {
  server.close();
});

/** Both ends of a connection: who reads, and who sends. `big`: as a relay reads what it has dialled; otherwise as what it has accepted. */
async function pair(big: boolean): Promise<{ reader: Socket; sender: Socket; close: () => void }> {
  const accepted = once(server, 'connection');
  const dialled = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...(big ? { onread: BIG_READS } : {}) });
  const [[atServer]] = (await Promise.all([accepted, once(dialled, 'connect')])) as [[Socket], unknown];
  dialled.pause();
  const [reader, sender] = big ? [dialled, atServer] : [atServer, dialled];
  const close = (): void => {
    for (const socket of [reader, sender]) socket.destroy();
  };
  return { reader, sender, close };
}

/** Bytes that say where they are. */
function pattern(length: number, from = 0): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = ((from + at) * 31 + ((from + at) >> 8)) % 251;
  return bytes;
}

describe.each([
  ['accepted', false],
  ['dialled', true],
])('a socket that was %s', (_, big) => {
  test('brings every byte in order, wherever its reader pauses', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.boolean()),
        fc.nat({ max: 100_000 }),
        async (lengths, pauses, early) => {
          const { reader, sender, close } = await pair(big);
          const sent = pattern(lengths.reduce((sum, length) => sum + length, early));
          // Some has come before anybody reads.
          if (early > 0) sender.write(sent.subarray(0, early));
          await turn();
          const came: Buffer[] = [];
          readStraight(reader, (bytes) => {
            expect(reader.readableFlowing, 'nothing comes while it is paused').toBe(true);
            came.push(bytes);
            if (pauses.next().value !== true) return;
            reader.pause();
            setImmediate(() => reader.resume());
          });
          reader.resume();
          const ended = once(reader, 'end');
          let at = early;
          for (const length of lengths) sender.write(sent.subarray(at, (at += length)));
          sender.end();
          await ended;
          close();
          expect(Buffer.concat(came).equals(sent)).toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is not read while its reader has stopped: its sender is held back', async () => {
    const { reader, sender, close } = await pair(big);
    let came = 0;
    readStraight(reader, (bytes) => {
      came += bytes.length;
      reader.pause();
    });
    reader.resume();
    const bytes = pattern(64 * 1024 * 1024);
    sender.write(bytes);
    await expect.poll(() => came).toBeGreaterThan(0);
    const first = came;
    // It stands still: for a hundred turns of the loop nothing went.
    let [left, still] = [sender.bytesWritten - sender.writableLength, 0];
    while (still < 100) {
      await turn();
      const now = sender.bytesWritten - sender.writableLength;
      still = now === left ? still + 1 : 0;
      left = now;
    }
    expect(came).toBe(first);
    expect(sender.writableLength).toBeGreaterThan(0);
    // What Node reads ahead of a reader that stopped, at most: one read beyond the mark.
    expect(reader.readableLength).toBeLessThan(1024 * 1024);
    close();
  });
});

test('what comes while something is queued waits behind it', async () => {
  const stream = new Duplex({ read: () => undefined });
  stream.pause();
  stream.push('first, ');
  let came = '';
  readStraight(stream, (bytes) => (came += bytes.toString()));
  stream.resume();
  stream.push('second');
  await expect.poll(() => came).toBe('first, second');
});

describe('the room before a big read', () => {
  const HEADER = Uint8Array.of(1, 2, 3, 4);

  async function read(length: number): Promise<Buffer[]> {
    const { reader, sender, close } = await pair(true);
    const came: Buffer[] = [];
    readStraight(reader, (bytes) => void came.push(bytes));
    const ended = once(reader, 'end');
    sender.end(pattern(length));
    reader.resume();
    await ended;
    close();
    return came;
  }

  test('takes a header, and the bytes stay what they were', async () => {
    const sent = pattern(3_000_000);
    let [at, taken] = [0, 0];
    for (const bytes of await read(sent.length)) {
      const whole = prefixed(HEADER, bytes);
      if (whole !== undefined) {
        taken += 1;
        expect(whole.equals(Buffer.concat([HEADER, sent.subarray(at, at + bytes.length)]))).toBe(true);
        expect(prefixed(HEADER, bytes), 'once: the first may not have left').toBeUndefined();
      }
      at += bytes.length;
    }
    expect(at).toBe(sent.length);
    expect(taken).toBeGreaterThan(0);
  });

  test('is none where the bytes are a part, or are not of such a read', async () => {
    const all = await read(1_000_000);
    const bytes = all.find(({ length }) => length > 20_000)!;
    expect(prefixed(HEADER, bytes.subarray(1))).toBeUndefined();
    expect(prefixed(HEADER, bytes.subarray(0, -1))).toBeUndefined();
    expect(prefixed(HEADER.subarray(1), bytes)).toBeUndefined();
    // Somebody else's memory, of the very same shape.
    expect(prefixed(HEADER, Buffer.allocUnsafeSlow(20_004).subarray(4))).toBeUndefined();
    // A small read is a piece of Node's pool, which others have as well.
    const [small] = await read(100);
    expect(prefixed(HEADER, small!)).toBeUndefined();
  });
});
