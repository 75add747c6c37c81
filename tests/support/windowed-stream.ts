// What tests of the bridge copy between: a pair of real sockets, and a stream with the real logic of @libp2p/utils and a window that the
// test opens and shuts.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { defaultLogger } from '@libp2p/logger';
import { AbstractStream, type SendResult } from '@libp2p/utils';
import type { Uint8ArrayList } from 'uint8arraylist';

export class WindowedStream extends AbstractStream {
  /** Bytes the other side still takes. */
  window = 0;
  sent = 0;
  /** Of what was sent. */
  readonly hash = createHash('sha256');
  reset = false;
  closed = false;
  /** How often the other side was let send more. */
  resumed = 0;

  constructor() {
    super({ id: '1', log: defaultLogger().forComponent('test'), direction: 'outbound' });
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const sentBytes = Math.min(this.window, data.byteLength);
    this.window -= sentBytes;
    this.hash.update(data.subarray(0, sentBytes));
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
    this.resumed += 1;
  }

  open(bytes: number): void {
    this.window += bytes;
    this.safeDispatchEvent('drain');
  }
}

/** Both ends of a TCP connection; the served one is paused. */
export async function socketPair(): Promise<{ client: Socket; served: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  const [served] = (await once(server, 'connection')) as [Socket];
  server.close();
  return { client, served };
}

/** Until the event loop has read what can be read: each turn may bring another chunk. */
export async function turns(count: number, each: () => void = () => undefined): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    each();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
