// Many streams, slow readers, floods, a certificate that changes and an exit that closes, while downloads run.

import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAndReset, PREFACE } from '../support/exit-frames.ts';
import { startHttpOrigin, startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { ask, startExit, tunnel, type TestExit } from '../support/exit-proxy.ts';

let exit: TestExit;
let session: ClientHttp2Session;
let origin: Origin | undefined;

beforeEach(async () => {
  exit = await startExit();
  session = await exit.h2();
});

afterEach(async () => {
  await exit.stop();
  await origin?.stop();
  origin = undefined;
});

/** Sends this many bytes, then ends. */
function pour(socket: Socket, bytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 7);
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const next = piece.subarray(0, Math.min(left, piece.length));
      left -= next.length;
      if (!socket.write(next)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.end();
  };
  more();
}

test('at least 1,000 streams are offered', () => {
  expect(session.remoteSettings.maxConcurrentStreams).toBeGreaterThanOrEqual(1_000);
});

test('500 requests at once on one connection are all answered', async () => {
  origin = await startHttpOrigin((incoming, response) => response.end(incoming.url));
  const { authority } = origin;
  const paths = Array.from({ length: 500 }, (_, index) => `/${index}`);
  const answers = await Promise.all(
    paths.map((path) => ask(session, { ':method': 'GET', ':scheme': 'http', ':authority': authority, ':path': path })),
  );
  expect(answers.map(({ body }) => body.toString())).toEqual(paths);
});

test('1,000 idle tunnels on one connection stay open, and another one still works', async () => {
  origin = await startTcpOrigin((socket) => socket.on('data', (chunk) => socket.write(chunk)));
  const { authority } = origin;
  const tunnels = await Promise.all(Array.from({ length: 1_000 }, () => tunnel(session, authority)));
  const last = await tunnel(session, authority);
  for (const stream of [last, ...tunnels]) stream.write('x');
  await Promise.all([last, ...tunnels].map((stream) => once(stream, 'data')));
  expect(tunnels.filter((stream) => stream.closed)).toEqual([]);
});

test('1,500 open requests with 8 kB of cookies each are not too many', async () => {
  let arrived = 0;
  let whole: () => void;
  const all = new Promise<void>((resolve) => {
    whole = resolve;
  });
  origin = await startHttpOrigin((incoming) => {
    incoming.resume();
    arrived += 1;
    if (arrived === 1_500) whole();
  });
  const fields = { ':method': 'POST', ':scheme': 'http', ':authority': origin.authority, ':path': '/' };
  const roomy = await exit.h2({ maxSessionMemory: 1_000 });
  const refused: unknown[] = [];
  for (let count = 0; count < 1_500; count += 1) {
    const stream = roomy.request({ ...fields, cookie: `${count}${'x'.repeat(8_000)}` }, { endStream: false });
    stream.on('error', (error) => refused.push(error));
  }
  await Promise.race([all, once(roomy, 'close')]);
  expect(refused).toEqual([]);
});

test('500 downloads that nobody reads leave room for a stream that somebody does', async () => {
  origin = await startTcpOrigin((socket) => pour(socket, 1_000_000));
  const { authority } = origin;
  const unread = await Promise.all(Array.from({ length: 500 }, () => tunnel(session, authority)));
  const stream = await tunnel(session, authority);
  let received = 0;
  stream.on('data', (chunk: Buffer) => (received += chunk.length));
  await once(stream, 'end');
  expect(received).toBe(1_000_000);
  expect(unread.filter((one) => one.closed)).toEqual([]);
});

