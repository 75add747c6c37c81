// A TCP connection between two relays as libp2p's raw connection. It differs from the one in @libp2p/tcp in how it writes: there each piece
// of a message (2 bytes of length, the ciphertext, 16 bytes of tag) is a system call and, without Nagle, a packet of its own; here
// everything that is sent in one turn of the event loop leaves in one call.

import type { Socket } from 'node:net';
import type { AbortOptions, Logger, MessageStreamDirection } from '@libp2p/interface';
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Uint8ArrayList } from 'uint8arraylist';
import { resetSocket } from './bridge.ts';

export class TcpConnection extends AbstractMultiaddrConnection {
  readonly #socket: Socket;
  #corked = false;

  constructor(socket: Socket, remoteAddr: Multiaddr, direction: MessageStreamDirection, log: Logger) {
    super({ remoteAddr, direction, log });
    this.#socket = socket;
    socket.on('data', (bytes) => this.onData(bytes));
    socket.on('drain', () => this.safeDispatchEvent('drain'));
    socket.on('error', (error) => this.abort(error));
    // Relays end connections whole; a half that ends alone is the other side going away.
    socket.once('end', () => this.onTransportClosed());
    socket.once('close', () => this.onTransportClosed());
  }

  override sendData(data: Uint8ArrayList): SendResult {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    for (const piece of data) this.#socket.write(piece);
    return { sentBytes: data.byteLength, canSendMore: !this.#isFull() };
  }

  override async sendClose({ signal }: AbortOptions = {}): Promise<void> {
    if (this.#socket.destroyed) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#socket.once('close', () => resolve(undefined));
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    this.#socket.destroySoon();
    await promise;
  }

  override sendReset(): void {
    resetSocket(this.#socket);
  }

  override sendPause(): void {
    this.#socket.pause();
  }

  override sendResume(): void {
    this.#socket.resume();
  }

  #isFull(): boolean {
    return this.#socket.writableLength >= this.#socket.writableHighWaterMark;
  }

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };
}
