// Sessions of HTTP/2 at the exit that say nothing: a client that is there keeps its tunnels however quiet they are, and one that is not loses them.

import { once } from 'node:events';
import { connect as connectHttp2, type ServerHttp2Session } from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHttp2 } from '../../relay/exit/http2.ts';
import { createService } from '../../relay/exit/serve.ts';
import { frame, PREFACE } from '../support/exit-frames.ts';
import { startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { tunnel } from '../support/exit-proxy.ts';
import { listenAnywhere } from '../support/watched-path.ts';

const IDLE_MS = 150;
const PING = 6;

let origin: Origin;
let server: Server;
let port: number;
const sessions = new Set<ServerHttp2Session>();

beforeEach(async () => {
  origin = await startTcpOrigin((socket) => socket.resume());
  const service = createService({
    open: async () => {
      const [host = '', at] = origin.authority.split(':');
      const socket = connect({ host, port: Number(at), allowHalfOpen: true });
      await once(socket, 'connect');
      return socket;
    },
    ...{ peer: 'p', sign: async () => new Uint8Array(64), entry: undefined, log: pino({ level: 'silent' }) },
    sources: { source4: undefined, source6: undefined },
  });
  const http2 = createHttp2(service, sessions, { idleMs: IDLE_MS, answerMs: IDLE_MS });
  server = createServer({ allowHalfOpen: true }, (socket) => void http2.emit('connection', socket));
  port = await listenAnywhere(server);
});
afterEach(async () => {
  for (const session of sessions) session.destroy();
  server.close();
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