test('a client that does not read holds the origin back instead of filling the exit', async () => {
  let sent = 0;
  origin = await startTcpOrigin((socket) => {
    const piece = Buffer.alloc(64 * 1024);
    const more = (): void => {
      do sent += piece.length;
      while (socket.write(piece));
      socket.once('drain', more);
    };
    more();
  });
  const stream = await tunnel(session, origin.authority);
  const [socket] = origin.sockets;
  // Quiet: nothing has moved at the origin for this long.
  let last = -1;
  while (last !== sent) {
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  // Kernel buffers of both hops and one window; unbounded buffering would be hundreds of megabytes by now.
  expect(sent).toBeLessThan(16 * 1024 * 1024);
  expect(socket?.destroyed).toBe(false);
  stream.close();
});

test('an origin that does not read holds the client back instead of filling the exit', async () => {
  origin = await startTcpOrigin((socket) => socket.pause());
  const stream = await tunnel(session, origin.authority);
  const piece = Buffer.alloc(64 * 1024);
  let taken = 0;
  let last = -1;
  const push = (): void => {
    stream.write(piece, (error) => {
      if (error != null) return;
      taken += piece.length;
      push();
    });
  };
  push();
  while (last !== taken) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(taken).toBeLessThan(16 * 1024 * 1024);
  stream.close();
});

test('a new certificate is served at once, and a running download goes on', async () => {
  const size = 50_000_000;
  origin = await startTcpOrigin((socket) => pour(socket, size));
  const stream = await tunnel(session, origin.authority);
  let received = 0;
  stream.on('data', (chunk: Buffer) => (received += chunk.length));
  await once(stream, 'data');
  const before = await exit.tls('h2');
  exit.swap(await exit.ca.issue({ names: ['*.kexit.zone.test'] }));
  const after = await exit.tls('h2');
  expect(after.getPeerCertificate().serialNumber).not.toBe(before.getPeerCertificate().serialNumber);
  expect(received).toBeLessThan(size);
  await once(stream, 'end');
  expect(received).toBe(size);
});

test('no TLS session is ever resumed, so that tunnels of one client are not tied together', async () => {
  const first = await exit.tls('http/1.1');
  const given = once(first, 'session') as Promise<[Buffer]>;
  first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [ticket] = await given;
  const second = await exit.tls('http/1.1', ticket);
  expect(second.isSessionReused()).toBe(false);
});

test('a flood of resets (CVE-2023-44487) ends the connection, and the exit serves others', async () => {
  const flood = await exit.tls('h2');
  const ended = new Promise((resolve) => flood.once('close', resolve));
  flood.resume();
  flood.write(PREFACE);
  for (let stream = 1; !flood.destroyed && stream < 1_000_000; stream += 2) {
    const sent = flood.write(openAndReset(stream, '127.0.2.200:1'));
    if (!sent || stream % 1000 === 1) await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  origin = await startHttpOrigin((_incoming, response) => response.end('fine'));
  const fields = { ':method': 'GET', ':scheme': 'http', ':authority': origin.authority, ':path': '/' };
  expect((await ask(session, fields)).body.toString()).toBe('fine');
});

test('closing lets a download end, refuses what is new, and takes the socket away', async () => {
  const size = 20_000_000;
  origin = await startTcpOrigin((socket) => pour(socket, size));
  const stream = await tunnel(session, origin.authority);
  const idle = await exit.h2();
  const folder = dirname(exit.proxy.path);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const idleClosed = new Promise((resolve) => idle.once('close', resolve));
  const closed = exit.proxy.close(20_000);
  await idleClosed;
  await expect(exit.tls('h2')).rejects.toThrow();
  let received = 0;
  stream.on('data', (chunk: Buffer) => (received += chunk.length));
  stream.once('end', () => stream.end());
  await closed;
  expect(received).toBe(size);
  expect(existsSync(folder)).toBe(false);
});

test('a client that hangs up in its handshake is let go at once', async () => {
  const client = connect(exit.proxy.path);
  await once(client, 'connect');
  // The first bytes of a TLS record, and no more.
  client.end(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
  client.resume();
  await once(client, 'close');
});

test('closing does not wait for a handshake that never ends', async () => {
  const client = connect(exit.proxy.path);
  await once(client, 'connect');
  const gone = new Promise((resolve) => client.once('close', resolve));
  client.on('error', () => undefined).resume();
  await exit.proxy.close(100);
  await gone;
});

test('closing cuts what does not end within the grace', async () => {
  origin = await startTcpOrigin((socket) => socket.resume());
  const stream = await tunnel(session, origin.authority);
  const cut = new Promise((resolve) => stream.once('close', resolve));
  await exit.proxy.close(100);
  await cut;
  expect(stream.destroyed).toBe(true);
});
