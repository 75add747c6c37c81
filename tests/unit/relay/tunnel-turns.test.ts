// Connections to an entry that come faster than it opens tunnels, over real sockets: they wait for their turn and are all served, nothing is opened for who has left meanwhile, and others do not wait behind them.

import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DATA_SERVER_NAME } from '../../../relay/data/protocol.ts';
import { ADMISSION_LIMITS } from '../../../relay/entry/admission.ts';
import { TunnelListener } from '../../../relay/entry/tunnel-listener.ts';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';
import { makeHello } from '../../support/relay-hello.ts';

/** Each above those at once waits 50 ms longer. */
const PER_SECOND = 20;
const AT_ONCE = 20;
const LATE = 10;

let listener: TunnelListener;
let port: number;
let sockets: Socket[];
/** The last byte that each had sent when its tunnel was opened, and when (ms). */
let opened: { who: number | undefined; at: number }[];
let refused: string[];
/** Data connections that were handed on. */
let data: number;

beforeEach(async () => {
  [sockets, opened, refused] = [[], [], []];
  data = 0;
  const route = (_: unknown, socket: Socket, head: Buffer): Promise<undefined> => {
    opened.push({ who: head.at(-1), at: performance.now() });
    sockets.push(socket);
    return Promise.resolve(undefined);
  };
  const newPerSecond = { source: PER_SECOND, prefix: 1000 };
  const perPrefix = { ipv4: 24, ipv6: 48, connections: 1000 };
  listener = new TunnelListener(route, undefined, pino({ level: 'silent' }), {
    limits: { ...ADMISSION_LIMITS, perPrefix, newPerSecond },
    onRefused: (code) => refused.push(code),
    data: () => (data += 1),
  });
  ({ port } = await listener.listen({ host: '127.0.0.1', port: 0 }));
});
afterEach(() => {
  listener.drain();
  for (const socket of sockets) socket.destroy();
});

const serverName = formatCircuitName({ address: '192.0.2.1', peer: `k${'0'.repeat(61)}`, zone: 'example.org' });
const HELLO = makeHello({ serverName });

function come(who: number, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.push(socket.on('error', () => undefined));
  socket.write(Buffer.concat([HELLO, Uint8Array.of(who)]));
  return socket;
}

async function comeInOrder(count: number): Promise<Socket[]> {
  const all: Socket[] = [];
  for (let who = 0; who < count; who += 1) {
    const socket = come(who);
    await new Promise((resolve) => socket.once('connect', resolve));
    all.push(socket);
  }
  return all;
}

test('who comes too fast waits for a turn; all are served in their order, and others at once', async () => {
  await comeInOrder(AT_ONCE + LATE);
  come(99, '127.0.2.1');
  await expect.poll(() => opened.length, { timeout: 5_000 }).toBe(AT_ONCE + LATE + 1);
  const crowd = opened.filter(({ who }) => who !== 99);
  expect(crowd.map(({ who }) => who)).toEqual(Array.from({ length: AT_ONCE + LATE }, (_, who) => who));
  // Nine times 50 ms lie between the first who waited and the last, less what a timer may be early.
  expect(crowd.at(-1)!.at - crowd.at(-LATE)!.at).toBeGreaterThan((LATE - 2) * 50);
  expect(opened.findIndex(({ who }) => who === 99)).toBeLessThanOrEqual(AT_ONCE + 2);
  expect(refused).toEqual([]);
});

test('nothing is opened for who has left while it waited', async () => {
  const all = await comeInOrder(AT_ONCE + LATE);
  for (const socket of all.slice(-LATE)) socket.resetAndDestroy();
  await expect.poll(() => refused, { timeout: 5_000 }).toEqual(Array.from({ length: LATE }, () => 'closed'));
  expect(opened).toHaveLength(AT_ONCE);
  expect(listener.held()).toEqual({ connections: AT_ONCE, pending: 0 });
});

test('when the entry drains nobody waits any longer', async () => {
  await comeInOrder(AT_ONCE + LATE);
  await expect.poll(() => opened.length).toBeGreaterThanOrEqual(AT_ONCE);
  listener.drain();
  const left = AT_ONCE + LATE - opened.length;
  await expect.poll(() => refused).toEqual(Array.from({ length: left }, () => 'draining'));
  expect(left).toBeGreaterThan(0);
});

test('a data connection of an exit does not wait behind browsers', async () => {
  await comeInOrder(AT_ONCE + LATE);
  const socket = connect({ host: '127.0.0.1', port });
  sockets.push(socket.on('error', () => undefined));
  socket.write(makeHello({ serverName: DATA_SERVER_NAME }));
  await expect.poll(() => data).toBe(1);
  expect(opened.length).toBeLessThan(AT_ONCE + LATE);
});

test('a line that is too long is not made longer', async () => {
  const most = PER_SECOND * 10;
  for (let made = 0; made < most + 5; made += 1) come(made % 100);
  await expect.poll(() => refused).toContain('too-fast-from-source');
  expect(listener.held().connections).toBeGreaterThanOrEqual(most);
});
