// Adapts a stream of HTTP/2 to serve.ts. Extended CONNECT (RFC 8441) is not offered: browsers tunnel WebSockets with plain CONNECT.
// Floods are held by nghttp2's own limits (limits.ts) and by session-guard.ts; what a reset stream had under way is cancelled with it.

import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { ExitError } from './exit-error.ts';
import { flatten, joinCookies, toFields, type Field } from './fields.ts';
import type { PlainReply, PlainRequest } from './forward.ts';
import {
  CONNECTION_WINDOW,
  IDLE_CONNECTION_MS,
  MAX_HEADER_COUNT,
  MAX_HEADER_SIZE,
  MAX_OUTSTANDING_PINGS,
  MAX_SETTINGS_ENTRIES,
  MAX_STREAMS,
  PING_ANSWER_MS,
  RESET_BURST,
  RESETS_PER_SECOND,
  SESSION_MEMORY_MB,
  STREAM_WINDOW,
} from './limits.ts';
import type { Service } from './serve.ts';
import { createSessionGuards } from './session-guard.ts';
import { parsePlainTarget } from './target.ts';
import { joinTunnel } from '../net/join-tunnel.ts';

const { NGHTTP2_CONNECT_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR } = constants;

/** Node would add a Date field of its own; `sendDate` is documented but missing from its types. */
const WITHOUT_DATE = { endStream: false, sendDate: false };

/** How long a session may be silent, and how long it has to answer then, ms. */
export type Patience = { idleMs: number; answerMs: number };

const PATIENCE: Patience = { idleMs: IDLE_CONNECTION_MS, answerMs: PING_ANSWER_MS };

export type Http2 = {
  /** It never listens: TLS sockets are handed to it with `emit('connection', socket)`. */
  server: Http2Server;
  /** Ends new sessions that are floods. */
  lookAtYoung: () => void;
};

/** @param patience for tests */
export function createHttp2(service: Service, sessions: Set<ServerHttp2Session>, patience: Patience = PATIENCE): Http2 {
  const server = createServer({
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      initialWindowSize: STREAM_WINDOW,
      maxHeaderListSize: MAX_HEADER_SIZE,
      enableConnectProtocol: false,
    },
    maxSessionMemory: SESSION_MEMORY_MB,
    maxHeaderListPairs: MAX_HEADER_COUNT,
    maxOutstandingPings: MAX_OUTSTANDING_PINGS,
    maxSettings: MAX_SETTINGS_ENTRIES,
    streamResetBurst: RESET_BURST,
    streamResetRate: RESETS_PER_SECOND,
    // A site's doubled Content-Type is the site's; the browser decides what it means.
    strictSingleValueFields: false,
  });
  const guards = createSessionGuards(() => service.flooded());
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(CONNECTION_WINDOW);
    closeWhenSilent(session, patience);
    guards.add(session);
  });
  server.on('stream', (stream, headers, flags, rawHeaders) => {
    stream.on('error', () => undefined);
    const session = stream.session;
    if (session === undefined) return;
    const turn = (serve: () => void): void => guards.turn(session, stream, serve);
    if (headers[':method'] === 'CONNECT') {
      turn(() => void serveTunnel(service, stream, headers[':authority']));
      return;
    }
    const ended = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    // They may have come before it is its turn.
    const trailers = trailersOf(stream);
    const read = (): PlainRequest => readRequest(stream, toFields(rawHeaders), trailers, ended);
    turn(() => void service.plain(session, read, replyTo(stream)));
  });
  return {
    server,
    lookAtYoung: guards.lookAtYoung,
  };
}

/**
 * Tunnels may be silent for as long as they like, while their client is there. One that is not may be seen by nobody: of a session that nghttp2 has given up after a wrong frame, Node (24.21) may
 * read nothing any more, its end neither, and it would stay for good with all its streams (found by tests/fuzz).
 */
function closeWhenSilent(session: ServerHttp2Session, { idleMs, answerMs }: Patience): void {
  let open = 0;
  session.on('stream', (stream: ServerHttp2Stream) => {
    open += 1;
    stream.once('close', () => (open -= 1));
  });
  let late: NodeJS.Timeout | undefined;
  session.once('close', () => clearTimeout(late));
  session.setTimeout(idleMs);
  session.on('timeout', () => {
    if (session.destroyed) return;
    if (open === 0) {
      session.close();
      return;
    }
    late = setTimeout(() => session.destroy(), answerMs);
    const answered = (error: Error | null): void => {
      if (error !== null) return;
      clearTimeout(late);
      // Node does not count the answer: without this nobody would be asked a second time.
      session.setTimeout(idleMs);
    };
    // Where it can be asked nothing, as many questions wait already.
    if (!session.ping(answered)) session.destroy();
  });
}

