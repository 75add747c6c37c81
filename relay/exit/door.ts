// One place where tunnels end: TLS on a Unix socket, HTTP/2 and HTTP/1.1 inside. The exit's proxy has one for each of its entries, since a
// Unix socket does not say who connected, and one for tunnels of which it is not known. Called by relay/exit/proxy.ts.

import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Certificate, CertificateSource } from '../certificates/certificate-source.ts';
import { contextByName } from '../certificates/context-by-name.ts';
import { serveHttp1 } from './http1.ts';
import { createHttp2 } from './http2.ts';
import { IDLE_CONNECTION_MS, MAX_HEADER_SIZE, REQUEST_HEADERS_MS, TLS_HANDSHAKE_MS } from './limits.ts';
import type { Service } from './serve.ts';

export type Door = {
  readonly path: string;
  /** Ends new sessions that are floods. */
  lookAtYoung: () => void;
  /** Refuses new requests, lets running ones end within `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
};

/** Listens on `path`, in a folder that only this process's user may enter. */
export async function openDoor(path: string, service: Service, certificate: CertificateSource): Promise<Door> {
  const closing = new AbortController();
  const sessions = new Set<ServerHttp2Session>();
  /** All connections, those still in their handshake too. */
  const sockets = new Set<Duplex>();

  const http2 = createHttp2(service, sessions);
  const server = createServer({
    ...secureContext(certificate.current()),
    ...contextByName(certificate, secureContext),
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: TLS_HANDSHAKE_MS,
    maxHeaderSize: MAX_HEADER_SIZE,
    headersTimeout: REQUEST_HEADERS_MS,
    // An upload takes as long as it takes.
    requestTimeout: 0,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    insecureHTTPParser: false,
  });
  serveHttp1(server, service, closing.signal);

  // node:https speaks HTTP/1.1 on every connection; here ALPN decides. (http2's own `allowHTTP1` would bring its compatibility layer,
  // which answers CONNECT by itself.)
  const [speakHttp1] = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket) => {
    // Half-open is for tunnels of HTTP/1.1 alone: a session or a handshake whose client has hung up would stay, its origins with it.
    socket.allowHalfOpen = socket.alpnProtocol !== 'h2';
    if (socket.alpnProtocol === 'h2') http2.server.emit('connection', socket);
    else speakHttp1?.call(server, socket);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const stopWatching = certificate.onChange((next) => server.setSecureContext(secureContext(next)));

  server.listen(path);
  await once(server, 'listening');

  return {
    path,
    lookAtYoung: http2.lookAtYoung,
    close: async (graceMs) => {
      stopWatching();
      service.refuse();
      closing.abort();
      const ended = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const session of sessions) session.close();
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await ended;
      clearTimeout(cut);
    },
  };
}

/** Tickets are off: a resumed session would tie one tunnel of a client to another (design §2). */
function secureContext({ chain, key }: Certificate): SecureContextOptions {
  return { cert: chain, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET };
}
