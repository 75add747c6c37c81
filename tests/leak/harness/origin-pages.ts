// What the sites of the laboratory answer, by path and the same for every host. A page does nothing by itself but what its query asks
// for, so that a vector is one line in tests/leak/vectors. Called by origin.ts.

import type { IncomingMessage, ServerResponse } from 'node:http';

const HTML = 'text/html; charset=utf-8';
const JS = 'text/javascript';
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
const EVENTS_INTERVAL_MS = 1000;

/** The smallest PDF that a viewer opens. */
const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
%%EOF`;

/** Fetches what it is told to, in a worker of any kind. `u` in its own address is fetched at its start. */
const WORKER = `
const get = (url) => fetch(url, { cache: 'no-store', mode: 'no-cors' }).then(() => 'done', () => 'failed');
const start = new URL(location.href).searchParams.get('u');
if (start) get(start);
addEventListener('message', (event) => get(event.data).then((text) => (event.source ?? self).postMessage?.(text)));
addEventListener('connect', (event) => {
  const [port] = event.ports;
  port.onmessage = (message) => get(message.data).then((text) => port.postMessage(text));
});`;

const SERVICE_WORKER = `
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('message', (event) => {
  const url = event.data;
  event.waitUntil(fetch(url, { cache: 'no-store', mode: 'no-cors' }).then(() => 'done', () => 'failed').then((text) => event.source.postMessage(text)));
});
addEventListener('fetch', (event) => {
  const to = new URL(event.request.url).searchParams.get('through-worker');
  // A page may not be answered with what nobody may read.
  if (to) event.respondWith(fetch(to, { mode: event.request.mode === 'navigate' ? 'cors' : 'no-cors' }));
});`;

/** As installable as an app of one page can be (Web Application Manifest, W3C), with its icon at `icon`. */
function appManifest(icon: string): string {
  const icons = ['192x192', '512x512'].map((sizes) => ({ src: icon, sizes, type: 'image/png', purpose: 'any' }));
  return JSON.stringify({
    name: 'Some app',
    short_name: 'App',
    start_url: '/',
    scope: '/',
    display: 'standalone',
    icons,
  });
}

type Reply = { status?: number; headers?: Record<string, string>; type: string; body: string | Buffer };

/** Answers by the path; the query `u` is the address that a reply makes the browser ask for. */
export function respond(request: IncomingMessage, response: ServerResponse, clip: Buffer): void {
  const url = new URL(request.url ?? '/', 'https://origin.test');
  const target = url.searchParams.get('u') ?? '';
  if (url.pathname === '/events') {
    sendEvents(response);
    return;
  }
  const { status = 200, headers = {}, type, body } = replyTo(url, target, clip);
  request.resume();
  response.statusCode = status;
  const common = {
    'content-type': type,
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    'access-control-allow-headers': '*',
    'timing-allow-origin': '*',
    'service-worker-allowed': '/',
  };
  for (const [name, value] of Object.entries({ ...common, ...headers })) response.setHeader(name, value);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function replyTo(url: URL, target: string, clip: Buffer): Reply {
  switch (url.pathname) {
    case '/redirect':
      return { status: 302, headers: { location: target }, type: HTML, body: '' };
    case '/refresh':
      return page(`<meta http-equiv="refresh" content="0;url=${escape(target)}">`);
    case '/script-redirect':
      return page('', `<script>location.href = ${JSON.stringify(target)}</script>`);
    case '/html':
      return page(url.searchParams.get('head') ?? '', url.searchParams.get('body') ?? '');
    case '/app.webmanifest':
      return { type: 'application/manifest+json', body: appManifest(target) };
    case '/worker.js':
      return { type: JS, body: WORKER };
    case '/sw.js':
      return { type: JS, body: SERVICE_WORKER };
    case '/import.js':
      return { type: JS, body: `import ${JSON.stringify(target)};` };
    case '/a.js':
      return { type: JS, body: 'self.loaded = true;' };
    case '/a.css':
      return { type: 'text/css', body: target === '' ? '' : `@import url(${JSON.stringify(target)});` };
    case '/font.css':
      return {
        type: 'text/css',
        body: `@font-face { font-family: leak; src: url(${JSON.stringify(target)}); } body { font-family: leak; }`,
      };
    case '/a.svg':
      return { type: 'image/svg+xml', body: PICTURE };
    case '/clip.webm':
      return { type: 'video/webm', body: clip };
    case '/manifest.json':
      return {
        type: 'application/manifest+json',
        body: JSON.stringify({
          name: 'leak',
          start_url: '/',
          display: 'standalone',
          icons: [{ src: target, sizes: '192x192', type: 'image/svg+xml' }],
        }),
      };
    case '/csp':
      return {
        ...page('', '<img src="/a.svg">'),
        headers: { 'content-security-policy': `img-src 'none'; report-uri ${target}` },
      };
    case '/csp-to':
      return {
        ...page('', '<img src="/a.svg">'),
        headers: {
          'reporting-endpoints': `leak="${target}"`,
          'content-security-policy': "img-src 'none'; report-to leak",
        },
      };
    case '/nel':
      return {
        ...page('', ''),
        headers: {
          'report-to': JSON.stringify({ group: 'nel', max_age: 86_400, endpoints: [{ url: target }] }),
          nel: JSON.stringify({ report_to: 'nel', max_age: 86_400, success_fraction: 1, failure_fraction: 1 }),
        },
      };
    case '/no-webrtc':
      return { ...page('', ''), headers: { 'content-security-policy': "webrtc 'block'" } };
    case '/link-header':
      return { ...page('', ''), headers: { link: `<${target}>; rel=preconnect, <${target}>; rel=preload; as=image` } };
    case '/alt-svc':
      return { ...page('', ''), headers: { 'alt-svc': 'h3=":443"; ma=3600' } };
    case '/speculation':
      return { ...page('', ''), headers: { 'speculation-rules': `"${target}"` } };
    case '/rules.json':
      return {
        type: 'application/speculationrules+json',
        body: JSON.stringify({ prefetch: [{ source: 'list', urls: [target] }] }),
      };
    case '/file.bin':
      return {
        type: 'application/octet-stream',
        headers: { 'content-disposition': 'attachment; filename="leak.bin"' },
        body: 'x'.repeat(1000),
      };
    case '/a.pdf':
      return { type: 'application/pdf', body: PDF };
    case '/article':
      return page(
        '<title>An article</title>',
        `<article><h1>An article</h1>${ARTICLE}<img src="${escape(target)}"></article>`,
      );
    default:
      return page('', '');
  }
}

/** Long enough for a reader view to be offered. */
const ARTICLE = `<p>${'This is a sentence of a long article that is about nothing at all. '.repeat(30)}</p>`.repeat(5);

function page(head: string, body = ''): Reply {
  return {
    type: HTML,
    // No icon of its own: each page would ask for one.
    body: `<!doctype html><html><head><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`,
  };
}

function sendEvents(response: ServerResponse): void {
  response.setHeader('content-type', 'text/event-stream');
  response.setHeader('access-control-allow-origin', '*');
  response.write('data: hello\n\n');
  const timer = setInterval(() => response.write('data: hello\n\n'), EVENTS_INTERVAL_MS);
  response.on('close', () => clearInterval(timer));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
