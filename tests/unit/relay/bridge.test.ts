// The bridge against a stream with the real logic of @libp2p/utils and a window that the test opens and shuts; the rest of its promises
// are tested with whole relays (tests/integration/relay-tunnel.test.ts, relay-failure.test.ts).

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bridge } from '../../../relay/net/bridge.ts';
import { socketPair, turns, WindowedStream } from '../../support/windowed-stream.ts';

const FRAME = 262_064;

let client: Socket;
let served: Socket;

beforeEach(async () => {
  ({ client, served } = await socketPair());
});
afterEach(() => {
  client.destroy();
  served.destroy();
});

test('a stream whose window is shut takes no more, however often the connection drains for others', async () => {
  const stream = new WindowedStream();
  bridge(served, stream);
  client.write(Buffer.alloc(64 * FRAME));
  await turns(2000, () => stream.open(0));
  // What one turn of reads had brought when the window was found shut.
  expect(stream.writeBufferLength).toBeGreaterThan(0);
  expect(stream.writeBufferLength).toBeLessThan(10 * FRAME);
  await turns(3000, () => stream.open(FRAME));
  expect(stream.sent).toBe(64 * FRAME);
});

test('the end of our half is sent after the last byte, when the window lets it', async () => {
  const stream = new WindowedStream();
  const { ended } = bridge(served, stream, { sent: 4 });
  client.end(Buffer.alloc(1000));
  await turns(50);
  expect(stream.closed).toBe(false);
  stream.open(2000);
  await turns(50);
  expect(stream.sent).toBe(1000);
  expect(stream.closed).toBe(true);
  stream.onData(Buffer.from('answer'));
  stream.onRemoteCloseWrite();
  client.resume();
  expect(await ended).toEqual({ fromSocket: 1004, fromStream: 6, clean: true });
});

test('an end that came before the two were joined ends our half, and then the tunnel', async () => {
  const stream = new WindowedStream();
  // As a client that says all at once: what it sent was read, and its end seen, while the tunnel was being opened.
  client.end();
  served.resume();
  await once(served, 'end');
  served.pause();
  const { ended } = bridge(served, stream);
  await turns(50);
  expect(stream.closed).toBe(true);
  stream.onRemoteCloseWrite();
  client.resume();
  expect(await ended).toMatchObject({ clean: true });
});

test.each([
  ['a reset by the other side', (stream: WindowedStream) => stream.onRemoteReset()],
  ['a connection that ends', (stream: WindowedStream) => stream.onTransportClosed()],
])('%s resets the socket, whatever came before', async (_, cut) => {
  const stream = new WindowedStream();
  const { ended } = bridge(served, stream);
  stream.onData(Buffer.from('half a down'));
  cut(stream);
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  expect((await ended).clean).toBe(false);
});

test('a socket that is reset resets the stream', async () => {
  const stream = new WindowedStream();
  const { ended } = bridge(served, stream);
  client.resetAndDestroy();
  expect((await ended).clean).toBe(false);
  expect(stream.reset).toBe(true);
});

describe('a socket that this process reads itself', () => {
  test('is given no more of what comes first once that was found to be a flood', async () => {
    const stream = new WindowedStream();
    bridge(served, stream, { betweenPieces: () => served.destroy() });
    let came = 0;
    client.on('data', ({ length }) => (came += length));
    stream.onData(Buffer.alloc(1_000_000));
    await once(client, 'end');
    expect(came).toBeGreaterThan(0);
    expect(came).toBeLessThanOrEqual(4096);
  });

  test('is given all of it, in order, and its end after it', async () => {
    const stream = new WindowedStream();
    let looks = 0;
    const joined = bridge(served, stream, { betweenPieces: () => (looks += 1) });
    const hash = createHash('sha256');
    client.on('data', (bytes) => hash.update(bytes));
    const bytes = randomBytes(3_000_000);
    // Some of it in one read, as small as it gets, and on the border of what is trusted.
    const cuts = [0, 1, 70_000, 1_048_575, 1_048_577, 3_000_000];
    for (const [index, to] of cuts.slice(1).entries()) stream.onData(bytes.subarray(cuts[index], to));
    expect(joined.waiting()).toBeGreaterThan(1_000_000);
    stream.onRemoteCloseWrite();
    client.end();
    expect(await joined.ended).toEqual({ fromSocket: 0, fromStream: 3_000_000, clean: true });
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(looks).toBeGreaterThan(64 / 4 + (1024 - 64) / 16 - 2);
  });

  test('a reset on the way resets it, and what waited is not written any more', async () => {
    const stream = new WindowedStream();
    const { ended } = bridge(served, stream, { betweenPieces: () => stream.onRemoteReset() });
    stream.onData(Buffer.alloc(1_000_000));
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect((await ended).clean).toBe(false);
  });
});
