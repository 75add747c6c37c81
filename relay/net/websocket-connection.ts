// One client's WebSocket as libp2p's raw connection. @libp2p/websockets has one too, but there an abort leaves the socket open for good
// (it calls close(1006), which the standard forbids and the library swallows), reading has no backpressure and draining is polled.

import type { Logger } from '@libp2p/interface';
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Uint8ArrayList } from 'uint8arraylist';
import type { WebSocket } from 'ws';
import { MAX_WEBSOCKET_QUEUE } from './limits.ts';

/** How long the peer has to answer our close frame before its socket is cut. */
const CLOSE_TIMEOUT_MS = 1000;

const CLOSE_NORMAL = 1000;

export class WebSocketConnection extends AbstractMultiaddrConnection {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, remoteAddr: Multiaddr, log: Logger) {
    super({ remoteAddr, log, direction: 'inbound' });
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.onData(data);
      else this.abort(new Error('a text frame came where libp2p has bytes'));
    });
    // The library closes the socket itself after an error; `close` follows.
    socket.on('error', (error) => this.abort(error));
    socket.on('close', (code) => {
      if (code === CLOSE_NORMAL) this.onTransportClosed();
      else this.onRemoteReset();
    });
  }

  override sendData(data: Uint8ArrayList): SendResult {
    for (const piece of data) this.#socket.send(piece, this.#onSent);
    return { sentBytes: data.byteLength, canSendMore: this.#socket.bufferedAmount < MAX_WEBSOCKET_QUEUE };
  }

  override sendReset(): void {
    this.#socket.terminate();
  }

  override async sendClose(): Promise<void> {
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    const closed = Promise.withResolvers<undefined>();
    this.#socket.once('close', () => closed.resolve(undefined));
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    this.#socket.close(CLOSE_NORMAL);
    await closed.promise;
    clearTimeout(cut);
  }

  override sendPause(): void {
    this.#socket.pause();
  }

  override sendResume(): void {
    this.#socket.resume();
  }

  readonly #onSent = (): void => {
    if (this.writableNeedsDrain && this.#socket.bufferedAmount === 0) this.safeDispatchEvent('drain');
  };
}
