// Turns WebSockets that the entry accepted on its own name into libp2p connections. It listens nowhere: the entry ends TLS on the port
// of the tunnels and knows the client's address, which libp2p needs for its limits. A service of relay/net/node.ts.

import type { ComponentLogger, Upgrader } from '@libp2p/interface';
import { ipPortToMultiaddr } from '@libp2p/utils';
import type { WebSocket } from 'ws';
import { WebSocketConnection } from './websocket-connection.ts';

export type RemoteAddress = { address: string; port: number };

export class InboundWebSockets {
  readonly #upgrader: Upgrader;
  readonly #logger: ComponentLogger;
  readonly #stopping = new AbortController();

  constructor(components: { upgrader: Upgrader; logger: ComponentLogger }) {
    this.#upgrader = components.upgrader;
    this.#logger = components.logger;
  }

  /** Runs the handshakes of libp2p on an open WebSocket. A client that fails them is cut; nothing is thrown. */
  async accept(socket: WebSocket, remote: RemoteAddress): Promise<void> {
    const address = ipPortToMultiaddr(remote.address, remote.port).encapsulate('/ws');
    const connection = new WebSocketConnection(socket, address, this.#logger.forComponent('conet:websocket'));
    try {
      await this.#upgrader.upgradeInbound(connection, { signal: this.#stopping.signal });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error('the handshake failed'));
    }
  }

  /** Called by libp2p when the node stops. */
  stop(): void {
    this.#stopping.abort();
  }

  start(): void {
    // libp2p only stops services that can also be started.
  }
}
