// The site of the bench, a process of its own: http on one address, https (HTTP/2 and 1.1) with WebSocket on every host of the plan. It computes next to
// nothing, so that the direct way is as fast as the machine.
//
//   GET /bytes?n=300000000    the same 256 KiB again and again
//   GET /random?n=300000000   AES-CTR of zeros (content.ts), for hashes
//   PUT /taken                throws the body away
//   PUT /hashed               answers the body's SHA-256 in hex
//   GET /small                1 kB
//   GET /page, /object/...    page.ts
//
// Started by bench/lab.ts with a file of hosts, addresses and certificates.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { SITE } from '../peers/plan.ts';
import { sendSameBytes } from '../same-bytes.ts';
import { randomStream } from './content.ts';
import { pagePart } from './page.ts';

const SMALL = Buffer.alloc(1000, 'x');
const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;

type HostPlan = { host: string; address: string; chain: string; key: string };

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://site');
  const bytes = Number(url.searchParams.get('n') ?? 0);
  switch (url.pathname) {
    case '/bytes':
      response.setHeader('content-length', bytes);
      sendSameBytes(response, bytes);
      return;
    case '/random':
      response.setHeader('content-length', bytes);
      randomStream(bytes).pipe(response);
      return;
    case '/small':
      response.setHeader('content-length', SMALL.length);
      response.end(SMALL);
      return;
    case '/taken':
      request.resume();
      request.once('end', () => response.end('taken'));
      return;
    case '/hashed': {
      const digest = createHash('sha256');
      request.on('data', (chunk: Buffer) => digest.update(chunk));
      request.once('end', () => response.end(digest.digest('hex')));
      return;
    }
    default: {
      const part = pagePart(url);
      response.writeHead(part === undefined ? 404 : 200, {
        'content-type': part?.type ?? 'text/plain',
        'content-length': part?.body.length ?? 0,
        'cache-control': 'no-store',
        'accept-ranges': 'none',
      });
      response.end(part?.body);
    }
  }
}

const [file = ''] = process.argv.slice(2);
for (const { address, chain, key } of JSON.parse(readFileSync(file, 'utf8')) as HostPlan[]) {
  const secure = createSecureServer({ cert: chain, key, allowHTTP1: true }, (request, response) => {
    // The same methods on HTTP/2; the types do not say so.
    answer(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_SOCKET_MESSAGE_BYTES });
  secure.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data, binary) => client.send(data, { binary }));
      client.on('error', () => client.terminate());
    });
  });
  secure.listen(SITE.https, address);
}
// Connections of the works stay open between requests for as long as a run of one takes.
createServer({ keepAliveTimeout: 60_000 }, answer).listen(SITE.http, SITE.address);