function trailersOf(stream: ServerHttp2Stream): () => Field[] {
  let trailers: Field[] = [];
  stream.on('trailers', (_headers: unknown, _flags: number, rawTrailers?: string[]) => {
    trailers = toFields(rawTrailers ?? []);
  });
  return () => trailers;
}

function readRequest(stream: ServerHttp2Stream, raw: Field[], trailers: () => Field[], ended: boolean): PlainRequest {
  const pseudo = new Map(raw.filter(([name]) => name.startsWith(':')));
  const fields = joinCookies(raw.filter(([name]) => !name.startsWith(':')));
  const method = pseudo.get(':method') ?? '';
  const host = fields.find(([name]) => name === 'host')?.[1];
  // Somebody opened the exit itself in a browser.
  if (pseudo.get(':scheme') !== 'http') throw new ExitError('not-a-proxy-request');
  return {
    method,
    version: 'h2',
    target: parsePlainTarget(pseudo.get(':authority') ?? host ?? '', pseudo.get(':path') ?? '', method),
    fields,
    body: ended ? undefined : stream,
    trailers,
  };
}

function replyTo(stream: ServerHttp2Stream): PlainReply {
  const gone = new AbortController();
  stream.once('close', () => {
    if (!stream.writableFinished || stream.rstCode !== NGHTTP2_NO_ERROR) gone.abort();
  });
  // Of a stream that is reset without an error `close` waits until somebody has read what came, and nothing can be sent on it any more.
  stream.once('aborted', () => gone.abort());
  let trailers: Field[] = [];
  return {
    gone: gone.signal,
    isGone: () => gone.signal.aborted || stream.destroyed || stream.closed,
    informational(status, fields) {
      if (stream.headersSent || stream.destroyed) return;
      stream.additionalHeaders({ ...toObject(fields), ':status': status });
    },
    head({ status, fields, bodiless, trailers: waitForTrailers }) {
      if (waitForTrailers) stream.once('wantTrailers', () => stream.sendTrailers(toObject(trailers)));
      const lower = fields.map(([name, value]): Field => [name.toLowerCase(), value]);
      const options = { ...WITHOUT_DATE, endStream: bodiless, waitForTrailers };
      stream.respond([':status', String(status), ...flatten(lower)], options);
      return stream;
    },
    trailers(fields) {
      trailers = fields;
    },
    abort: () => stream.close(NGHTTP2_INTERNAL_ERROR),
  };
}

function toObject(fields: Field[]): Record<string, string[]> {
  const object: Record<string, string[]> = {};
  for (const [name, value] of fields) (object[name.toLowerCase()] ??= []).push(value);
  return object;
}

async function serveTunnel(service: Service, stream: ServerHttp2Stream, authority: string | undefined): Promise<void> {
  const gone = new AbortController();
  const onGone = (): void => gone.abort();
  for (const event of ['close', 'aborted']) stream.once(event, onGone);
  const origin = await service.tunnel(authority, gone.signal);
  for (const event of ['close', 'aborted']) stream.off(event, onGone);
  if (origin === undefined) return;
  if ('body' in origin) {
    if (stream.destroyed || stream.closed) return;
    const { status, headers, body } = origin;
    stream.respond([':status', String(status), ...flatten(headers)], WITHOUT_DATE);
    stream.end(body);
    // The client may still think that it is tunnelling: its bytes are dropped, and it is told to stop (RFC 9113 §8.1).
    stream.resume();
    stream.close(NGHTTP2_NO_ERROR);
    return;
  }
  if (stream.destroyed || stream.closed) {
    origin.destroy();
    return;
  }
  stream.respond({ ':status': 200 }, WITHOUT_DATE);
  const isBroken = (): boolean => stream.rstCode !== NGHTTP2_NO_ERROR;
  // RFC 9113 §8.5: a broken TCP connection is a stream error of this kind.
  joinTunnel({ stream, isBroken, reset: () => stream.close(NGHTTP2_CONNECT_ERROR) }, origin);
}
