// libp2p's transport between relays: TCP, dialled and listened for, with connections of relay/net/tcp-connection.ts.

import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  serviceCapabilities,
  transportSymbol,
  TypedEventEmitter,
  type ComponentLogger,
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type ListenerEvents,
  type Logger,
  type Transport,
  type Upgrader,
} from '@libp2p/interface';
import { ipPortToMultiaddr } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import { MAX_LINK_QUEUE } from './limits.ts';
import { TcpConnection } from './tcp-connection.ts';

/** The pings of relay/net/liveness.ts are faster; this is for connections that nobody watches. */
const KEEPALIVE_MS = 60_000;

const SOCKET_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEPALIVE_MS,
  highWaterMark: MAX_LINK_QUEUE,
} as const;

export class TcpTransport implements Transport {
  readonly [transportSymbol] = true;
  readonly [Symbol.toStringTag] = 'conet-tcp';
  readonly [serviceCapabilities] = ['@libp2p/transport'];
  readonly #log: Logger;

  constructor({ logger }: { logger: ComponentLogger }) {
    this.#log = logger.forComponent('conet:tcp');
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const socket = await openSocket(address, options.signal);
    const connection = new TcpConnection(socket, address, 'outbound', this.#log.newScope('connection'));
    try {
      return await options.upgrader.upgradeOutbound(connection, options);
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error('the handshake failed'));
      throw error;
    }
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    return new TcpListener(upgrader, this.#log);
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter((address) => hostPort(address) !== undefined);
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.listenFilter(addresses);
  }
}

class TcpListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stopping = new AbortController();

  constructor(upgrader: Upgrader, log: Logger) {
    super();
    this.#server = createServer(SOCKET_OPTIONS, (socket) => void this.#accept(socket, upgrader, log));
  }

  async listen(address: Multiaddr): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#server.once('error', reject);
    this.#server.listen(hostPort(address), () => resolve(undefined));
    await promise;
    this.safeDispatchEvent('listening');
  }

  getAddrs(): Multiaddr[] {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return [];
    return [ipPortToMultiaddr(address.address, address.port)];
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#server.close(() => resolve(undefined));
    for (const socket of this.#sockets) socket.destroy();
    await promise;
    this.safeDispatchEvent('close');
  }

  updateAnnounceAddrs(): void {
    // Nothing but the address itself is announced.
  }

  async #accept(socket: Socket, upgrader: Upgrader, log: Logger): Promise<void> {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const remote = ipPortToMultiaddr(remoteAddress, remotePort);
    const connection = new TcpConnection(socket, remote, 'inbound', log.newScope('connection'));
    try {
      await upgrader.upgradeInbound(connection, { signal: this.#stopping.signal });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error('the handshake failed'));
    }
  }
}

function openSocket(address: Multiaddr, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const target = hostPort(address);
  if (target === undefined) return Promise.reject(new Error('the address is not one of TCP'));
  signal.throwIfAborted();
  const socket = connect({ ...target, ...SOCKET_OPTIONS });
  const stop = (): void => {
    socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('the dial was stopped'));
  };
  signal.addEventListener('abort', stop, { once: true });
  socket.once('error', reject);
  socket.once('connect', () => {
    signal.removeEventListener('abort', stop);
    socket.off('error', reject);
    resolve(socket);
  });
  return promise;
}

/** `/ip4|ip6|dns…/<host>/tcp/<port>`, with a peer id after it or not. */
function hostPort(address: Multiaddr): { host: string; port: number } | undefined {
  const [host, port, peer, ...more] = address.getComponents();
  if (more.length > 0 || (peer !== undefined && peer.name !== 'p2p') || port?.name !== 'tcp') return undefined;
  if (host?.value === undefined || !/^(ip[46]|dns[46]?)$/.test(host.name)) return undefined;
  return { host: host.value, port: Number(port.value) };
}
