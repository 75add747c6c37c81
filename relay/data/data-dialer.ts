// The exit's end of data connections: has some waiting at each entry it is linked with, as many as tunnels began at once of late, and makes a new one for each that is taken.
// Made for each link by relay/exit/exit.ts.

import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { UnsupportedProtocolError, type Connection } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { backoffMs } from '../exit/backoff.ts';
import { SOCKET_QUEUE } from '../net/limits.ts';
import { Bursts } from './bursts.ts';
import { DataStream } from './data-stream.ts';
import {
  DATA_PROTOCOL,
  DATA_SERVER_NAME,
  DATA_TLS,
  decodeDataKeys,
  MAX_ANSWER_BYTES,
  MAX_KEYS,
  type DataKey,
} from './protocol.ts';

/** One page of a dozen sites over a few circuits; an idle connection is 30 kB at the entry and 50 kB here. */
const FEWEST_WAITING = 16;
/** A quarter of what a link may have: those that carry tunnels need the rest. */
const MOST_WAITING = 128;
/** How often it is looked whether fewer are wanted. */
const LOOK_MS = 10_000;
/** A NAT forgets a quiet connection after some minutes. Those that wait longer are replaced, where they are still wanted. */
const LONGEST_WAIT_MS = 300_000;
const ASK_MS = 10_000;
const CONNECT_MS = 10_000;
const KEEPALIVE_MS = 30_000;

/** One for all: Node would make one for each, of which OpenSSL's part stays until the garbage, which it is not counted in, is collected. */
const CONTEXT = createSecureContext(DATA_TLS);

/** Why there are none just now. Nobody is told: tunnels share the link. */
class DataDialError extends Error {
  override readonly name = 'DataDialError';
}

export type DataDialerInit = {
  link: Connection;
  /** Where the link goes to. */
  host: string;
  /** Called with each tunnel as it begins. */
  onTunnel: (stream: DataStream) => void;
};

export class DataDialer {
  readonly #init: DataDialerInit;
  readonly #over = new AbortController();
  readonly #waiting = new Set<TLSSocket>();
  /** Those that are secured: waiting, or with a tunnel. */
  readonly #open = new Set<TLSSocket>();
  readonly #bursts = new Bursts();
  #isFilling = false;

  /** Until the link is closed. An entry that has none of it is left alone. */
  constructor(init: DataDialerInit) {
    this.#init = init;
    const looking = setInterval(() => this.#shed(), LOOK_MS).unref();
    this.#over.signal.addEventListener('abort', () => clearInterval(looking));
    init.link.addEventListener('close', () => this.#over.abort(), { once: true });
    void this.#fill();
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** A tunnel of this entry has begun, on whatever. */
  began(): void {
    this.#bursts.count(performance.now());
    void this.#fill();
  }

  /** Those that have waited longest go first. */
  #shed(): void {
    for (const oldest of this.#waiting) {
      if (this.#lacking() >= 0) return;
      this.#waiting.delete(oldest);
      oldest.destroy();
    }
  }

  #lacking(): number {
    const wanted = Math.min(MOST_WAITING, Math.max(FEWEST_WAITING, this.#bursts.largest(performance.now())));
    return wanted - this.#waiting.size;
  }

  async #fill(): Promise<void> {
    if (this.#isFilling) return;
    this.#isFilling = true;
    let failures = 0;
    while (!this.#over.signal.aborted && this.#lacking() > 0) {
      try {
        const { port, keys } = await this.#ask(Math.min(MAX_KEYS, this.#lacking()));
        if (keys.length === 0) throw new DataDialError('no room');
        await Promise.all(keys.map((key) => this.#connect(port, key)));
        failures = 0;
      } catch (error) {
        // It stays as it is for this link: no tunnel will ask again.
        if (error instanceof UnsupportedProtocolError) return;
        // A port that cannot be reached, or an entry without room.
        failures += 1;
        await delay(backoffMs(failures, Math.random()), undefined, { signal: this.#over.signal }).catch(
          () => undefined,
        );
      }
    }
    this.#isFilling = false;
  }

  async #ask(count: number): Promise<{ port: number; keys: DataKey[] }> {
    const signal = AbortSignal.any([this.#over.signal, AbortSignal.timeout(ASK_MS)]);
    const stream = await this.#init.link.newStream(DATA_PROTOCOL, { signal });
    try {
      const messages = lpStream(stream, { maxDataLength: MAX_ANSWER_BYTES });
      await messages.write(Uint8Array.of(count), { signal });
      const answer = decodeDataKeys((await messages.read({ signal })).subarray(), count);
      await stream.close({ signal });
      return answer;
    } catch (error) {
      stream.abort(error instanceof Error ? error : new DataDialError('no answer'));
      throw error;
    }
  }

  /** Rejects where there is no connection. */
  async #connect(port: number, { id, psk }: DataKey): Promise<void> {
    const socket = connect({
      secureContext: CONTEXT,
      ...{ host: this.#init.host, port, servername: DATA_SERVER_NAME },
      ...{ allowHalfOpen: true, highWaterMark: SOCKET_QUEUE },
      pskCallback: () => ({ identity: id, psk }),
      // There is no certificate: who has not the key does not get here.
      checkServerIdentity: () => undefined,
    });
    socket.disableRenegotiation();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    const drop = (): unknown => socket.destroy();
    this.#over.signal.addEventListener('abort', drop);
    const late = setTimeout(drop, CONNECT_MS);
    const { promise: secured, resolve, reject } = Promise.withResolvers<undefined>();
    socket.once('secureConnect', () => resolve(undefined));
    socket.on('error', reject);
    socket.once('close', () => {
      this.#over.signal.removeEventListener('abort', drop);
      reject(new DataDialError('closed'));
      if (this.#waiting.delete(socket)) void this.#fill();
    });
    await secured.finally(() => clearTimeout(late));
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#wait(socket);
  }

  /** Until a tunnel begins on it, or it ends. */
  #wait(socket: TLSSocket): void {
    this.#waiting.add(socket);
    const old = setTimeout(() => socket.destroy(), LONGEST_WAIT_MS * (0.5 + Math.random() / 2));
    socket.once('close', () => clearTimeout(old));
    socket.once('readable', () => {
      clearTimeout(old);
      if (socket.readableLength === 0) {
        socket.destroy();
        return;
      }
      this.#waiting.delete(socket);
      this.#init.onTunnel(new DataStream(socket, 'inbound', this.#init.link.log));
      this.began();
    });
  }
}
