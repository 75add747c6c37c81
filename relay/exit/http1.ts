// Adapts a request of HTTP/1.1 to serve.ts: node:http's request and response, or the bare socket after CONNECT.
// Upgrade is never honoured (WebSockets come as CONNECT), since no 'upgrade' listener is set.

import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ExitError, type ErrorAnswer } from './exit-error.ts';
import { copy, flatten, toFields } from './fields.ts';
import type { PlainReply, PlainRequest } from './forward.ts';
import type { Service } from './serve.ts';
import { parseAbsoluteForm } from './target.ts';
import { REFUSED_LINGER_MS } from './limits.ts';
import { joinTunnel } from '../net/join-tunnel.ts';

export function serveHttp1(server: Pick<Server, 'on'>, service: Service, closing: AbortSignal): void {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void service.plain(request.socket, () => readRequest(request), replyTo(request, response));
    response.once('close', () => {
      if (closing.aborted) request.socket.end();
    });
  };
  server.on('request', onRequest);
  // Node would answer 100 itself: here it is the origin's to give.
  server.on('checkContinue', onRequest);
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void serveTunnel(service, request, socket, head);
  });
}

function readRequest(request: IncomingMessage): PlainRequest {
  const { method = '', url = '', headers } = request;
  const coding = headers['transfer-encoding'];
  // The parser finds an unknown coding only when it comes to the body: the origin must not hear of the request before.
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw new ExitError('bad-request');
  const hasBody = coding !== undefined || (headers['content-length'] ?? '0') !== '0';
  return {
    method,
    version: 'http/1.1',
    target: parseAbsoluteForm(url, method),
    fields: toFields(request.rawHeaders),
    body: hasBody ? request : undefined,
    trailers: () => toFields(request.rawTrailers),
  };
}

function replyTo(request: IncomingMessage, response: ServerResponse): PlainReply {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  response.on('error', () => undefined);
  response.sendDate = false;
  return {
    gone: gone.signal,
    isGone: () => gone.signal.aborted || response.destroyed,
    informational(status, fields) {
      // HTTP/1.0 knows no interim answers (RFC 9110 §15.2).
      if (request.httpVersionMinor === 0 || response.headersSent || response.destroyed) return;
      response.writeInformation(status, flatten(fields));
    },
    head({ status, reason, fields }) {
      response.writeHead(status, reason === '' ? STATUS_CODES[status] : reason, flatten(fields));
      response.flushHeaders();
      return response;
    },
    trailers(fields) {
      if (fields.length > 0) response.addTrailers(copy(fields));
    },
    abort: () => void response.destroy(),
  };
}

async function serveTunnel(service: Service, request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
  const gone = new AbortController();
  const onGone = (): void => gone.abort();
  client.once('close', onGone);
  client.on('error', onGone);
  // At once: bytes put back after the end has been seen would be an error.
  if (head.length > 0) client.unshift(head);
  const origin = await service.tunnel(request.url, gone.signal);
  client.off('close', onGone);
  if (origin === undefined || client.destroyed) {
    if (origin instanceof Object && 'destroy' in origin) origin.destroy();
    return;
  }
  if ('body' in origin) {
    client.end(writeError(origin));
    // The parser has let go of the socket: unread, its end would never be seen, and it would stay for good.
    client.resume();
    const cut = setTimeout(() => client.destroy(), REFUSED_LINGER_MS);
    client.once('close', () => clearTimeout(cut));
    return;
  }
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  // TLS without close_notify is how a cut shows: the layer below is a Unix socket, which knows no RST.
  joinTunnel({ stream: client, isBroken: () => client.errored !== null, reset: () => void client.destroy() }, origin);
}

function writeError({ status, headers, body }: ErrorAnswer): string {
  const lines = [...headers, ['connection', 'close']].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}
