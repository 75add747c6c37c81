// A tunnel of which one half has ended does not stay for a side that has vanished. Real sockets.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinTunnel } from '../../../../relay/net/join-tunnel.ts';

const IDLE_MS = 150;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** Both ends of a connection. */
async function pair(): Promise<[outer: Socket, inner: Socket]> {
  const { port } = server.address() as AddressInfo;
  const outer = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [inner] = (await once(server, 'connection')) as [Socket];
  for (const each of [outer, inner]) each.on('error', () => undefined);
  sockets.push(outer, inner);
  return [outer, inner];
}

async function join() {
  const [client, near] = await pair();
  const [site, origin] = await pair();
  client.resume();
  site.resume();
  joinTunnel({ stream: near, isBroken: () => false, reset: () => void near.destroy() }, origin, IDLE_MS);
  return { client, near, site, origin };
}

test('a site that says nothing after the end of its client is let go, and both ends are', async () => {
  const { client, near, origin } = await join();
  client.end();
  await Promise.all([once(near, 'close'), once(origin, 'close')]);
});

test('a client that says nothing after the end of its site is let go', async () => {
  const { site, near, origin } = await join();
  site.end();
  await Promise.all([once(near, 'close'), once(origin, 'close')]);
});

test('one that still sends is not, and a tunnel that is whole may be quiet', async () => {
  const whole = await join();
  const half = await join();
  half.client.end();
  for (let sent = 0; sent < 10; sent += 1) {
    half.site.write('more');
    await once(half.client, 'data');
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS / 3));
  }
  expect([half.origin.destroyed, whole.origin.destroyed, whole.near.destroyed]).toEqual([false, false, false]);
});
