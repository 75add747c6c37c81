// A conversation over a socket: what is said is waited for, no longer than a relay of this machine takes that has something to say.

import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Ear } from './ear.ts';
import type { Place } from './target.ts';

/** A relay answers within some milliseconds, on a machine that does ten things at once; one that says nothing by then waits for the rest of what it was sent. */
export const QUIET_MS = 50;
/** Until one that was told that this is all has hung up too; then it is cut. */
const CLOSE_MS = 1_000;
/** TCP and TLS on this machine, beside everything else that it does. */
const CONNECT_MS = 10_000;

export async function dialTcp({ host, port }: Place, localAddress: string): Promise<Socket> {
  const socket = connect({ host, port, localAddress, noDelay: true, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await happens(socket, 'connect');
  return socket;
}

export async function dialUnix(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await happens(socket, 'connect');
  return socket;
}

export async function dialTls(
  place: Place,
  localAddress: string,
  options: { servername: string; ca: string; ALPNProtocols?: string[] },
): Promise<TLSSocket> {
  const socket = await dialTcp(place, localAddress);
  const tls = connectTls({ socket, ...options });
  tls.on('error', () => undefined);
  socket.once('close', () => tls.destroy());
  await happens(tls, 'secureConnect');
  return tls;
}

/** Whether it came before the end and before the time was over; rejects where not. */
function happens(socket: Duplex, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      socket.off(event, done);
      socket.off('close', over);
      socket.destroy();
      reject(new HungUpError(`no ${event}`));
    };
    const done = (): void => {
      clearTimeout(timer);
      socket.off('close', over);
      resolve();
    };
    const timer = setTimeout(over, CONNECT_MS);
    socket.once(event, done);
    socket.once('close', over);
  });
}

/** The other side is not there, or no longer. */
export class HungUpError extends Error {
  override readonly name = 'HungUpError';
}

/** One socket, read all the time. */
export class Conversation {
  readonly #socket: Duplex;
  #over = false;
  readonly #ear = new Ear();
  /** The last of what came. */
  #last: Buffer = Buffer.alloc(0);

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#last = chunk;
      this.#ear.heard();
    });
    const end = (): void => {
      this.#over = true;
      this.#ear.heard();
    };
    socket.on('end', end);
    socket.on('close', end);
  }

  /** The other side has ended its half, or hung up. */
  isOver(): boolean {
    return this.#over || this.#socket.destroyed || !this.#socket.writable;
  }

  /** Says it, and waits for the answer, the end, or silence. @param isLast this half ends with it, in one packet */
  async say(bytes: Uint8Array, { quietMs = QUIET_MS, isLast = false } = {}): Promise<Buffer> {
    if (this.isOver()) throw new HungUpError('the other side has hung up');
    this.#last = Buffer.alloc(0);
    if (isLast) this.#socket.end(bytes);
    else this.#socket.write(bytes);
    await this.#ear.listen(quietMs);
    return this.#last;
  }

  /** Ends this half, and then the rest. */
  async end(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      // TLS ends with its other side only where that says so; a socket that has both halves ended closes by itself.
      socket.end();
      if (this.#over) socket.destroy();
    });
    socket.destroy();
  }
}

/** What is told of it; a round of surface.ts is one. */
type Listener = { sent(): void; answered(word: string): void; signal: AbortSignal };

/** Says each as long as somebody is there, counts it, and ends. @param word what an answer is called */
export async function converse(
  socket: Duplex,
  inputs: Iterable<Uint8Array>,
  round: Listener,
  word: (answer: Buffer) => string,
): Promise<void> {
  const conversation = new Conversation(socket);
  for (const input of inputs) {
    if (conversation.isOver() || round.signal.aborted) break;
    const answer = await conversation.say(input);
    round.sent();
    round.answered(answer.length > 0 ? word(answer) : conversation.isOver() ? 'ended' : 'nothing');
  }
  await conversation.end();
}

/** `HTTP/1.1 404 ...` -> `404`. */
export function statusOf(answer: Buffer): string {
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(answer.subarray(0, 16).toString('latin1')) ?? [];
  return status ?? 'bytes';
}
