// The entry's end of data connections: gives an exit keys for them on its link, takes them as they come on the port of browsers, and has those that wait ready for tunnels. Where none
// waits a tunnel goes over the link, as all did before there were any. Made by relay/entry/entry.ts.

import { constants, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Connection, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { MAX_DATA_CONNECTIONS } from '../net/limits.ts';
import { decodeKeyCount, encodeDataKeys, DATA_TLS, type DataKey } from './protocol.ts';

/** An exit connects at once; what takes longer has met a wall. */
const KEY_LIFETIME_MS = 30_000;
const HANDSHAKE_MS = 10_000;
/** Handshakes at once, of whomever: they have no place among those of browsers. Who takes them all has exits use their links. */
const MAX_HANDSHAKES = 256;
const ASK_MS = 10_000;

/** Of one link. */
type Line = {
  /** Keys that were given and not used. */
  given: number;
  /** Newest last: its path through a NAT is the freshest. With what ends the watch over it. */
  waiting: Map<TLSSocket, () => void>;
  /** With those that carry a tunnel. */
  open: Set<TLSSocket>;
  isOver: boolean;
};

export class DataPool {
  readonly #port: () => number;
  readonly #server: Server;
  readonly #lines = new Map<Connection, Line>();
  readonly #keys = new Map<string, { psk: Buffer; line: Line }>();
  readonly #comers = new WeakMap<TLSSocket, Line>();
  /** With those in their handshake. */
  readonly #sockets = new Set<Socket>();

  /** @param port where exits are to connect to */
  constructor(port: () => number) {
    this.#port = port;
    const options = {
      ...DATA_TLS,
      handshakeTimeout: HANDSHAKE_MS,
      allowHalfOpen: true,
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      pskCallback: (socket: TLSSocket, id: string) => this.#use(socket, id),
    };
    this.#server = createServer(options, (socket) => this.#add(socket));
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** A peer asks for keys on its link. Never rejects. */
  async answer(stream: Stream, link: Connection): Promise<void> {
    const signal = AbortSignal.timeout(ASK_MS);
    try {
      const messages = lpStream(stream, { maxDataLength: 1 });
      const count = decodeKeyCount((await messages.read({ signal })).subarray());
      await messages.write(encodeDataKeys(this.#port(), this.#give(link, count)), { signal });
      await stream.close({ signal });
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('no question'));
    }
  }

  /** How many there are, those that wait and those with a tunnel. */
  get size(): number {
    let sum = 0;
    for (const { open } of this.#lines.values()) sum += open.size;
    return sum;
  }

  /** Takes a paused connection over; `head` are the bytes already read from it. */
  take(socket: Socket, head: Buffer): void {
    if (this.#sockets.size - this.size >= MAX_HANDSHAKES) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.unshift(head);
    this.#server.emit('connection', socket);
  }

  /** One that waits, for a tunnel of this link. */
  next(link: Connection): TLSSocket | undefined {
    const line = this.#lines.get(link);
    const [socket, stopWatching] = [...(line?.waiting ?? [])].at(-1) ?? [];
    stopWatching?.();
    if (socket !== undefined) line?.waiting.delete(socket);
    return socket;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #give(link: Connection, count: number): DataKey[] {
    if (link.status !== 'open') return [];
    const line = this.#lines.get(link) ?? this.#open(link);
    const room = MAX_DATA_CONNECTIONS - line.open.size - line.given;
    return Array.from({ length: Math.min(count, Math.max(0, room)) }, () => {
      const key = { id: randomBytes(16).toString('hex'), psk: randomBytes(32) };
      this.#keys.set(key.id, { psk: key.psk, line });
      line.given += 1;
      setTimeout(() => this.#forget(key.id), KEY_LIFETIME_MS).unref();
      return key;
    });
  }

  #open(link: Connection): Line {
    const line: Line = { given: 0, waiting: new Map(), open: new Set(), isOver: false };
    this.#lines.set(link, line);
    // Whoever loses its link loses its tunnels, on whatever they run: an exit that is gone is found out there.
    link.addEventListener('close', () => {
      this.#lines.delete(link);
      line.isOver = true;
      for (const socket of line.open) socket.destroy();
    });
    return line;
  }

  #forget(id: string): { psk: Buffer; line: Line } | undefined {
    const key = this.#keys.get(id);
    if (this.#keys.delete(id) && key !== undefined) key.line.given -= 1;
    return key;
  }

  #use(socket: TLSSocket, id: string): Buffer | null {
    const key = this.#forget(id);
    if (key === undefined || key.line.isOver) return null;
    this.#comers.set(socket, key.line);
    return key.psk;
  }

  #add(socket: TLSSocket): void {
    const line = this.#comers.get(socket);
    socket.on('error', () => socket.destroy());
    // It may have ended during the handshake.
    if (line === undefined || line.isOver) {
      socket.destroy();
      return;
    }
    line.open.add(socket);
    socket.once('close', () => {
      line.open.delete(socket);
      line.waiting.delete(socket);
    });
    // Until there is a tunnel an exit says nothing; it is read so that its end is seen.
    const drop = (): unknown => socket.destroy();
    socket.once('data', drop).once('end', drop);
    line.waiting.set(socket, () => socket.off('data', drop).off('end', drop));
  }
}
