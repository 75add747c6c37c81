// Forwards one plain http request to its origin and the answer back, whatever HTTP version the client speaks (http1.ts and http2.ts
// adapt theirs). Each request has an origin connection of its own: no two clients, and no two requests, ever share one, so a connection
// says nothing about who else is here, and bytes left over by one answer can never be taken for the next.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { OpenDestination } from './destinations.ts';
import { ExitError, toExitError } from './exit-error.ts';
import { copy, endToEnd, endToEndTrailers, flatten, toFields, valueOf, type Field } from './fields.ts';
import { MAX_HEADER_SIZE, RESPONSE_HEADERS_MS } from './limits.ts';
import type { PlainRequestTarget } from './target.ts';

export type PlainRequest = {
  method: string;
  /** HTTP version that the client speaks to the exit. */
  version: 'http/1.1' | 'h2';
  target: PlainRequestTarget;
  fields: Field[];
  /** Undefined: the request has no content. */
  body: Readable | undefined;
  /** What has arrived of the trailer section; complete once the body has ended. */
  trailers: () => Field[];
};

export type ReplyHead = {
  status: number;
  reason: string;
  fields: Field[];
  /** No content follows, though the fields may describe some: HEAD, 204, 304. */
  bodiless: boolean;
  /** Trailers may follow the content. */
  trailers: boolean;
};

export interface PlainReply {
  /** Aborted when the client is gone before the reply is complete. */
  readonly gone: AbortSignal;
  /** The same, at once: a stream that was closed just now may not have said so yet, and nothing can be sent on it any more. */
  isGone(): boolean;
  informational(status: number, fields: Field[]): void;
  /** Sends the head, and returns where the content goes. Throws where the head cannot be written in the client's HTTP version. */
  head(head: ReplyHead): Writable;
  /** Called after the content has been read to its end and before the reply is ended. */
  trailers(fields: Field[]): void;
  /** Cuts a reply that has begun, in such a way that the client knows. */
  abort(): void;
}

const BODILESS_STATUSES = new Set([204, 205, 304]);

/** Methods of which origins expect a length even when there is nothing (RFC 9110 §8.6). */
const METHODS_WITH_CONTENT = new Set(['POST', 'PUT', 'PATCH']);

/** Settles once the answer has begun or the client is gone; throws `ExitError` while nothing has been sent. */
export async function forward(request: PlainRequest, reply: PlainReply, open: OpenDestination): Promise<void> {
  const socket = await open(request.target, reply.gone);
  let outgoing: ClientRequest;
  try {
    outgoing = httpRequest({
      method: request.method,
      path: request.target.path,
      headers: requestHeaders(request),
      createConnection: () => socket,
      setHost: false,
      maxHeaderSize: MAX_HEADER_SIZE,
      insecureHTTPParser: false,
    });
  } catch (cause) {
    socket.destroy();
    throw new ExitError('bad-request', { cause });
  }
  // The parser may have taken an answer already when the client leaves: the socket goes whatever state the request is in.
  const hangUp = (): void => void socket.destroy();
  reply.gone.addEventListener('abort', hangUp, { once: true });
  socket.once('close', () => reply.gone.removeEventListener('abort', hangUp));
  sendBody(request, outgoing);
  await relayResponse(request, reply, outgoing);
}

function requestHeaders({ method, target, fields, body }: PlainRequest): string[] {
  const kept = endToEnd(fields);
  const expect = valueOf(fields, 'expect');
  const length = valueOf(kept, 'content-length');
  const framed = body === undefined ? kept.filter(([name]) => name.toLowerCase() !== 'content-length') : kept;
  if (body !== undefined && length === undefined) framed.push(['Transfer-Encoding', 'chunked']);
  if (body === undefined && METHODS_WITH_CONTENT.has(method)) framed.push(['Content-Length', '0']);
  if (body !== undefined && expect !== undefined) framed.push(['Expect', expect]);
  return flatten([['Host', target.authority], ...framed, ['Connection', 'close']]);
}

function sendBody({ body, trailers }: PlainRequest, outgoing: ClientRequest): void {
  if (body === undefined) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  body.pipe(outgoing, { end: false });
  body.once('end', () => {
    const fields = endToEndTrailers(trailers());
    if (fields.length > 0) outgoing.addTrailers(copy(fields));
    outgoing.end();
  });
  // The origin has answered in full, or is gone: what the client still sends is read and dropped, its own reply is on the way.
  outgoing.once('close', () => {
    body.unpipe(outgoing);
    body.resume();
  });
}

function relayResponse(request: PlainRequest, reply: PlainReply, outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const fail = (error: unknown): void => {
      reject(error instanceof ExitError ? error : toOriginError(error));
      outgoing.destroy();
    };
    outgoing.once('finish', () => {
      timer = setTimeout(() => fail(new ExitError('response-timeout')), RESPONSE_HEADERS_MS);
    });
    outgoing.once('close', () => {
      clearTimeout(timer);
      fail(new ExitError('origin-hung-up'));
    });
    // Stays for the life of the request: a write may fail after the answer has arrived, which changes nothing.
    outgoing.on('error', fail);
    outgoing.once('upgrade', () => fail(new ExitError('broken-response')));
    outgoing.on('information', ({ statusCode, rawHeaders }) => {
      reply.informational(statusCode, endToEnd(toFields(rawHeaders)));
    });
    outgoing.once('response', (response) => {
      clearTimeout(timer);
      try {
        relayContent(request.method, response, reply);
        resolve();
      } catch (error) {
        fail(toExitError(error));
      }
    });
  });
}

function relayContent(method: string, response: IncomingMessage, reply: PlainReply): void {
  const status = response.statusCode ?? 0;
  const bodiless = method === 'HEAD' || BODILESS_STATUSES.has(status);
  const trailers = !bodiless && response.headers['transfer-encoding'] !== undefined;
  const fields = endToEnd(toFields(response.rawHeaders));
  const content = startReply(reply, { status, reason: response.statusMessage ?? '', fields, bodiless, trailers });
  response.once('error', () => reply.abort());
  if (bodiless) {
    response.resume();
    content.end();
    return;
  }
  response.pipe(content, { end: false });
  response.once('end', () => {
    if (trailers) reply.trailers(endToEndTrailers(toFields(response.rawTrailers)));
    content.end();
  });
}

function startReply(reply: PlainReply, head: ReplyHead): Writable {
  try {
    return reply.head(head);
  } catch (cause) {
    throw new ExitError('broken-response', { cause });
  }
}

function toOriginError(error: unknown): ExitError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  // HPE_…: llhttp could not read the answer.
  return new ExitError(code.startsWith('HPE_') ? 'broken-response' : 'origin-hung-up', { cause: error });
}
