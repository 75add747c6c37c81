// One HTTPS request to a certificate authority or a broker, with limits of time and size, and no redirects. Called by acme-transport.ts and registration.ts.

import { Agent, request as requestHttps } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';
import { AGENT } from '../version.ts';

export type HttpsAnswer = { status: number; headers: IncomingHttpHeaders; body: string };

export type HttpsRequest = {
  method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS';
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal;
};

export type HttpsClient = {
  /** Throws what Node does: nobody there, an unknown certificate, too late, too long. */
  request(url: URL, request: HttpsRequest): Promise<HttpsAnswer>;
  close(): void;
};

/** A certificate's chain has some 10 kB, all else far less. */
const MAX_BODY_BYTES = 256 * 1024;
/** The broker dials back before it answers, for 10 s at most. */
const REQUEST_MS = 30_000;

export type ClientOptions = {
  maxBodyBytes?: number;
  /** For tests: whom to trust instead of the public authorities, and how names are found. */
  ca?: string[];
  lookup?: LookupFunction;
};

export function createHttpsClient({ maxBodyBytes = MAX_BODY_BYTES, ...options }: ClientOptions = {}): HttpsClient {
  // An order is a dozen requests to one host.
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ...options });
  return {
    request: (url, { method, headers = {}, body, signal }) =>
      new Promise((resolve, reject) => {
        const limited = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]);
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
        const request = requestHttps(url, {
          ...{ agent, method, signal: limited },
          headers: { 'user-agent': AGENT, ...headers, ...length },
        });
        request.once('error', reject);
        request.once('response', (response) => {
          const chunks: Buffer[] = [];
          let read = 0;
          response.on('data', (chunk: Buffer) => {
            read += chunk.length;
            chunks.push(chunk);
            if (read > maxBodyBytes) response.destroy(new RangeError('the answer is too long'));
          });
          response.once('error', reject);
          response.once('end', () => {
            const { statusCode = 0, headers } = response;
            resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString('utf8') });
          });
        });
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Of a Retry-After in seconds or as a date (RFC 9110 §10.2.3), ms from now; undefined for none that can be read. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return 1000 * Number(text);
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
