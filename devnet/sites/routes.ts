// What a demo site answers to each path.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { pipeline } from 'node:stream';
import type { SitePlan } from '../plan.ts';
import { ASKS_PATH, asksPolicy, renderAsksPage } from './asks-page.ts';
import { DEFAULT_DOWNLOAD_BYTES, downloadBytes, downloadSha256, MAX_DOWNLOAD_BYTES } from './download.ts';
import { renderPage } from './page.ts';
import { renderPicture } from './picture.ts';
import type { RequestLog, SeenRequest } from './request-log.ts';
import { renderStillPage, STILL_PATH } from './still-page.ts';

export type RouteInit = {
  request: IncomingMessage | Http2ServerRequest;
  response: ServerResponse;
  site: SitePlan;
  seen: SeenRequest;
  log: RequestLog;
  mediaOrigin: string;
};

/** Validator of pages that may be kept. */
const KEPT_TAG = '"kept"';

const EVENTS_INTERVAL_MS = 1000;

const FILES: ReadonlyMap<string, { type: string; body: Buffer }> = new Map(
  [
    ['/page.js', 'text/javascript'],
    ['/service-worker.js', 'text/javascript'],
    ['/style.css', 'text/css'],
    ['/clip.webm', 'video/webm'],
  ].map(([path = '', type = '']) => [path, { type, body: readFileSync(new URL(`./public${path}`, import.meta.url)) }]),
);

export function route({ request, response, site, seen, log, mediaOrigin }: RouteInit): void {
  // Every reload is to reach the site: a page out of a cache would show the address of yesterday.
  response.setHeader('cache-control', 'no-store');
  const url = new URL(request.url ?? '/', `https://${site.host}`);
  const file = FILES.get(url.pathname);
  if (file) {
    sendFile(request, response, file);
    return;
  }
  switch (url.pathname) {
    case '/': {
      // The page's own visit begins with it; its record is the one before it was known.
      const visit = randomBytes(8).toString('hex');
      seen.visit = visit;
      const { address, protocol } = seen;
      send(response, 'text/html; charset=utf-8', renderPage({ site, address, protocol, visit, mediaOrigin }));
      return;
    }
    case STILL_PATH: {
      send(response, 'text/html; charset=utf-8', renderStillPage(seen.address));
      return;
    }
    case ASKS_PATH: {
      sendAsksPage(request, response, url, mediaOrigin);
      return;
    }
    case '/picture.svg': {
      const hue = Number.parseInt(url.searchParams.get('hue') ?? '', 10) || 0;
      send(response, 'image/svg+xml', renderPicture(hue % 360, url.searchParams.has('wide')));
      return;
    }
    case '/whoami.json': {
      sendJson(response, {
        address: seen.address,
        host: site.host,
        protocol: seen.protocol,
        secure: seen.secure,
      });
      return;
    }
    case '/seen.json': {
      sendJson(response, log.ofVisit(url.searchParams.get('visit') ?? ''));
      return;
    }
    case '/events': {
      sendEvents(response, seen.address);
      return;
    }
    case '/download': {
      sendDownload(response, url.searchParams.get('bytes'));
      return;
    }
    default:
      response.statusCode = 404;
      {
        send(response, 'text/plain; charset=utf-8', 'Nothing is here.\n');
        return;
      }
  }
}

function send(response: ServerResponse, type: string, body: string): void {
  response.setHeader('content-type', type);
  response.end(body);
}

function sendAsksPage(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse,
  url: URL,
  otherOrigin: string,
): void {
  const header = request.headers['sec-gpc'];
  // Kept by the browser where asked for: whether a page out of the cache says what another tab was told.
  if (url.searchParams.has('keep')) {
    response.setHeader('cache-control', 'max-age=3600');
    response.setHeader('etag', KEPT_TAG);
    if (request.headers['if-none-match'] === KEPT_TAG) {
      response.statusCode = 304;
      response.end();
      return;
    }
  }
  response.setHeader('content-security-policy', asksPolicy());
  const isFrame = url.searchParams.has('frame');
  const first = Array.isArray(header) ? header[0] : header;
  send(response, 'text/html; charset=utf-8', renderAsksPage({ header: first, otherOrigin, isFrame }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 'application/json', JSON.stringify(value));
}

/** Files are served by range too: players ask for `bytes=0-` first (RFC 9110 §14.2; one range is enough here). */
function sendFile(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse,
  { type, body }: { type: string; body: Buffer },
): void {
  response.setHeader('content-type', type);
  response.setHeader('accept-ranges', 'bytes');
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(first);
  if (first === '' || start >= body.length) return void response.end(body);
  const end = last === '' ? body.length - 1 : Math.min(Number(last), body.length - 1);
  response.statusCode = 206;
  response.setHeader('content-range', `bytes ${start}-${end}/${body.length}`);
  response.end(body.subarray(start, end + 1));
}

function sendEvents(response: ServerResponse, address: string): void {
  response.setHeader('content-type', 'text/event-stream');
  const event = `data: ${JSON.stringify({ address })}\n\n`;
  response.write(event);
  const timer = setInterval(() => response.write(event), EVENTS_INTERVAL_MS);
  response.on('close', () => clearInterval(timer));
}

function sendDownload(response: ServerResponse, bytes: string | null): void {
  const size = bytes === null ? DEFAULT_DOWNLOAD_BYTES : Number(bytes);
  if (!Number.isInteger(size) || size < 0 || size > MAX_DOWNLOAD_BYTES) {
    response.statusCode = 400;
    send(response, 'text/plain; charset=utf-8', `bytes is a whole number up to ${MAX_DOWNLOAD_BYTES}.\n`);
    return;
  }
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('content-disposition', `attachment; filename="demo-${size}.bin"`);
  response.setHeader('content-length', size);
  // Above the default size the hash would cost more than the transfer; tests compute it themselves.
  if (size <= DEFAULT_DOWNLOAD_BYTES) response.setHeader('x-content-sha256', downloadSha256(size));
  pipeline(downloadBytes(size), response, () => undefined);
}
