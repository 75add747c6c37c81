// The bridge against a stream with the real logic of @libp2p/utils and a window that the test opens and shuts; the rest of its promises
// are tested with whole relays (tests/integration/relay-tunnel.test.ts, relay-failure.test.ts).

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { defaultLogger } from '@libp2p/logger';
import { AbstractStream, type SendResult } from '@libp2p/utils';
import type { Uint8ArrayList } from 'uint8arraylist';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridge } from '../../../relay/net/bridge.ts';

const FRAME = 262_064;

class WindowedStream extends AbstractStream {
  /** Bytes the other side still takes. */
  window = 0;
  sent = 0;
  reset = false;
  closed = false;

  constructor() {
    super({ id: '1', log: defaultLogger().forComponent('test'), direction: 'outbound' });
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const sentBytes = Math.min(this.window, data.byteLength);
    this.window -= sentBytes;
    this.sent += sentBytes;
    return { sentBytes, canSendMore: sentBytes === data.byteLength };
  }

  override sendReset(): void {
    this.reset = true;
  }

  override async sendCloseWrite(): Promise<void> {
    this.closed = true;
  }

  override async sendCloseRead(): Promise<void> {
    throw new Error('yamux has no such message');
  }

  override sendPause(): void {
    // The window is the test's.
  }

  override sendResume(): void {
    // The window is the test's.
  }

  open(bytes: number): void {
    this.window += bytes;
    this.safeDispatchEvent('drain');
  }
}

let client: Socket;
let served: Socket;

beforeEach(async () => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  [served] = (await once(server, 'connection')) as [Socket];
  server.close();
});
afterEach(() => {
  client.destroy();
  served.destroy();
});

/** Until the event loop has read what can be read: each turn may bring another chunk. */
async function turns(count: number, each: () => void = () => undefined): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    each();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

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
  const { ended } = bridge(served, stream, Buffer.from('head'));
  client.end(Buffer.alloc(1000));
  await turns(50);
  expect(stream.closed).toBe(false);
  stream.open(2000);
  await turns(50);
  expect(stream.sent).toBe(1004);
  expect(stream.closed).toBe(true);
  stream.onData(Buffer.from('answer'));
  stream.onRemoteCloseWrite();
  client.resume();
  expect(await ended).toEqual({ fromSocket: 1004, fromStream: 6, clean: true });
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
