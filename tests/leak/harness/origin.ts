// Every site of the laboratory's internet in one server: https (HTTP/2 and 1.1), http and WebSocket on all addresses of the site blocks,
// each name with a certificate of its own. It says nothing of who asks to anybody but its log. Started by server-main.ts.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { CertificateAuthority } from '../../../devnet/ca.ts';
import { rememberRemotes, remoteOf } from '../../../devnet/remote-address.ts';
import { respond } from './origin-pages.ts';

export type OriginRequest = {
  at: number;
  /** Who came, IPv4 in four parts. */
  from: string;
  secure: boolean;
  protocol: string;
  /** TLS server name. */
  sni: string | undefined;
  /** The TLS session was one from before: the site can tell that it is the same browser. */
  resumed: boolean;
  host: string;
  path: string;
  method: string;
  headers: Readonly<Record<string, string>>;
};

export type Origins = { requests: OriginRequest[]; close(): Promise<void> };

const CLIP = new URL('../../../devnet/sites/public/clip.webm', import.meta.url);

export async function startOrigins(authority: CertificateAuthority): Promise<Origins> {
  const requests: OriginRequest[] = [];
  const clip = await readFile(CLIP);
  const contexts = new Map<string, Promise<SecureContext>>();
  const contextOf = (name: string): Promise<SecureContext> => {
    const known = contexts.get(name);
    if (known) return known;
    const type = /^[\d.]+$|:/.test(name) ? 'ip' : 'dns';
    const made = authority
      .issue([{ type, value: name }])
      .then(({ key, chain }) => createSecureContext({ key, cert: chain }));
    contexts.set(name, made);
    return made;
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(recordOf(request));
    respond(request, response, clip);
  };
  const fallback = await authority.issue([{ type: 'dns', value: 'no-name.test' }]);
  const secure = createSecureServer({
    key: fallback.key,
    cert: fallback.chain,
    allowHTTP1: true,
    SNICallback: (name, done) => {
      contextOf(name).then(
        (context) => done(null, context),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  const plain = createHttpServer(onRequest);
  secure.on('request', (request, response) => {
    // Both protocols have the fields that are read here; the types share no name.
    onRequest(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  const sockets = new WebSocketServer({ noServer: true });
  for (const server of [secure, plain] as Server[]) {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      requests.push(recordOf(request));
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => webSocket.terminate());
        webSocket.on('message', (data) => webSocket.send(data as Buffer));
        webSocket.send('hello');
      });
    });
  }
  const closers = await Promise.all([listen(secure, 443), listen(plain, 80)]);
  return {
    requests,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      await Promise.all(closers.map((close) => close()));
    },
  };
}

async function listen(server: Server, port: number): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  const hold = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  };
  rememberRemotes(server);
  server.on('connection', hold);
  server.on('secureConnection', hold);
  server.listen(port, '::');
  await once(server, 'listening');
  return async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };
}

function recordOf(request: IncomingMessage): OriginRequest {
  const socket = request.socket as Partial<TLSSocket> & Socket;
  const authority = request.headers[':authority'] ?? request.headers.host ?? '';
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  const sni: unknown = socket.servername;
  return {
    at: Date.now(),
    from: remoteOf(request),
    secure: socket.encrypted === true,
    protocol: request.httpVersion,
    sni: typeof sni === 'string' ? sni : undefined,
    resumed: socket.encrypted === true && socket.isSessionReused?.() === true,
    host: String(authority).replace(/:\d+$/, ''),
    path: request.url ?? '',
    method: request.method ?? '',
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}
