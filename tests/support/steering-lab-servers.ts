// The laboratory's internet on loopback: sites that say who asked, and a proxy that is an exit as far as a browser can tell. A site
// sees 127.0.0.1 where a request came direct, and the proxy's own address where it came through the circuit.

import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Leaf } from '../../devnet/ca.ts';
import { rememberRemotes, remoteOf } from '../../devnet/remote-address.ts';

export const SITE_ADDRESS = '127.0.2.60';
/** Where the requests of the circuit come from. */
export const PROXY_ADDRESS = '127.0.1.60';

export type SiteRequest = { host: string; path: string; from: string };
export type Site = { port: number; requests: SiteRequest[]; close: () => void };

const SERVICE_WORKER = `
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('message', (event) => {
  const answer = (text) => event.source.postMessage(text);
  fetch(event.data, { cache: 'no-store' }).then((reply) => reply.text()).then(answer, () => answer('failed'));
});`;

/** Any host over https (HTTP/1.1, WebSocket too): a page at `/`, the caller's address at `/who`, a service worker at `/sw.js`. */
export async function startSite(leaf: Leaf, address = SITE_ADDRESS): Promise<Site> {
  const requests: SiteRequest[] = [];
  const server = createSecureServer({ key: leaf.key, cert: leaf.chain, allowHTTP1: true, ALPNProtocols: ['http/1.1'] });
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    // HTTP/1.1 only, whose classes the union of node:http2 hides.
    answer(request as unknown as IncomingMessage, response as unknown as ServerResponse, requests);
  });
  new WebSocketServer({ server: server as unknown as ReturnType<typeof createHttpServer> });
  return await listening(server, address, requests);
}

/** The same over plain http, for addresses of the local network. */
export async function startPlainSite(address: string): Promise<Site> {
  const requests: SiteRequest[] = [];
  const server = createHttpServer((request, response) => answer(request, response, requests));
  return await listening(server, address, requests);
}

function answer(request: IncomingMessage, response: ServerResponse, requests: SiteRequest[]): void {
  const from = remoteOf(request);
  const path = request.url ?? '';
  requests.push({ host: new URL(`https://${request.headers.host ?? 'none.invalid'}`).hostname, path, from });
  const [type, body] =
    path === '/sw.js'
      ? ['text/javascript', SERVICE_WORKER]
      : path.startsWith('/who')
        ? ['text/plain', from]
        : ['text/html', from];
  response
    .writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    .end(body);
}

export type LabProxy = { port: number; targets: string[]; connections: () => number; close: () => void };

/** CONNECT over HTTP/2; leads to the site whatever was asked for, and notes it. */
export async function startProxy(leaf: Leaf, sitePort: number): Promise<LabProxy> {
  const targets: string[] = [];
  let connections = 0;
  const server = createSecureServer({ key: leaf.key, cert: leaf.chain, settings: { maxConcurrentStreams: 1000 } });
  server.on('session', (session) => {
    connections++;
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    targets.push(headers[':authority'] ?? '');
    if (headers[':method'] !== 'CONNECT') {
      // Plain http, the circuit check among it: the exit's own answer.
      stream.respond({ ':status': 200, 'access-control-allow-origin': '*' });
      stream.end(`exit saw ${headers[':authority'] ?? ''}`);
      return;
    }
    const upstream = connect({ host: SITE_ADDRESS, port: sitePort, localAddress: PROXY_ADDRESS });
    upstream.on('error', () => stream.close());
    stream.respond({ ':status': 200 });
    stream.pipe(upstream).pipe(stream);
  });
  const { port, close } = await listening(server, PROXY_ADDRESS, []);
  return { port, targets, connections: () => connections, close };
}

async function listening(server: Server, address: string, requests: SiteRequest[]): Promise<Site> {
  const sockets = new Set<Socket>();
  rememberRemotes(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, requests, close };
}

/** A TCP port of `address` that was free a moment ago. */
export async function freePort(address: string): Promise<number> {
  const server = createTcpServer();
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
