// Sessions of HTTP/2 at the exit that say nothing: a client that is there keeps its tunnels however quiet they are, and one that is not loses them.

import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startBareHttp2, type BareHttp2 } from '../support/bare-http2.ts';
import { frame, PREFACE } from '../support/exit-frames.ts';
import { startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { tunnel } from '../support/exit-proxy.ts';

const IDLE_MS = 150;
const PING = 6;

let origin: Origin;
let exit: BareHttp2;
let port: number;
let sessions: BareHttp2['sessions'];

beforeEach(async () => {
  origin = await startTcpOrigin((socket) => socket.resume());
  exit = await startBareHttp2(origin, { idleMs: IDLE_MS, answerMs: IDLE_MS });
  ({ port, sessions } = exit);
});
afterEach(async () => {
  exit.close();
  await origin.stop();
});

/** Pings that came to it, answered by nobody. */
function pingsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) if (bytes[at + 3] === PING) count += 1;
  return count;
}

test('a client that answers keeps its silent tunnel', async () => {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const pinged = vi.fn();
  session.on('ping', pinged);
  const stream = await tunnel(session, origin.authority);
  await vi.waitFor(() => expect(pinged.mock.calls.length).toBeGreaterThan(2), 10_000);
  expect([session.destroyed, stream.destroyed, sessions.size]).toEqual([false, false, 1]);
  session.destroy();
});

test('a client that does not is cut, and its tunnels with it', async () => {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  const heard: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => heard.push(bytes)).on('error', () => undefined);
  const authority = Buffer.from(origin.authority);
  const block = Buffer.from([0x02, 7, ...Buffer.from('CONNECT'), 0x01, authority.length, ...authority]);
  socket.write(Buffer.concat([PREFACE, frame(1, 4, 1, block)]));
  await once(socket, 'close');
  expect(pingsIn(Buffer.concat(heard))).toBe(1);
  await vi.waitFor(() => expect(sessions.size).toBe(0));
});

test('one without a stream is closed at once', async () => {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const pinged = vi.fn();
  session.on('ping', pinged);
  await once(session, 'close');
  expect(pinged).not.toHaveBeenCalled();
});
