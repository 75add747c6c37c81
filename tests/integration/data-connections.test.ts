// Data connections between two real libp2p nodes, with somebody on the path who listens, changes bytes or swallows them (docs/protocol/data.md).

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Connection, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataDialer } from '../../relay/data/data-dialer.ts';
import { DataPool } from '../../relay/data/data-pool.ts';
import { DataStream } from '../../relay/data/data-stream.ts';
import {
  DATA_PROTOCOL,
  DATA_SERVER_NAME,
  DATA_TLS,
  decodeDataKeys,
  MAX_ANSWER_BYTES,
  type DataKey,
} from '../../relay/data/protocol.ts';
import { openTunnel } from '../../relay/entry/open-tunnel.ts';
import { MAX_DATA_CONNECTIONS, MAX_STREAM_WINDOW } from '../../relay/net/limits.ts';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';
import { TUNNEL_PROTOCOL, TUNNEL_STATUS } from '../../src/core/tunnel/protocol.ts';
import { listenAnywhere, startWatchedPath, type WatchedPath } from '../support/watched-path.ts';

const HELLO = Buffer.from('the hello of a browser, which names an exit');
const BYTES = 20_000_003;

let entry: RelayNode;
let exit: RelayNode;
let pool: DataPool;
let listener: Server;
let path: WatchedPath;
/** Both ends of the link. */
let link: { atEntry: Connection; atExit: Connection };
let tunnels: DataStream[];

beforeEach(async () => {
  entry = await createRelayNode({
    privateKey: await generateKeyPair('Ed25519'),
    listen: [{ host: '127.0.0.1', port: 0 }],
    mayDial: [],
  });
  exit = await createRelayNode({ privateKey: await generateKeyPair('Ed25519'), listen: [], mayDial: [entry.peerId] });
  listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
    pool.take(socket, Buffer.alloc(0)),
  );
  path = await startWatchedPath(await listenAnywhere(listener));
  pool = new DataPool(() => path.port);
  await entry.handle(DATA_PROTOCOL, (stream, connection) => pool.answer(stream, connection));
  const accepted = Promise.withResolvers<Connection>();
  entry.addEventListener('connection:open', ({ detail }) => accepted.resolve(detail), { once: true });
  const [address] = entry.getMultiaddrs();
  const atExit = await exit.dial(address!);
  link = { atEntry: await accepted.promise, atExit };
  tunnels = [];
});
afterEach(async () => {
  pool.close();
  path.close();
  listener.close();
  await exit.stop();
  await entry.stop();
});

const keepDialing = (): DataDialer =>
  new DataDialer({ link: link.atExit, host: '127.0.0.1', onTunnel: (stream) => tunnels.push(stream) });

