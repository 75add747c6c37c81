// The operations server: /metrics, /healthz and /readyz over plain HTTP, for the operator's own programs. It has amounts and states, and nothing of who came, where to, or what they
// pay. Built by relay/relay.ts where the configuration has an `operations` section.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HostPort } from '../config/parts.ts';
import { ListenError } from '../net/listen-error.ts';
import type { UnreadyReason } from './readiness.ts';

export type OperationsInit = {
  listen: HostPort;
  metrics: { contentType: string; text(): Promise<string> };
  unready: () => readonly UnreadyReason[];
};

export type OperationsServer = {
  /** With the port that the system chose. */
  readonly address: HostPort;
  close(): Promise<void>;
};

/** A scraper, an orchestrator's two probes and a person, and as many again that hang. */
const MAX_CONNECTIONS = 32;
/** Scrapers answer at once; who does not is cut, ms. */
const REQUEST_TIMEOUT_MS = 5000;
/** Longer than the usual 15 s between two scrapes, ms. */
const KEEP_ALIVE_MS = 30_000;
const MAX_HEADER_BYTES = 8 * 1024;

/** Throws `ListenError`. */
export async function serveOperations({ listen, metrics, unready }: OperationsInit): Promise<OperationsServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return end(response, 405, 'only GET\n', { allow: 'GET, HEAD' });
    if (path === '/healthz') return end(response, 200, 'ok\n');
    if (path === '/readyz') {
      const reasons = unready();
      return end(
        response,
        reasons.length === 0 ? 200 : 503,
        reasons.length === 0 ? 'ready\n' : `${reasons.join('\n')}\n`,
      );
    }
    if (path === '/metrics') return end(response, 200, await metrics.text(), { 'content-type': metrics.contentType });
    return end(response, 404, 'here are /metrics, /healthz and /readyz\n');
  };
  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => {
      request.resume();
      // What a collector throws may quote anything.
      answer(request, response).catch(() =>
        response.headersSent ? response.destroy() : end(response, 500, 'the metrics failed\n'),
      );
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', (cause) => reject(new ListenError(listen, cause)));
  server.listen({ ...listen }, () => resolve(undefined));
  await promise;
  // Later faults of the listener must not end the relay.
  server.on('error', () => undefined);
  const bound = server.address();
  return {
    address: { host: listen.host, port: typeof bound === 'object' && bound !== null ? bound.port : listen.port },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function end(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
