// The ports browsers connect to. Each connection is admitted, its ClientHello read, and then given to the relay's own name, to a tunnel, or to a
// web server that shares the port; what cannot be carried gets a TLS alert or a reset. It never looks past the hello, and never logs an address or a name.

import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { CircuitNameError, parseCircuitName, type PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { alertForHelloError } from '../../src/core/tunnel/client-hello.ts';
import { encodeFatalAlert, TLS_ALERT, type TlsAlert } from '../../src/core/tunnel/tls-alert.ts';
import type { ListenAddress } from '../config/listen.ts';
import type { HostPort } from '../config/schema.ts';
import { DATA_SERVER_NAME } from '../data/protocol.ts';
import { logEvent } from '../log.ts';
import { resetSocket } from '../net/bridge.ts';
import { ListenError } from '../net/listen-error.ts';
import type { Shortage } from '../operations/pressure.ts';
import { Admission, type AdmissionLimits, type Ticket } from './admission.ts';
import { readHello } from './read-hello.ts';
import type { RefusalCode } from './refusal.ts';
import type { WebPass } from './web-pass.ts';

/** Who takes a connection whose name is known. Resolves when it has been taken; a code says why it was not. */
export type Route = (label: PeerLabel, socket: Socket, head: Buffer) => Promise<RefusalCode | undefined>;

/** A client behind a vanished NAT mapping is found after some minutes; browsers keep idle proxy connections for five. */
const KEEPALIVE_MS = 60_000;
/** How long a refused client has to take its alert before the socket is cut. */
const ALERT_LINGER_MS = 1000;
/** Connections the kernel holds while the event loop is busy; the default of 511 is less than one page load of many clients. */
const BACKLOG = 4096;

export type ListenerInit = {
  limits?: AdmissionLimits | undefined;
  /** Whether the process has room for another connection. Missing: always. */
  shortage?: (() => Shortage | undefined) | undefined;
  onRefused?: ((code: RefusalCode) => void) | undefined;
  /** Takes data connections of exits. */
  data?: (socket: Socket, head: Buffer) => void;
};

export class TunnelListener {
  readonly #admission: Admission;
  readonly #servers: Server[] = [];
  readonly #route: Route;
  readonly #web: WebPass | undefined;
  readonly #log: Logger;
  readonly #init: ListenerInit;
  readonly #drains = new AbortController();
  readonly #draining = this.#drains.signal;

  /** @param web takes names that are no circuits; missing: nobody does */
  constructor(route: Route, web: WebPass | undefined, log: Logger, init: ListenerInit = {}) {
    this.#route = route;
    this.#web = web;
    this.#log = log;
    this.#init = init;
    this.#admission = new Admission(init.limits);
  }

  /** For those who come from now on. */
  change(limits: AdmissionLimits): void {
    this.#admission.change(limits);
  }

  held(): { connections: number; pending: number } {
    return this.#admission.held();
  }

  /** May be called for several addresses and ports. Resolves with the port chosen where 0 was asked. Rejects with `ListenError`. */
  async listen({ host, port, ipv6Only = false }: HostPort & Partial<ListenAddress>): Promise<HostPort> {
    const server = createServer(
      {
        allowHalfOpen: true,
        pauseOnConnect: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEPALIVE_MS,
      },
      (socket) => void this.#take(socket),
    );
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    server.once('error', (cause) => reject(new ListenError({ host, port }, cause)));
    server.listen({ host, port, ipv6Only, backlog: BACKLOG }, () => resolve(undefined));
    await promise;
    const address = server.address();
    return { host, port: typeof address === 'object' && address !== null ? address.port : port };
  }

  /** No new connection from now on; those that are being opened are refused. */
  drain(): void {
    this.#drains.abort();
    for (const server of this.#servers) server.close();
  }

  async #take(socket: Socket): Promise<void> {
    // Without a listener an error would end the process; whoever reads the socket sees its `close`.
    socket.on('error', () => undefined);
    // It was reset before it was accepted.
    if (socket.remoteAddress === undefined) {
      this.#refuse(socket, 'closed');
      return;
    }
    // Before anything is kept of it: those that run are what the room is for.
    const place = { isLost: false };
    const isLost = (): boolean => place.isLost;
    const displaced = (): void => {
      place.isLost = true;
      this.#refuse(socket, 'too-many-hellos');
    };
    const ticket = this.#init.shortage?.() ?? this.#admission.admit(socket.remoteAddress, performance.now(), displaced);
    if (typeof ticket === 'string') {
      this.#refuse(socket, ticket);
      return;
    }
    socket.once('close', ticket.release);
    const refusal = this.#draining.aborted ? 'draining' : await this.#carry(socket, ticket);
    if (refusal !== undefined && !isLost()) this.#refuse(socket, refusal);
  }

  async #carry(socket: Socket, ticket: Ticket): Promise<RefusalCode | undefined> {
    const turnAt = performance.now() + ticket.waitMs;
    const hello = await readHello(socket);
    ticket.helloRead();
    if (!hello.ok) return hello.code;
    const { serverName, head } = hello;
    const label = serverName === undefined ? undefined : peerOf(serverName);
    if (label !== undefined) return (await this.#turn(socket, turnAt)) ?? this.#route(label, socket, head);
    if (serverName === DATA_SERVER_NAME && this.#init.data !== undefined) {
      // It is a relay's, or has no key and is gone at once: no browser has to make room for it.
      ticket.release();
      this.#init.data(socket, head);
      return undefined;
    }
    if (this.#web?.takes(serverName) === true) return this.#web.pass(socket, head);
    return serverName === undefined ? 'no-sni' : 'not-a-circuit';
  }

  /** Waits for it; a code where there is nothing to be opened any more. Data connections need not: who has no key for one is gone at once. */
  async #turn(socket: Socket, at: number): Promise<RefusalCode | undefined> {
    const waitMs = at - performance.now();
    if (waitMs <= 0) return undefined;
    await delay(waitMs, undefined, { ref: false, signal: this.#draining }).catch(() => undefined);
    if (this.#draining.aborted) return 'draining';
    return (await isThere(socket)) ? undefined : 'closed';
  }

  #refuse(socket: Socket, code: RefusalCode): void {
    this.#init.onRefused?.(code);
    logEvent(this.#log, 'tunnel-refused', { code });
    const alert = alertFor(code);
    if (alert === undefined || socket.destroyed) {
      resetSocket(socket);
      return;
    }
    // What the client still sends is read and dropped: closing with unread bytes would reset the connection and lose the alert.
    socket.resume();
    socket.end(encodeFatalAlert(alert));
    const cut = setTimeout(() => socket.destroy(), ALERT_LINGER_MS);
    socket.once('end', () => socket.destroySoon());
    socket.once('close', () => clearTimeout(cut));
  }
}

/** Whether a paused connection is still open. What comes meanwhile stays in its queue. */
async function isThere(socket: Socket): Promise<boolean> {
  socket.read(0);
  // A turn in which the kernel is asked, and one in which a reset that it tells has closed the socket.
  await turn();
  await turn();
  return !socket.destroyed;
}

function peerOf(serverName: string): PeerLabel | undefined {
  try {
    return parseCircuitName(serverName).peer;
  } catch (error) {
    if (error instanceof CircuitNameError) return undefined;
    throw error;
  }
}

/**
 * RFC 8446 §6.2. Undefined, a reset: where there is no one to tell or an answer would only cost the entry; and where the circuit is gone, at which browsers take the next proxy. An alert is
 * the proxy's certificate to Firefox, which shows its error page then (measured on ESR 153).
 */
function alertFor(code: RefusalCode): TlsAlert | undefined {
  switch (code) {
    case 'closed':
    case 'timeout':
    case 'too-many-connections':
    case 'too-many-from-source':
    case 'too-many-from-prefix':
    case 'too-fast-from-source':
    case 'too-fast-from-prefix':
    case 'too-many-of-lease':
    case 'no-memory':
    case 'no-descriptors':
    case 'too-many-hellos':
    case 'unknown-exit':
    case 'exit-lost':
    case 'exit-refused':
    case 'draining':
      return undefined;
    case 'not-a-circuit':
      return TLS_ALERT.unrecognizedName;
    case 'no-lease':
    case 'no-credit':
      return TLS_ALERT.accessDenied;
    case 'web-busy':
    case 'web-lost':
      return TLS_ALERT.internalError;
    case 'not-tls':
    case 'not-client-hello':
    case 'malformed':
    case 'too-long':
    case 'no-sni':
    case 'bad-name':
      return alertForHelloError(code);
  }
}
