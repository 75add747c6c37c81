// The demo sites: every host on its own loopback address, https (h1 and h2) and http, one request log for all.
// A site knows a caller by the address of the TCP connection only, as a real one does.

import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Leaf } from '../ca.ts';
import type { SitePlan } from '../plan.ts';
import { rememberRemotes, remoteOf } from '../remote-address.ts';
import { createRequestLog, toKind, type RequestLog, type SeenRequest } from './request-log.ts';
import { route } from './routes.ts';

/** A page of a demo needs a few bytes only; a larger frame is a mistake. */
const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;

export type SitesInit = {
  sites: readonly SitePlan[];
  ports: { https: number; http: number };
  mediaOrigin: string;
  leafOf: (site: SitePlan) => Promise<Leaf>;
};

export type Sites = { log: RequestLog; close: () => Promise<void> };

export async function startSites({ sites, ports, mediaOrigin, leafOf }: SitesInit): Promise<Sites> {
  const log = createRequestLog();
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.map((each) => each()));
  };
  try {
    for (const site of sites) {
      const { chain, key } = await leafOf(site);
      const handle = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse): void => {
        const seen = describe(request, site);
        log.add(seen);
        route({ request, response, site, seen, log, mediaOrigin });
      };
      const secure = createSecureServer({ cert: chain, key, allowHTTP1: true }, (request, response) => {
        // Node's HTTP/2 response has the methods of the HTTP/1 one; the types do not say so.
        handle(request, response as unknown as ServerResponse);
      });
      const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_SOCKET_MESSAGE_BYTES });
      secure.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        const seen: SeenRequest = { ...describe(request, site), protocol: 'websocket' };
        log.add(seen);
        sockets.handleUpgrade(request, socket, head, (client) => {
          client.send(JSON.stringify({ address: seen.address }));
          client.on('message', (data, binary) => client.send(data, { binary }));
          client.on('error', () => client.terminate());
        });
      });
      closers.push(await listen(secure, ports.https, site.address));
      closers.push(await listen(createHttpServer(handle), ports.http, site.address));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { log, close };
}

function describe(request: IncomingMessage | Http2ServerRequest, site: SitePlan): SeenRequest {
  const url = new URL(request.url ?? '/', `https://${site.host}`);
  return {
    at: Date.now(),
    host: site.host,
    path: url.pathname,
    kind: url.pathname === '/' ? 'page' : toKind(url.searchParams.get('kind')),
    visit: url.searchParams.get('visit') ?? undefined,
    address: remoteOf(request),
    protocol: request.httpVersionMajor === 2 ? 'h2' : 'http/1.1',
    secure: 'encrypted' in request.socket,
  };
}

async function listen(server: Server, port: number, address: string): Promise<() => Promise<void>> {
  const open = new Set<{ destroy(): void }>();
  const track = (connection: Socket | ServerHttp2Session): void => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    connection.on('error', () => connection.destroy());
  };
  rememberRemotes(server);
  server.on('connection', track);
  server.on('session', track);
  server.listen(port, address);
  await once(server, 'listening');
  return async () => {
    for (const connection of open) connection.destroy();
    server.close();
    await once(server, 'close');
  };
}
