// The operations server: /metrics, /healthz and /readyz over plain HTTP, for the operator's own programs. It has amounts and states, and nothing of who came, where to, or what they
// pay. Opened by operations.ts where the configuration has an `operations` section.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HostPort } from '../config/parts.ts';
import { listenHttp, type ListeningHttp } from '../net/listen-http.ts';
import type { UnreadyReason } from './readiness.ts';

export type OperationsInit = {
  listen: HostPort;
  metrics: { contentType: string; text(): Promise<string> };
  unready: () => readonly UnreadyReason[];
};

type Reply = { status: number; body: string; headers?: Record<string, string> };

/** A scraper, an orchestrator's two probes and a person, and as many again that hang. */
const MAX_CONNECTIONS = 32;
/** Scrapers answer at once; who does not is cut, ms. */
const REQUEST_TIMEOUT_MS = 5000;
/** Longer than the usual 15 s between two scrapes, ms. */
const KEEP_ALIVE_MS = 30_000;
const MAX_HEADER_BYTES = 8 * 1024;

/** Throws `ListenError`. */
export function serveOperations({ listen, metrics, unready }: OperationsInit): Promise<ListeningHttp> {
  const replyTo = async ({ method, url }: IncomingMessage): Promise<Reply> => {
    const path = url?.split('?', 1)[0] ?? '';
    if (method !== 'GET' && method !== 'HEAD')
      return { status: 405, body: 'only GET\n', headers: { allow: 'GET, HEAD' } };
    switch (path) {
      case '/healthz':
        return { status: 200, body: 'ok\n' };
      case '/readyz': {
        const reasons = unready();
        return reasons.length === 0
          ? { status: 200, body: 'ready\n' }
          : { status: 503, body: `${reasons.join('\n')}\n` };
      }
      case '/metrics':
        return { status: 200, body: await metrics.text(), headers: { 'content-type': metrics.contentType } };
      default:
        return { status: 404, body: 'here are /metrics, /healthz and /readyz\n' };
    }
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
      void replyTo(request)
        .catch((): Reply => ({ status: 500, body: 'the metrics failed\n' }))
        .then((reply) => send(response, reply));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return listenHttp(server, listen);
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