/** A data connection that waits at the entry. */
async function waiting() {
  for (;;) {
    const socket = pool.next(link.atEntry);
    if (socket !== undefined) return socket;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A tunnel on one: its end at the entry, and at the exit. */
async function open(): Promise<{ near: DataStream; far: DataStream }> {
  const near = new DataStream(await waiting(), 'outbound', link.atEntry.log);
  near.send(HELLO);
  await expect.poll(() => tunnels.length).toBe(1);
  const [far] = tunnels;
  return { near, far: far! };
}

async function put(stream: Stream, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; start += 123_457) {
    if (stream.send(bytes.subarray(start, start + 123_457))) continue;
    await new Promise((resolve) => {
      stream.addEventListener('drain', resolve, { once: true });
    });
  }
  await stream.close();
}

/** What came until the other half ended in order. Rejects where it was cut. */
function read(stream: Stream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  stream.addEventListener('message', ({ data }) => void parts.push(data.subarray()));
  stream.addEventListener('remoteCloseWrite', () => queueMicrotask(() => resolve(Buffer.concat(parts))));
  stream.addEventListener('close', ({ error }) => error && reject(error));
  return promise;
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a tunnel on its own connection', () => {
  test('carries 20 MB each way at once, and each half ends when its sender says so', async () => {
    keepDialing();
    const { near, far } = await open();
    const [up, down] = [randomBytes(BYTES), randomBytes(BYTES)];
    const [atFar, atNear] = [read(far), read(near)];
    await Promise.all([put(near, up), put(far, down)]);
    expect(hash(await atFar)).toBe(hash(Buffer.concat([HELLO, up])));
    expect(hash(await atNear)).toBe(hash(down));
    await expect.poll(() => [near.status, far.status]).toEqual(['closed', 'closed']);
  });

  test('a half that has ended leaves the other one open', async () => {
    keepDialing();
    const { near, far } = await open();
    const atFar = read(far);
    await near.close();
    expect(await atFar).toEqual(HELLO);
    const atNear = read(near);
    await put(far, Buffer.from('an answer after that'));
    expect((await atNear).toString()).toBe('an answer after that');
  });

  test('a reader that stops holds the sender back', async () => {
    keepDialing();
    const { near, far } = await open();
    let came = 0;
    far.addEventListener('message', ({ data }) => (came += data.byteLength));
    await expect.poll(() => came).toBe(HELLO.length);
    far.pause();
    const sending = put(near, randomBytes(BYTES));
    // It stands still: for a hundred turns of the loop nothing went.
    for (let still = 0; still < 100; still = near.writableNeedsDrain ? still + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
    expect(came).toBe(HELLO.length);
    expect(far.readBufferLength).toBeLessThanOrEqual(MAX_STREAM_WINDOW);
    far.resume();
    await sending;
    await expect.poll(() => came).toBe(HELLO.length + BYTES);
  });

  test('a half that nobody reads does not hold up the other one', async () => {
    keepDialing();
    const { near, far } = await open();
    near.addEventListener('message', () => undefined);
    near.pause();
    const stuck = put(far, randomBytes(BYTES));
    stuck.catch(() => undefined);
    const atFar = read(far);
    await put(near, randomBytes(BYTES));
    expect((await atFar).length).toBe(HELLO.length + BYTES);
  });

  test.each([
    ['vanishes with a FIN', (socket: Socket) => void socket.end()],
    ['is reset', (socket: Socket) => void socket.resetAndDestroy()],
  ])('a connection that %s before the end of a half was cut, and is no end', async (_, cut) => {
    keepDialing();
    const { near, far } = await open();
    const atNear = read(near);
    far.send(Buffer.from('the first part'));
    await once(near, 'message');
    path.each((pair) => cut(pair.onward));
    await expect(atNear).rejects.toThrow();
    expect(near.status).toBe('aborted');
  });

  test('a byte that is changed on the way cuts it, and nothing of that record is handed on', async () => {
    keepDialing();
    const { near, far } = await open();
    const came: number[] = [];
    near.addEventListener('message', ({ data }) => void came.push(data.byteLength));
    far.send(new Uint8Array(100));
    await expect.poll(() => came).toEqual([100]);
    path.change = (bytes) => void (bytes[bytes.length - 1]! ^= 1);
    far.send(new Uint8Array(1000));
    await expect.poll(() => near.status).toBe('aborted');
    expect(came).toEqual([100]);
  });

  test('who listens on the path sees nothing of the hello, nor of what follows', async () => {
    keepDialing();
    const { near, far } = await open();
    const secret = randomBytes(64);
    const atFar = read(far);
    await put(near, secret);
    await atFar;
    const seen = path.seen();
    expect(seen.length).toBeGreaterThan(HELLO.length + secret.length);
    expect(seen.includes(HELLO)).toBe(false);
    expect(seen.includes(secret)).toBe(false);
    expect(seen.includes('data.conet.invalid')).toBe(true);
  });

  test('when the link ends the exit cuts its tunnels', async () => {
    keepDialing();
    const { far } = await open();
    path.swallow = true;
    link.atExit.abort(new Error('the ping was not answered'));
    await expect.poll(() => far.status).toBe('aborted');
  });
});

describe('frames', () => {
  test.each([
    ['longer than any', Buffer.from([0, 0x7f, 0, 0])],
    ['of no kind', Buffer.from([2, 0, 0, 1])],
    ['that say more came than was sent', Buffer.from([1, 0, 0, 1])],
    ['after the end of the half', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 1])],
  ])('%s cut the tunnel', async (_, bytes) => {
    keepDialing();
    const socket = await waiting();
    const near = new DataStream(socket, 'outbound', link.atEntry.log);
    near.send(HELLO);
    await expect.poll(() => tunnels.length).toBe(1);
    socket.write(bytes);
    await expect.poll(() => tunnels[0]?.status).toBe('aborted');
  });

  test('header and bytes may come in any pieces', async () => {
    keepDialing();
    const socket = await waiting();
    const frames = Buffer.from([0, 0, 0, 5, ...Buffer.from('hello'), 0, 0, 0, 1, 33, 0, 0, 0, 0]);
    socket.write(frames.subarray(0, 1));
    await expect.poll(() => tunnels.length).toBe(1);
    const came = read(tunnels[0]!);
    for (const byte of frames.subarray(1)) socket.write(Uint8Array.of(byte));
    expect((await came).toString()).toBe('hello!');
  });
});

