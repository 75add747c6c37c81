// What the exit does with a request, whatever HTTP version it came in: circuit check, forward, or open a tunnel. Errors become answers
// here and nowhere else. Nothing is logged of a destination; a fault of our own is logged without its message, which may quote one.

import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { answerCircuitCheck, isCircuitCheck, type CircuitCheckInit } from './circuit-check.ts';
import { isSpeedTest, serveSpeed } from './speed-test.ts';
import type { OpenDestination } from './destinations.ts';
import { errorAnswer, ExitError, toExitError, type ErrorAnswer, type ExitErrorCode } from './exit-error.ts';
import { forward, type PlainReply, type PlainRequest } from './forward.ts';
import { CHECK_BURST, CHECKS_PER_SECOND, LAST_REQUESTS_MS, SPEED_BURST, SPEEDS_PER_SECOND } from './limits.ts';
import { createRateLimit, type RateLimit } from '../net/rate-limit.ts';
import { parseConnectTarget } from './target.ts';

export type Service = {
  /** @param connection stands for the client's connection: the circuit checks of one are counted together */
  plain(connection: object, read: () => PlainRequest, reply: PlainReply): Promise<void>;
  /** Resolves to the connected origin, or to the answer that says why not; undefined when the client has gone. */
  tunnel(authority: string | undefined, gone: AbortSignal): Promise<Socket | ErrorAnswer | undefined>;
  /** A session was ended as a flood. */
  flooded(): void;
  /** In a moment every new request is refused; what was sent before the client could hear of it is served. */
  refuse(): void;
};

/** What is counted of a request. */
export type RequestKind = 'tunnel' | 'plain' | 'check' | 'speed';

/** Told of each request; never where to. */
export type ExitObserver = {
  request(kind: RequestKind): void;
  requestFailed(code: ExitErrorCode): void;
  /** A connection was opened. @param ms resolving and connecting */
  connected(ms: number): void;
  /** A session of HTTP/2 was ended: its client asked for more than it is given. */
  flooded(): void;
};

export type ServiceInit = Pick<CircuitCheckInit, 'peer' | 'sign' | 'entry' | 'sources'> & {
  open: OpenDestination;
  /** What somebody reads who opens the exit itself in a browser. */
  contact?: (() => string | undefined) | undefined;
  observer?: ExitObserver | undefined;
  log: Logger;
};

export function createService({ open: openAny, contact, observer, log, ...check }: ServiceInit): Service {
  const checks = limitEach(CHECK_BURST, CHECKS_PER_SECOND);
  const speeds = limitEach(SPEED_BURST, SPEEDS_PER_SECOND);
  let closing = false;

  const open: OpenDestination = async (destination, signal) => {
    const since = performance.now();
    const origin = await openAny(destination, signal);
    observer?.connected(performance.now() - since);
    return origin;
  };

  const toAnswer = (error: unknown): ErrorAnswer => {
    const { code, reason } = toExitError(error);
    observer?.requestFailed(code);
    if (code === 'internal') log.error({ fault: withoutMessage(error) }, 'a request failed inside the exit');
    else log.debug({ code }, 'a request was refused or failed');
    return errorAnswer(code, code === 'not-a-proxy-request' ? contact?.() : reason);
  };

  const serve = async (connection: object, request: PlainRequest, reply: PlainReply): Promise<void> => {
    if (closing) throw new ExitError('closing');
    if (isSpeedTest(request.target)) {
      observer?.request('speed');
      await serveSpeed(request, reply, { limit: speeds(connection), now: performance.now() });
      return;
    }
    if (!isCircuitCheck(request.target)) {
      observer?.request('plain');
      await forward(request, reply, open);
      return;
    }
    observer?.request('check');
    const now = { monotone: performance.now(), clock: Date.now() };
    const answer = await answerCircuitCheck(request, { ...check, limit: checks(connection), now });
    if (!reply.isGone()) sendWhole(reply, answer.status, answer.fields, answer.body);
  };

  return {
    async plain(connection, read, reply) {
      let request: PlainRequest | undefined;
      try {
        request = read();
        await serve(connection, request, reply);
      } catch (error) {
        if (reply.isGone()) return;
        const { status, headers, body } = toAnswer(error);
        sendWhole(reply, status, headers, request?.method === 'HEAD' ? undefined : body);
      }
    },
    async tunnel(authority, gone) {
      try {
        observer?.request('tunnel');
        if (closing) throw new ExitError('closing');
        return await open(parseConnectTarget(authority ?? ''), gone);
      } catch (error) {
        return gone.aborted ? undefined : toAnswer(error);
      }
    },
    flooded() {
      observer?.flooded();
    },
    refuse() {
      setTimeout(() => (closing = true), LAST_REQUESTS_MS).unref();
    },
  };
}

/** A limit of its own for each connection. */
function limitEach(burst: number, perSecond: number): (connection: object) => RateLimit {
  const limits = new WeakMap<object, RateLimit>();
  return (connection) => {
    const limit = limits.get(connection) ?? createRateLimit(burst, perSecond);
    limits.set(connection, limit);
    return limit;
  };
}

function sendWhole(reply: PlainReply, status: number, fields: PlainRequest['fields'], body?: string): void {
  const content = reply.head({ status, reason: '', fields, bodiless: body === undefined, trailers: false });
  content.end(body);
}

/** Where it happened, without what it said. */
function withoutMessage(error: unknown): { name: string; code?: unknown; at?: string[] } {
  if (!(error instanceof Error)) return { name: typeof error };
  const at = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, code: (error as NodeJS.ErrnoException).code, ...(at === undefined ? {} : { at }) };
}
