// The web server that shares the port: a connection whose name is no circuit's goes there byte for byte, TLS and all, to that one address and
// nowhere else. It is nobody's tunnel: no lease, no count, and a limit of its own. Used by relay/entry/tunnel-listener.ts.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isPeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { WebConfig } from '../config/web.ts';
import { resetSocket } from '../net/bridge.ts';
import { joinTunnel } from '../net/join-tunnel.ts';
import { Admission } from './admission.ts';
import { encodeProxyHeader } from './proxy-header.ts';

export type WebLimits = {
  /** Connections at once: a fifth of what the entry holds, so that visitors of the site leave tunnels their places. */
  connections: number;
  /** Of one source (as admission.ts has it). A browser opens six to a site, and a whole office may share an address. */
  perSource: number;
  /** Without a byte either way. Web servers end idle connections after a minute or two; this is for those that do not. */
  idleMs: number;
  /** The server is on this machine or beside it: what takes longer is not there. */
  connectMs: number;
};

export const WEB_LIMITS: WebLimits = { connections: 4096, perSource: 256, idleMs: 600_000, connectMs: 5000 };

export type WebRefusal = 'web-busy' | 'web-lost' | 'closed';

export class WebPass {
  readonly #config: WebConfig;
  readonly #limits: WebLimits;
  readonly #admission: Admission;
  readonly #open = new Set<Socket>();
  readonly #stop = new AbortController();

  constructor(config: WebConfig, limits = WEB_LIMITS) {
    this.#config = config;
    this.#limits = limits;
    const { connections, perSource } = limits;
    // No hello is waited for here.
    this.#admission = new Admission({ connections, perSource, pendingHellos: connections });
  }

  /** @param serverName in lower case; undefined: the client sent none */
  takes(serverName: string | undefined): boolean {
    const { names } = this.#config;
    if (serverName === undefined) return names === undefined;
    const name = serverName.replace(/\.$/, '');
    // Somebody meant a relay. The web server is not told which.
    if (name.split('.').some(isPeerLabel)) return false;
    return names?.some((each) => (each.startsWith('*.') ? name.endsWith(each.slice(1)) : name === each)) ?? true;
  }

  /** Takes a paused connection over; `head` are the bytes already read from it. A code says why it was not taken. */
  async pass(socket: Socket, head: Buffer): Promise<WebRefusal | undefined> {
    const ticket = this.#admission.admit(socket.remoteAddress ?? '', performance.now());
    if (typeof ticket === 'string') return 'web-busy';
    ticket.helloRead();
    socket.once('close', ticket.release);
    const server = connect({ ...this.#config.address, allowHalfOpen: true, noDelay: true });
    // `once` tells of an error while it waits, joinTunnel afterwards; one in between would end the process.
    server.on('error', () => undefined);
    try {
      await once(server, 'connect', {
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#limits.connectMs)]),
      });
    } catch {
      server.destroy();
      return 'web-lost';
    }
    if (socket.destroyed) {
      server.destroy();
      return 'closed';
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    // The client's socket sees the bytes of both directions.
    socket.setTimeout(this.#limits.idleMs, () => resetSocket(socket));
    if (this.#config.proxyProtocol) server.write(encodeProxyHeader(socket));
    server.write(head);
    joinTunnel({ stream: socket, isBroken: () => false, reset: () => resetSocket(socket) }, server);
    return undefined;
  }

  /** Takes no more, lets those under way end within `graceMs`, then cuts them. */
  async drain(graceMs: number): Promise<void> {
    this.#stop.abort();
    const timer = new AbortController();
    const ended = Promise.all([...this.#open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    await Promise.race([ended, delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    for (const socket of this.#open) resetSocket(socket);
  }
}
