// The link between two relays beside a stock js-libp2p: same bytes on the wire, whatever the relay does with them on its way (relay/net/noise-connection.ts, relay/net/window-updates.ts).

import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Connection, MessageStream, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MAX_STREAM_WINDOW } from '../../relay/net/limits.ts';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';

const PROTOCOL = '/test/bytes/1.0.0';
const BYTES = 20_000_003;
/** What Yamux begins with. */
const LIBRARY_WINDOW = 256 * 1024;

let relay: RelayNode;
let peer: Libp2p;
beforeAll(async () => {
  relay = await createRelayNode({
    privateKey: await generateKeyPair('Ed25519'),
    listen: [{ host: '127.0.0.1', port: 0 }],
    mayDial: [],
  });
  peer = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });
});
afterAll(async () => {
  await peer.stop();
  await relay.stop();
});

const address = (): string => relay.getMultiaddrs()[0]!.toString();

/** A connection that the peer dials, and the relay's end of it. */
async function dial(to = address()): Promise<{ connection: Connection; inbound: Connection }> {
  const accepted = Promise.withResolvers<Connection>();
  relay.addEventListener('connection:open', ({ detail }) => accepted.resolve(detail), { once: true });
  const connection = await peer.dial(multiaddr(to), { force: true });
  return { connection, inbound: await accepted.promise };
}

async function put(stream: MessageStream, bytes: Uint8Array): Promise<void> {
  // Pieces that are no multiple of a message, of a frame or of a read.
  for (let start = 0; start < bytes.length; start += 123_457) {
    if (stream.send(bytes.subarray(start, start + 123_457))) continue;
    await new Promise((resolve) => {
      stream.addEventListener('drain', resolve, { once: true });
    });
  }
  await stream.close();
}

function hashOf(stream: MessageStream): Promise<string> {
  const hash = createHash('sha256');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  stream.addEventListener('message', ({ data }) => {
    for (const piece of data instanceof Uint8Array ? [data] : data) hash.update(piece);
  });
  stream.addEventListener('end', () => resolve(hash.digest('hex')));
  stream.addEventListener('close', ({ error }) => error && reject(error));
  return promise;
}

test('20 MB each way at once arrive whole at the one and at the other', async () => {
  const [up, down] = [randomBytes(BYTES), randomBytes(BYTES)];
  const received = Promise.withResolvers<string>();
  await relay.handle(PROTOCOL, (stream) => {
    hashOf(stream).then(received.resolve, received.reject);
    void put(stream, down);
  });
  const { connection } = await dial();
  const stream = await connection.newStream(PROTOCOL);
  const back = hashOf(stream);
  await put(stream, up);
  expect(await received.promise).toBe(createHash('sha256').update(up).digest('hex'));
  expect(await back).toBe(createHash('sha256').update(down).digest('hex'));
  await relay.unhandle(PROTOCOL);
  await connection.close();
});

test.each([
  ['changed', (bytes: Buffer) => void (bytes[bytes.length - 1]! ^= 1)],
  ['said to be shorter than its tag', (bytes: Buffer) => void bytes.fill(0, 0, 1).fill(15, 1, 2)],
])('a message that was %s on the way ends the connection, and nothing of it is handed on', async (_, change) => {
  const handedOn: number[] = [];
  await relay.handle(PROTOCOL, (stream) => {
    stream.addEventListener('message', ({ data }) => handedOn.push(data.byteLength));
  });
  const middle = await meddler();
  const { port } = middle.server.address() as AddressInfo;
  const { connection, inbound } = await dial(`/ip4/127.0.0.1/tcp/${port}/p2p/${relay.peerId.toString()}`);
  const stream = await connection.newStream(PROTOCOL);
  stream.send(new Uint8Array(100));
  await expect.poll(() => handedOn).toEqual([100]);
  middle.change = change;
  stream.send(new Uint8Array(1000));
  await expect.poll(() => inbound.status).not.toBe('open');
  expect(handedOn).toEqual([100]);
  middle.server.close();
  await relay.unhandle(PROTOCOL);
});

test('a reader whose window is full size gives room for each half of it, not for each frame, and the sender is let send all', async () => {
  const { stream, far, close } = await openedByRelay();
  // Far away, so that each update doubles the window until it is full size.
  Object.assign(stream, { getRTT: () => 60_000 });
  const updates = vi.spyOn(far as Stream & { handleWindowUpdate: () => void }, 'handleWindowUpdate');
  const hash = hashOf(stream);
  const bytes = randomBytes(BYTES);
  await put(far, bytes);
  expect(await hash).toBe(createHash('sha256').update(bytes).digest('hex'));
  const doublings = Math.log2(MAX_STREAM_WINDOW / LIBRARY_WINDOW);
  expect(updates.mock.calls.length).toBeLessThanOrEqual(doublings + Math.ceil(BYTES / (MAX_STREAM_WINDOW / 2)));
  await close();
});

async function openedByRelay(): Promise<{ stream: Stream; far: Stream; close: () => Promise<void> }> {
  const far = Promise.withResolvers<Stream>();
  await peer.handle(PROTOCOL, (stream) => far.resolve(stream));
  const { connection, inbound } = await dial();
  const stream = await inbound.newStream(PROTOCOL);
  return {
    stream,
    far: await far.promise,
    close: async () => {
      await peer.unhandle(PROTOCOL);
      await connection.close();
    },
  };
}

/** Between the two on their TCP connection: changes the next thing that goes to the relay. */
async function meddler() {
  const middle = {
    change: undefined as ((bytes: Buffer) => void) | undefined,
    server: createServer((socket: Socket) => {
      const onward = connect(Number(/tcp\/(\d+)/.exec(address())?.[1]), '127.0.0.1');
      for (const each of [socket, onward]) each.on('error', () => undefined);
      socket.on('data', (bytes) => {
        middle.change?.(bytes);
        middle.change = undefined;
        onward.write(bytes);
      });
      onward.pipe(socket);
      socket.on('close', () => onward.destroy());
      onward.on('close', () => socket.destroy());
    }),
  };
  middle.server.listen(0, '127.0.0.1');
  await new Promise((resolve) => void middle.server.once('listening', resolve));
  return middle;
}
