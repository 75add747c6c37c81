// Sessions of HTTP/2 at the exit that keep it busy: what a browser does is served, and who floods loses the session, without work begun for what was taken back.

import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { YOUNG_LOOK_MS } from '../../relay/exit/limits.ts';
import { startBareHttp2, type BareHttp2 } from '../support/bare-http2.ts';
import { frame, headerBomb, openAndReset, PREFACE, readGoodbye } from '../support/exit-frames.ts';
import { startTcpOrigin, type Origin } from '../support/exit-origin.ts';

const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;
const ENHANCE_YOUR_CALM = 11;

let origin: Origin;
let asked: string[];
let exit: BareHttp2;
let port: number;
let sessions: BareHttp2['sessions'];

beforeEach(async () => {
  asked = [];
  origin = await startTcpOrigin((socket) => {
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      const isWhole = heard.includes('chunked') ? heard.includes('\r\n0\r\n') : heard.endsWith('\r\n\r\n');
      if (!isWhole || !heard.endsWith('\r\n\r\n')) return;
      asked.push(heard);
      socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
    });
  });
  exit = await startBareHttp2(origin);
  ({ port, sessions } = exit);
});
afterEach(async () => {
  exit.close();
  await origin.stop();
});

const many = (count: number, make: (index: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const pings = (count: number): Buffer => many(count, () => frame(PING, 0, 0, Buffer.alloc(8)));
const settings = (count: number): Buffer => many(count, () => frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0])));
const resets = (count: number): Buffer => many(count, (index) => openAndReset(2 * index + 1, origin.authority));
const bombs = (count: number): Buffer => many(count, (index) => headerBomb(2 * index + 1));

/** Somebody who speaks HTTP/2 by hand, and what came back: the reason of a GOAWAY, if there was one. */
function stranger() {
  const socket = connect({ port, host: '127.0.0.1' });
  let came = Buffer.alloc(0);
  socket.on('error', () => undefined).on('data', (bytes) => (came = Buffer.concat([came, bytes])));
  socket.write(PREFACE);
  const goodbye = (): number | undefined => readGoodbye(came)?.reason;
  return { socket, goodbye, closed: once(socket, 'close') };
}

test.each([
  ['pings', pings],
  ['settings', settings],
  ['requests that are taken back', resets],
])('a flood of %s ends the session, and a browser’s share of them does not', async (_, flood) => {
  const calm = stranger();
  calm.socket.write(flood(50));
  const wild = stranger();
  wild.socket.write(flood(400));
  await wild.closed;
  expect(wild.goodbye()).toBe(ENHANCE_YOUR_CALM);
  expect([calm.socket.destroyed, calm.goodbye(), sessions.size]).toEqual([false, undefined, 1]);
  calm.socket.destroy();
});

test('nothing is opened for requests that are taken back before their turn', async () => {
  const { socket } = stranger();
  socket.write(resets(90));
  await expect.poll(() => [...sessions][0]?.state.lastProcStreamID).toBe(179);
  for (let made = 0; made < 100; made += 1) await turn();
  // The first of each read has its turn at once.
  expect(exit.opened()).toBeLessThan(5);
  socket.destroy();
});

test('header sections that stand for megabytes end the session', async () => {
  const { socket, closed, goodbye } = stranger();
  const sending = (): void => {
    for (let made = 0; made < 4 && !socket.destroyed; made += 1) socket.write(bombs(30));
  };
  sending();
  await closed;
  expect(goodbye()).toBe(ENHANCE_YOUR_CALM);
});

test('one of them is refused, and ends nothing when it is looked for', async () => {
  const calm = stranger();
  calm.socket.write(bombs(1));
  await expect.poll(() => [...sessions].map(({ state }) => state.lastProcStreamID)).toEqual([1]);
  exit.lookAtYoung();
  await turn();
  expect([calm.socket.destroyed, calm.goodbye(), sessions.size]).toEqual([false, undefined, 1]);
  calm.socket.destroy();
});

test.each([1, 3, 15])(
  'a header section that comes in two reads, of a client whose first stream is %i, is none',
  async (first) => {
    const { socket, goodbye } = stranger();
    const whole = openAndReset(first, origin.authority).subarray(9);
    const block = whole.subarray(0, whole.length - 13);
    for (const stream of [first, first + 2]) {
      socket.write(frame(HEADERS, END_STREAM, stream, block.subarray(0, 5)));
      await expect.poll(() => [...sessions][0]?.state.lastProcStreamID).toBe(stream);
      exit.lookAtYoung();
      await delay(YOUNG_LOOK_MS);
      exit.lookAtYoung();
      socket.write(frame(CONTINUATION, END_HEADERS, stream, block.subarray(5)));
    }
    await expect.poll(() => asked).toHaveLength(2);
    expect([socket.destroyed, goodbye(), sessions.size]).toEqual([false, undefined, 1]);
    socket.destroy();
  },
);

test('a page of sixty requests at once is served whole, and trailers that came before a turn are not lost', async () => {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const answers = Array.from({ length: 60 }, async (_, index) => {
    const fields = { ':method': 'POST', ':authority': origin.authority, ':path': `/${index}`, ':scheme': 'http' };
    const stream = session.request({ ...fields, te: 'trailers' }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'x-last': String(index) }));
    stream.end('content');
    const [head] = (await once(stream, 'response')) as [{ ':status'?: number }];
    stream.resume();
    return head[':status'];
  });
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 60 }, () => 204));
  expect(asked.filter((text) => /^POST \/(\d+) [^]*\r\nx-last: \1\r\n\r\n$/i.test(text))).toHaveLength(60);
  session.destroy();
});
