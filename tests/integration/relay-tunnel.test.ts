// Bytes through two real relays: every one arrives, in order, and each half ends when its sender says so.

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { circuitName, connectTo, openTunnel, receive, receiveText, sendPattern } from '../support/relay-client.ts';
import { captureHello, makeHello } from '../support/relay-hello.ts';
import { patternHash } from '../support/relay-pattern.ts';
import { createRelayBench, libp2pAddress, type RelayBench, type RelayProcess } from '../support/relay-process.ts';

const MB = 1_000_000;
/** RELAY_LONG=1 runs what the issue asks for, 20 times 300 MB each way; the short form finds the same faults most of the time. */
const LONG = process.env['RELAY_LONG'] === '1';
const SIZE = (LONG ? 300 : 64) * MB + 12_345;
/** 20 tunnels of at most 12 MB each, and what the collector has not taken yet. */
const STALLED_MB = 300;
const ROUNDS = LONG ? 20 : 3;

let bench: RelayBench;
let entry: RelayProcess;
let exit: RelayProcess;

beforeAll(async () => {
  bench = await createRelayBench();
  // 500 at once are what an address may open after ten quiet seconds; here others came just before.
  entry = await bench.startEntry({ limits: { newPerSecond: { source: 1000, prefix: 1000 } } });
  exit = await bench.startRawExit([libp2pAddress(entry)]);
  await entry.event('entry-exit-connected');
});
afterAll(() => bench.clean());

describe(`${SIZE} bytes`, () => {
  const expected = { length: SIZE, sha256: patternHash(SIZE) };

  test(`arrive whole, ${ROUNDS} times down`, { timeout: 1_800_000 }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const socket = openTunnel(entry, exit, `send ${SIZE}`);
      expect(await receive(socket)).toEqual({ ...expected, clean: true });
      socket.end();
    }
  });

  test(
    `arrive whole, ${ROUNDS} times up, and the answer comes after our half has ended`,
    { timeout: 1_800_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const socket = openTunnel(entry, exit, 'take');
        await sendPattern(socket, SIZE);
        expect(JSON.parse(await receiveText(socket))).toEqual(expected);
      }
    },
  );

  test('arrive whole both ways at once', { timeout: 600_000 }, async () => {
    const socket = openTunnel(entry, exit, 'echo');
    const [received] = await Promise.all([receive(socket), sendPattern(socket, SIZE)]);
    expect(received).toEqual({ ...expected, clean: true });
  });
});

test('a reader that stops holds the sender back, and the relays stay small', async () => {
  const size = 200 * MB;
  const before = { entry: entry.rss(), exit: exit.rss() };
  const socket = openTunnel(entry, exit, `send ${size}`);
  await once(socket, 'readable'); // and read nothing: the kernel's buffers and every window fill up
  let most = { entry: 0, exit: 0 };
  await watchFor(3000, () => {
    most = { entry: Math.max(most.entry, entry.rss()), exit: Math.max(most.exit, exit.rss()) };
  });
  expect(most.entry - before.entry).toBeLessThan(60 * MB);
  expect(most.exit - before.exit).toBeLessThan(60 * MB);
  expect(await receive(socket)).toEqual({ length: size, sha256: patternHash(size), clean: true });
  socket.end();
});

test(
  'servers that stop reading hold their clients back, also while others keep the link busy',
  { timeout: 300_000 },
  async () => {
    const stalled = Array.from({ length: 20 }, () => openTunnel(entry, exit, 'stall'));
    await Promise.all(stalled.map((socket) => once(socket, 'readable')));
    const before = { entry: entry.rss(), exit: exit.rss() };
    for (const socket of stalled) void sendPattern(socket, 100 * MB).catch(() => undefined);
    // Each drain of the link is a chance to let 20 stalled tunnels read a little more than they may.
    const busy = openTunnel(entry, exit, 'take');
    await sendPattern(busy, SIZE);
    expect(JSON.parse(await receiveText(busy))).toEqual({ length: SIZE, sha256: patternHash(SIZE) });
    expect(entry.rss() - before.entry).toBeLessThan(STALLED_MB * MB);
    expect(exit.rss() - before.exit).toBeLessThan(STALLED_MB * MB);
    for (const socket of stalled) socket.resetAndDestroy();
  },
);

test('the server may end first, and what the client still sends arrives', async () => {
  const socket = openTunnel(entry, exit, 'send 10');
  expect((await receive(socket)).clean).toBe(true);
  expect(socket.writable).toBe(true);
  socket.end('more');
  await once(socket, 'close');
});

test('a hello that comes byte by byte is carried', async () => {
  const socket = connectTo(entry);
  const hello = await captureHello(circuitName(exit));
  for (const byte of Buffer.concat([hello, Buffer.from('send 1000\n')])) socket.write(Uint8Array.of(byte));
  expect(await receive(socket)).toEqual({ length: 1000, sha256: patternHash(1000), clean: true });
  socket.end();
});

test('a hello of several records, as large as one with a post-quantum key, is carried', async () => {
  const socket = connectTo(entry);
  const hello = makeHello({
    serverName: circuitName(exit),
    before: [[51, Buffer.alloc(1300)]],
    records: [100, 1, 700],
  });
  socket.write(Buffer.concat([hello, Buffer.from('send 1000\n')]));
  expect((await receive(socket)).length).toBe(1000);
  socket.end();
});

test('500 tunnels at once are all carried, and none stays behind', { timeout: 300_000 }, async () => {
  const size = 100_001;
  const sockets = Array.from({ length: 500 }, () => openTunnel(entry, exit, `send ${size}`));
  const all = await Promise.all(sockets.map(receive));
  const expected = { length: size, sha256: patternHash(size), clean: true };
  expect(all.filter((one) => one.sha256 !== expected.sha256 || !one.clean)).toEqual([]);
  for (const socket of sockets) {
    socket.end();
    if (!socket.closed) await once(socket, 'close');
  }
  expect(entry.lines.filter((line) => line.event === 'tunnel-refused')).toEqual([]);
});

/** Looks again and again, for as long as a state has to last to be called stable. */
function watchFor(ms: number, look: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(look, 50);
    setTimeout(() => {
      clearInterval(timer);
      resolve();
    }, ms);
  });
}
