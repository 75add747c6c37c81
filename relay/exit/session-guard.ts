// What one session of HTTP/2 may make the exit do beside carrying bytes, so that a flood of one client takes no time from others (RFC 9113 §10.5). nghttp2 has limits of its own beneath: answers that
// wait to be read, resets, streams at once. Called by http2.ts.

import { constants, type Http2Session, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createRateLimit } from '../net/rate-limit.ts';
import {
  BEHIND_LOOK_MS,
  BEHIND_MS,
  FIRST_STREAMS,
  QUESTION_BURST,
  QUESTIONS_PER_SECOND,
  REJECTED_BURST,
  REJECTED_PER_SECOND,
  SERVED_IN_A_TURN,
  UNSERVED_BURST,
  UNSERVED_PER_SECOND,
  YOUNG_LOOK_MS,
  YOUNG_MS,
} from './limits.ts';

type SessionGuard = {
  /** Looks whether requests were refused of which Node tells nobody: a header section that is too long is decoded to its end by nghttp2, and answered by it. */
  look(): void;
  /** Calls `serve` at this stream's turn, unless it was reset before. */
  turn(stream: ServerHttp2Stream, serve: () => void): void;
};

/** Why a session was ended. Nobody but Node is told; the client is by GOAWAY. */
class FloodError extends Error {
  override readonly name = 'FloodError';
}

function guardSession(session: ServerHttp2Session, flooded: () => void): SessionGuard {
  const questions = createRateLimit(QUESTION_BURST, QUESTIONS_PER_SECOND);
  const unserved = createRateLimit(UNSERVED_BURST, UNSERVED_PER_SECOND);
  const rejected = createRateLimit(REJECTED_BURST, REJECTED_PER_SECOND);
  /** Requests of which Node told, and those of which it did not. */
  const requests = { told: 0, rejected: 0 };
  /** Where the client began to number its streams. */
  let firstStream: number | undefined;
  const count = (limit: typeof questions): void => {
    if (limit.take(performance.now()) || session.destroyed) return;
    flooded();
    session.destroy(new FloodError('a client asks for more than it is given'), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  };
  // Each has to be answered.
  session.on('ping', () => count(questions));
  session.on('remoteSettings', () => count(questions));

  // The first of a turn of the event loop is served at once, and a few in each turn after it: who asks for a thousand does not keep others waiting for a thousand. Those that are reset before are counted
  // as that comes, since a read may bring a thousand.
  const waiting = new Map<ServerHttp2Stream, () => void>();
  let next: NodeJS.Immediate | undefined;
  session.once('close', () => {
    clearImmediate(next);
    waiting.clear();
  });
  const serveNext = (): void => {
    next = waiting.size > 0 ? setImmediate(serveNext) : undefined;
    for (const [stream, serve] of [...waiting].slice(0, SERVED_IN_A_TURN)) {
      waiting.delete(stream);
      serve();
    }
  };
  return {
    look: () => {
      if (session.destroyed) return;
      const last = session.state.lastProcStreamID ?? 0;
      if (last === 0) return;
      // A client's streams have the odd numbers (RFC 9113 §5.1.1). Those that a browser leaves out at its beginning are none.
      firstStream ??= FIRST_STREAMS.includes(last) ? last : 1;
      const all = 1 + ((last - firstStream) >> 1);
      // One may be on its way still: its header section comes in several reads.
      const untold = Math.max(requests.rejected, all - requests.told - 1);
      const more = Math.min(untold - requests.rejected, REJECTED_BURST + 1);
      requests.rejected = untold;
      for (let made = 0; made < more; made += 1) count(rejected);
    },
    turn: (stream, serve) => {
      requests.told += 1;
      firstStream ??= stream.id;
      if (next === undefined) {
        next = setImmediate(serveNext);
        serve();
        return;
      }
      waiting.set(stream, serve);
      const over = (): void => {
        if (waiting.delete(stream)) count(unserved);
      };
      // Of a stream that is reset without an error `close` waits until somebody has read what came.
      for (const event of ['close', 'aborted']) stream.once(event, over);
    },
  };
}

export type SessionGuards = {
  add(session: ServerHttp2Session): void;
  /** See `SessionGuard`. */
  turn(session: Http2Session, stream: ServerHttp2Stream, serve: () => void): void;
  /** Looks at those that have just come. */
  lookAtYoung: () => void;
};

/**
 * Looks after all of them whenever the event loop is behind, which is when such requests matter.
 * @param flooded called for each session that is ended
 */
export function createSessionGuards(flooded: () => void): SessionGuards {
  const guards = new Map<Http2Session, SessionGuard>();
  /** In the order in which they came; when, ms. */
  const young = new Map<Http2Session, number>();
  let lookedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const lookWhenBehind = (): void => {
    let last = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      const isBehind = now - last > BEHIND_LOOK_MS + BEHIND_MS;
      last = now;
      if (isBehind) for (const guard of guards.values()) guard.look();
    }, BEHIND_LOOK_MS).unref();
  };
  return {
    add: (session) => {
      if (guards.size === 0) lookWhenBehind();
      guards.set(session, guardSession(session, flooded));
      young.set(session, performance.now());
      session.once('close', () => {
        guards.delete(session);
        young.delete(session);
        if (guards.size === 0) clearInterval(timer);
      });
    },
    turn: (session, stream, serve) => guards.get(session)?.turn(stream, serve),
    lookAtYoung: () => {
      const now = performance.now();
      if (now - lookedAt < YOUNG_LOOK_MS) return;
      lookedAt = now;
      for (const [session, since] of young) {
        if (now - since > YOUNG_MS) young.delete(session);
        else guards.get(session)?.look();
      }
    },
  };
}