describe('keys', () => {
  const knock = async (key: DataKey): Promise<string> => {
    const socket = connectTls({
      ...{ ...DATA_TLS, host: '127.0.0.1', port: path.port, servername: DATA_SERVER_NAME },
      pskCallback: () => ({ identity: key.id, psk: key.psk }),
      checkServerIdentity: () => undefined,
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.once('secureConnect', () => resolve('entered'));
    socket.on('error', () => resolve('refused'));
    return promise;
  };
  const ask = async (count: number): Promise<DataKey[]> => {
    const stream = await link.atExit.newStream(DATA_PROTOCOL);
    const messages = lpStream(stream, { maxDataLength: MAX_ANSWER_BYTES });
    await messages.write(Uint8Array.of(count));
    return decodeDataKeys((await messages.read()).subarray(), count).keys;
  };

  test('who has none is not let in, and one key opens one connection', async () => {
    const [key, other] = await ask(2);
    expect(await knock({ id: '00'.repeat(16), psk: randomBytes(32) })).toBe('refused');
    expect(await knock({ ...key!, psk: randomBytes(32) })).toBe('refused');
    // Whoever tried with the wrong secret has used it up.
    expect(await knock(key!)).toBe('refused');
    expect(await knock(other!)).toBe('entered');
    expect(await knock(other!)).toBe('refused');
  });

  test('when the link ends the entry cuts its tunnels: an exit that is gone is found out there', async () => {
    const [key] = await ask(1);
    expect(await knock(key!)).toBe('entered');
    const near = new DataStream(await waiting(), 'outbound', link.atEntry.log);
    link.atEntry.abort(new Error('the ping was not answered'));
    await expect.poll(() => near.status).toBe('aborted');
  });

  test('a key dies with its link', async () => {
    const [key] = await ask(1);
    const closed = once(link.atEntry, 'close');
    link.atEntry.abort(new Error('the ping was not answered'));
    await closed;
    expect(await knock(key!)).toBe('refused');
  });

  test('no more are given than a link may have connections', async () => {
    let given = 0;
    for (let round = 0; round < MAX_DATA_CONNECTIONS / 32 + 2; round += 1) given += (await ask(32)).length;
    expect(given).toBe(MAX_DATA_CONNECTIONS);
  });

  test.each([0, 33])('a question for %s keys is none', async (count) => {
    await expect(ask(count)).rejects.toThrow();
  });
});

describe('a tunnel begins', () => {
  const stop = new AbortController().signal;
  /** What an exit does that takes every tunnel, and says on what it came. */
  const takeAll = async (): Promise<string[]> => {
    const came: string[] = [];
    const take = (on: string) => (stream: Stream) => {
      came.push(on);
      stream.send(Uint8Array.of(TUNNEL_STATUS.accepted));
    };
    await exit.handle(TUNNEL_PROTOCOL, take('link'));
    new DataDialer({ link: link.atExit, host: '127.0.0.1', onTunnel: take('data') });
    return came;
  };

  test('on a data connection where one waits, on the link where none does', async () => {
    const came = await takeAll();
    await openTunnel(link.atEntry, HELLO, stop, await waiting());
    await openTunnel(link.atEntry, HELLO, stop, undefined);
    expect(came).toEqual(['data', 'link']);
  });

  test('on the link when the path of the data connection has died without a word', async () => {
    const came = await takeAll();
    const socket = await waiting();
    path.swallow = true;
    const stream = await openTunnel(link.atEntry, HELLO, stop, socket);
    expect(stream.status).toBe('open');
    expect(came).toEqual(['link']);
    expect(socket.destroyed).toBe(true);
  });

  test('as many wait as began of late, and at least 16', async () => {
    const dialer = keepDialing();
    const count = (): Promise<number> => new Promise((resolve) => void listener.getConnections((_, n) => resolve(n)));
    await expect.poll(count).toBe(16);
    for (let begun = 0; begun < 40; begun += 1) dialer.began();
    await expect.poll(count).toBe(40);
  });
});
