// What answers on the entry's own name: TLS with the entry's certificate, then libp2p over WebSocket for a client's worker.
// Anything that is not a WebSocket is told so, or whom to write to; nothing here knows of tunnels. Called by relay/entry/entry.ts with whole sockets.

import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';
import { WebSocketServer } from 'ws';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import { contextByName } from '../certificates/context-by-name.ts';
import { answerContact } from '../contact/contact-page.ts';
import type { InboundWebSockets } from '../net/inbound-websockets.ts';
import { MAX_WEBSOCKET_MESSAGE } from '../net/limits.ts';

/** From the first byte of the request to its last; the upgrade request of a browser is one packet. */
const REQUEST_TIMEOUT_MS = 10_000;
/** The default of 30 s would let a silent client stay three times as long as it may. */
const TIMEOUT_CHECK_MS = 5000;
/** An upgrade request with a browser's headers has about 600 bytes. */
const MAX_HEADER_BYTES = 8 * 1024;

export class OwnName {
  readonly #server: Server;
  readonly #websockets: WebSocketServer;
  readonly #sockets = new Set<Socket>();
  readonly #stopFollowing: () => void;

  /** @param page what somebody reads who opens this name in a browser */
  constructor(certificates: CertificateSource, sessions: InboundWebSockets, page: () => string | undefined) {
    const { chain, key } = certificates.current();
    this.#websockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false, // the bytes are encrypted: nothing to gain, memory to lose
      maxPayload: MAX_WEBSOCKET_MESSAGE,
    });
    this.#server = createServer(
      {
        cert: chain,
        key,
        ...contextByName(certificates, (each) => ({ cert: each.chain, key: each.key })),
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: REQUEST_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        handshakeTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      },
      (request, response) => {
        const text = page();
        if (text === undefined) response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
        else answerContact(request, response, text);
      },
    );
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const remote = remoteAddress(request.socket);
      this.#websockets.handleUpgrade(request, socket, head, (websocket) => void sessions.accept(websocket, remote));
    });
    this.#stopFollowing = certificates.onChange((next) => {
      this.#server.setSecureContext({ cert: next.chain, key: next.key });
    });
  }

  /** Takes a paused connection over; `head` are the bytes already read from it. */
  take(socket: Socket, head: Buffer): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // TLS reports its own errors; without a listener of ours one that comes before would end the process.
    socket.on('error', () => socket.destroy());
    socket.allowHalfOpen = false;
    socket.unshift(head);
    this.#server.emit('connection', socket);
  }

  close(): void {
    this.#stopFollowing();
    this.#websockets.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** An IPv4 client of a dual-stack listener shows as `::ffff:192.0.2.1`. */
function remoteAddress({ remoteAddress = '', remotePort = 0 }: Socket): { address: string; port: number } {
  return {
    address: ipaddr.isValid(remoteAddress) ? ipaddr.process(remoteAddress).toString() : '0.0.0.0',
    port: remotePort,
  };
}
