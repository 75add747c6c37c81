// One tunnel on a data connection: it behaves as libp2p's streams do, so that a bridge (relay/net/bridge.ts) has it like any other, with less between the bytes and the socket
// (docs/protocol/data.md §3). The end of a half is a frame: a connection that ends without one was cut, whatever TCP says, as the kernel of a relay that was killed says FIN.

import type { Socket } from 'node:net';
import type { Logger } from '@libp2p/interface';
import { AbstractStream, type SendResult } from '@libp2p/utils';
import { Uint8ArrayList } from 'uint8arraylist';
import { prefixed } from '../net/big-reads.ts';
import { MAX_FRAME } from '../net/bridge.ts';
import { MAX_READ_BUFFER, MAX_STREAM_WINDOW } from '../net/limits.ts';
import { readStraight } from '../net/straight-reads.ts';
import { DataStreamError, FrameReader, HEADER_LENGTH, writeHeader } from './frame-reader.ts';

/** What may be on its way before the other side has said that anything came, as on a stream of Yamux: relay/transit/traffic.ts counts with it. */
const FIRST_WINDOW = 256 * 1024;
/** What one turn of the event loop may gather before it is handed on. */
const MAX_GATHERED = 1024 * 1024;
const END = Buffer.alloc(HEADER_LENGTH);

export class DataStream extends AbstractStream {
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  #gathered = new Uint8ArrayList();
  #handing: NodeJS.Immediate | undefined;
  #window = FIRST_WINDOW;
  /** Sent, and not said to have come. */
  #onItsWay = 0;
  /** Came, and is not said to have. */
  #unsaid = 0;
  #saidFirst = false;

  /** The socket is secured, open for both halves, and nobody reads it. It is read from now on. */
  constructor(socket: Socket, direction: 'inbound' | 'outbound', log: Logger) {
    super({ id: '', log, direction, maxReadBufferLength: MAX_READ_BUFFER });
    this.#socket = socket;
    this.#frames = new FrameReader({
      bytes: (piece) => this.#gathered.append(piece),
      came: (bytes) => this.#arrived(bytes),
      end: () => {
        this.#handOn();
        this.onRemoteCloseWrite();
      },
    });
    readStraight(socket, (bytes) => this.#read(bytes));
    socket.on('drain', () => this.onMuxerDrain());
    for (const event of ['error', 'end', 'close']) socket.once(event, () => this.#over());
    // Both halves have ended.
    this.addEventListener('close', ({ error }) => {
      if (error === undefined) socket.end();
    });
    socket.resume();
  }

  #read(bytes: Buffer): void {
    try {
      this.#frames.push(bytes);
    } catch (error) {
      this.abort(error instanceof Error ? error : new DataStreamError('no frames'));
      return;
    }
    if (this.#gathered.byteLength >= MAX_GATHERED) this.#handOn();
    else if (this.#gathered.byteLength > 0) this.#handing ??= setImmediate(() => this.#handOn());
  }

  /** TLS hands out 16 kB at a time: what a turn has read goes on as one. */
  #handOn(): void {
    clearImmediate(this.#handing);
    this.#handing = undefined;
    const gathered = this.#gathered;
    if (gathered.byteLength === 0) return;
    this.#gathered = new Uint8ArrayList();
    this.#unsaid += gathered.byteLength;
    this.onData(gathered);
    this.#sayWhatCame();
  }

  /** At first at once, which opens the window; then for each half of it. What waits for a reader that has paused has not come. */
  #sayWhatCame(): void {
    if (this.status !== 'open' || this.remoteWriteStatus === 'closed' || this.readStatus === 'paused') return;
    if (this.#saidFirst && this.#unsaid < MAX_STREAM_WINDOW / 2) return;
    this.#saidFirst = true;
    this.#socket.write(writeHeader('came', this.#unsaid));
    this.#unsaid = 0;
  }

  #arrived(bytes: number): void {
    if (bytes > this.#onItsWay) throw new DataStreamError('more came than was sent');
    this.#onItsWay -= bytes;
    this.#window = MAX_STREAM_WINDOW;
    if (this.writableNeedsDrain && !this.#socket.writableNeedDrain) this.onMuxerDrain();
  }

  /** The connection has, or its other half. */
  #over(): void {
    if (this.status !== 'open') return;
    // Its end came in order, and this half is still being sent.
    if (this.remoteWriteStatus === 'closed' && !this.#socket.destroyed) return;
    this.#handOn();
    this.abort(new DataStreamError('the connection was lost'));
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const socket = this.#socket;
    const sentBytes = Math.min(data.byteLength, this.#window - this.#onItsWay);
    this.#onItsWay += sentBytes;
    for (let start = 0; start < sentBytes; start += MAX_FRAME)
      this.#writeFrame(data.sublist(start, Math.min(sentBytes, start + MAX_FRAME)));
    return { sentBytes, canSendMore: sentBytes === data.byteLength && !socket.writableNeedDrain };
  }

  #writeFrame(frame: Uint8ArrayList): void {
    const socket = this.#socket;
    const header = writeHeader('bytes', frame.byteLength);
    const [piece, ...others] = frame;
    const whole = piece !== undefined && others.length === 0 ? prefixed(header, piece) : undefined;
    if (whole !== undefined) {
      socket.write(whole);
      return;
    }
    socket.cork();
    socket.write(header);
    for (const part of frame) socket.write(part);
    socket.uncork();
  }

  override sendCloseWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(END, (error) => (error == null ? resolve() : reject(error)));
    });
  }

  override sendCloseRead(): Promise<void> {
    return Promise.resolve();
  }

  override sendReset(): void {
    clearImmediate(this.#handing);
    this.#gathered = new Uint8ArrayList();
    this.#socket.destroy();
  }

  /** The connection is read on: what the other side says of our half comes by it. Its window ends what comes of the other. */
  override sendPause(): void {
    return;
  }

  override sendResume(): void {
    this.#sayWhatCame();
  }
}
