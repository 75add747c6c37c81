// Puts the exit's proxy together: TLS on a Unix socket, HTTP/2 and HTTP/1.1 inside, and one way out (destinations.ts).
// It never sees a client's address (a Unix socket has none) and logs no destination. Called by the daemon's composition.

import { constants } from 'node:crypto';
import type { ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:https';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { Certificate, CertificateSource } from '../certificates/certificate-source.ts';
import type { Sign } from './circuit-check.ts';
import { createDestinationPolicy } from './destination-policy.ts';
import { createOpenDestination } from './destinations.ts';
import type { ExitProxy } from './exit-proxy.ts';
import { serveHttp1 } from './http1.ts';
import { createHttp2 } from './http2.ts';
import { IDLE_CONNECTION_MS, MAX_HEADER_SIZE, REQUEST_HEADERS_MS, TLS_HANDSHAKE_MS } from './limits.ts';
import { createResolve } from './resolve.ts';
import { createService } from './serve.ts';

export type ExitProxyInit = {
  certificate: CertificateSource;
  /** This exit's peer id, base36. */
  peer: string;
  sign: Sign;
  /** Local address of outgoing connections; left out, the system chooses. */
  source?: string | undefined;
  /** `address` or `address:port`; left out, those of the system. */
  resolvers?: readonly string[] | undefined;
  /** CIDRs opened although they are private. */
  allow: readonly string[];
  denyPorts: readonly number[];
  /** Addresses of the relay beyond those of its interfaces: a public one behind NAT. */
  ownAddresses: readonly string[];
  log: Logger;
};

/** Throws where an address, network or resolver is not one, or the socket cannot be made. */
export async function createExitProxy(init: ExitProxyInit): Promise<ExitProxy> {
  const policy = createDestinationPolicy({
    allow: init.allow,
    denyPorts: init.denyPorts,
    ownAddresses: () => [...init.ownAddresses, ...interfaceAddresses()],
  });
  const open = createOpenDestination(policy, createResolve(init.resolvers), init.source);
  const service = createService({ open, peer: init.peer, sign: init.sign, log: init.log });
  const closing = new AbortController();
  const sessions = new Set<ServerHttp2Session>();
  /** All connections, those still in their handshake too. */
  const sockets = new Set<Duplex>();

  const http2 = createHttp2(service, sessions);
  const server = createServer({
    ...secureContext(init.certificate.current()),
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
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket);
    else speakHttp1?.call(server, socket);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const stopWatching = init.certificate.onChange((certificate) => server.setSecureContext(secureContext(certificate)));

  const folder = await mkdtemp(join(tmpdir(), 'conet-exit-'));
  await chmod(folder, 0o700);
  const path = join(folder, 'proxy.sock');
  server.listen(path);
  await once(server, 'listening');
  let closed: Promise<void> | undefined;

  const close = async (graceMs: number): Promise<void> => {
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
    await rm(folder, { recursive: true, force: true });
  };
  return { path, close: (graceMs) => (closed ??= close(graceMs)) };
}

/** Tickets are off: a resumed session would tie one tunnel of a client to another (design §2). */
function secureContext({ chain, key }: Certificate): SecureContextOptions {
  return { cert: chain, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET };
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
