// The web server beside the tunnels, byte by byte: real sockets through the listener, and a plain TCP server in the place of the site.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { TunnelListener } from '../../../relay/entry/tunnel-listener.ts';
import { encodeProxyHeader } from '../../../relay/entry/proxy-header.ts';
import { WEB_LIMITS, WebPass, type WebLimits } from '../../../relay/entry/web-pass.ts';
import { receive, sendPattern } from '../../support/relay-client.ts';
import { makeHello } from '../../support/relay-hello.ts';
import { patternAt, patternHash } from '../../support/relay-pattern.ts';

const HELLO = makeHello({ serverName: 'www.example.org' });
const INTERNAL_ERROR = [21, 3, 3, 0, 2, 2, 80];
const MB = 1_000_000;

type Visit = (socket: Socket) => void;

/** A listener whose web server does `visit` with each connection. */
async function start(visit: Visit, limits: Partial<WebLimits> = {}, proxyProtocol = false) {
  const sockets = new Set<Socket>();
  const site = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    visit(socket);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = { host: '127.0.0.1', port: (site.address() as AddressInfo).port };
  const web = new WebPass({ address, proxyProtocol }, { ...WEB_LIMITS, ...limits });
  const listener = new TunnelListener(() => Promise.resolve('unknown-exit'), web, pino({ level: 'silent' }));
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    listener.drain();
    await web.drain(0);
    site.close();
    for (const socket of sockets) socket.destroy();
  });
  const dial = (bytes: Uint8Array = HELLO): Socket => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    socket.write(bytes);
    return socket;
  };
  return { web, dial, port };
}

const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));
const echo: Visit = (socket) => socket.pipe(socket);

test('every byte arrives as it was sent, the hello first, and each half ends when its sender says so', async () => {
  const size = 10 * MB + 1;
  const heard = Promise.withResolvers<Awaited<ReturnType<typeof receive>>>();
  const { dial } = await start((socket) => {
    void receive(socket).then(async (all) => {
      heard.resolve(all);
      // The client's half has ended long ago.
      await sendPattern(socket, size);
    });
  });
  const client = dial();
  const answer = receive(client);
  await sendPattern(client, size);
  const sent = createHash('sha256').update(HELLO);
  for (let at = 0, chunk; at < size; at += chunk.length) sent.update((chunk = patternAt(at, size)));
  expect(await heard.promise).toEqual({ length: HELLO.length + size, sha256: sent.digest('hex'), clean: true });
  expect(await answer).toEqual({ length: size, sha256: patternHash(size), clean: true });
});

test('the site may end first, and what the client still sends arrives', async () => {
  const heard = Promise.withResolvers<Awaited<ReturnType<typeof receive>>>();
  const { dial } = await start((socket) => {
    socket.end('all of it');
    heard.resolve(receive(socket));
  });
  const client = dial();
  expect((await receive(client)).clean).toBe(true);
  client.end('more');
  expect(await heard.promise).toMatchObject({ length: HELLO.length + 4, clean: true });
});

test('a client that reads nothing holds the site back', async () => {
  let sent = (): number => 0;
  const { dial } = await start((socket) => {
    sent = () => socket.bytesWritten - socket.writableLength;
    void sendPattern(socket, 200 * MB).catch(() => undefined);
  });
  const client = dial();
  await once(client, 'readable');
  // Until nothing has moved between two looks: then all buffers on the way are full.
  let before = -1;
  await vi.waitFor(
    () => {
      const now = sent();
      const isStill = now === before;
      before = now;
      expect(isStill).toBe(true);
    },
    { timeout: 20_000, interval: 300 },
  );
  expect(sent()).toBeLessThan(60 * MB);
});

test('a reset on one side is one on the other: nothing that was cut looks whole', async () => {
  const visits: Socket[] = [];
  const { dial } = await start((socket) => {
    visits.push(socket);
    socket.resume();
    socket.write('a part of a page');
  });
  const first = dial();
  await once(first, 'readable');
  visits[0]!.resetAndDestroy();
  expect((await receive(first)).clean).toBe(false);

  const second = dial();
  await once(second, 'readable');
  const end = vi.fn();
  visits[1]!.once('end', end);
  const over = closed(visits[1]!);
  second.resetAndDestroy();
  await over;
  expect(end).not.toHaveBeenCalled();
});

test('a source has its share of connections and no more; a place that is left is free again', async () => {
  const { dial } = await start(echo, { perSource: 2 });
  const held = [dial(), dial()];
  await Promise.all(held.map((socket) => once(socket, 'readable')));
  const [alert] = (await once(dial(), 'data')) as [Buffer];
  expect([...alert]).toEqual(INTERNAL_ERROR);
  held[0]!.destroy();
  await vi.waitFor(async () => {
    const next = dial();
    const [first] = (await once(next, 'data')) as [Buffer];
    expect(first[0]).toBe(HELLO[0]);
  });
});

test('all sources together have their limit too', async () => {
  const { dial } = await start(echo, { connections: 1 });
  await once(dial(), 'readable');
  const [alert] = (await once(dial(), 'data')) as [Buffer];
  expect([...alert]).toEqual(INTERNAL_ERROR);
});

test('a connection on which nothing moves is cut, on both sides', async () => {
  const over = Promise.withResolvers<undefined>();
  const { dial } = await start(
    (socket) => {
      socket.once('close', () => over.resolve(undefined));
      socket.resume();
    },
    { idleMs: 50 },
  );
  expect(await receive(dial())).toMatchObject({ length: 0, clean: false });
  await over.promise;
});

test('when the relay stops, what ends in time ends whole, and the rest is cut', async () => {
  const { web, dial } = await start((socket) => {
    socket.resume();
    socket.write('.');
    socket.once('end', () => socket.end());
  });
  const [ends, stays] = [dial(), dial()];
  await Promise.all([once(ends, 'readable'), once(stays, 'readable')]);
  const [whole, cut] = [receive(ends), receive(stays)];
  const drained = web.drain(300);
  ends.end();
  await drained;
  expect((await whole).clean).toBe(true);
  expect((await cut).clean).toBe(false);
  // And nobody new gets in.
  const late = receive(dial());
  expect(await late).toMatchObject({ length: INTERNAL_ERROR.length });
});

test('the site is told who comes before the first byte, where it wants to be', async () => {
  const heard = Promise.withResolvers<Buffer>();
  const { dial, port } = await start((socket) => socket.once('data', heard.resolve), {}, true);
  const client = dial();
  const bytes = await heard.promise;
  const header = encodeProxyHeader({
    ...{ remoteAddress: '127.0.0.1', remotePort: client.localPort!, localAddress: '127.0.0.1', localPort: port },
  });
  expect(bytes.subarray(0, header.length)).toEqual(header);
});

test.each([
  ['IPv4', '192.0.2.1', '192.0.2.2', '2111000cc0000201c0000202303901bb'],
  ['IPv4 at a dual-stack listener', '::ffff:192.0.2.1', '::ffff:192.0.2.2', '2111000cc0000201c0000202303901bb'],
  ['IPv6', '2001:db8::1', '::1', '2121002420010db800000000000000000000000100000000000000000000000000000001303901bb'],
  ['nothing, of a socket that is gone', undefined, undefined, '21000000'],
])('the header says %s as the specification has it', (_, remoteAddress, localAddress, rest) => {
  const header = encodeProxyHeader({ remoteAddress, remotePort: 12_345, localAddress, localPort: 443 });
  expect(header.toString('hex')).toBe(`0d0a0d0a000d0a515549540a${rest}`);
});
