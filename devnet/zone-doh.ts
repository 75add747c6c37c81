// DNS over HTTPS (RFC 8484), GET and POST: browsers are pointed at it per profile, so the machine's own resolver is never touched.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Leaf } from './ca.ts';

export const DOH_PATH = '/dns-query';
const MEDIA_TYPE = 'application/dns-message';
/** A DNS message is at most 64 kB (RFC 8484 §6). */
const MAX_MESSAGE_BYTES = 65_535;

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

export async function startDoh(
  address: string,
  port: number,
  leaf: Leaf,
  answer: (message: Uint8Array, from: string) => Buffer | undefined,
): Promise<() => Promise<void>> {
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const server = createSecureServer({ key: leaf.key, cert: leaf.chain, allowHTTP1: true }, (request, response) => {
    void readMessage(request).then(
      (message) => {
        const reply = message && answer(message, request.socket.remoteAddress ?? '');
        if (reply) finish(response, 200, reply);
        else finish(response, 400);
      },
      () => finish(response, 400),
    );
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.listen(port, address);
  await once(server, 'listening');
  return async () => {
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
}

/** The message of a GET's `dns` parameter (base64url) or a POST's body; undefined for anything else. */
async function readMessage(request: Request): Promise<Uint8Array | undefined> {
  const url = new URL(request.url ?? '/', 'https://doh.invalid');
  if (url.pathname !== DOH_PATH) return undefined;
  if (request.method === 'GET') {
    const text = url.searchParams.get('dns');
    return text === null || !/^[\w-]+$/.test(text) ? undefined : Buffer.from(text, 'base64url');
  }
  if (request.method !== 'POST' || request.headers['content-type'] !== MEDIA_TYPE) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_MESSAGE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function finish(response: Response, status: number, body?: Buffer): void {
  // The two response classes share these methods, not a type.
  const any = response as ServerResponse;
  any.statusCode = status;
  if (body) any.setHeader('content-type', MEDIA_TYPE);
  any.setHeader('cache-control', 'no-store');
  any.end(body);
}
