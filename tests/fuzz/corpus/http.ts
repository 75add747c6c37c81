// Requests as they stand on the wire: HTTP/1.1 to the relays' own servers and to an exit, and frames of HTTP/2 to an exit (RFC 9113, HPACK RFC 7541).

import { frame } from '../../support/exit-frames.ts';

const NONCE = '0123456789abcdef'.repeat(4);

function request(first: string, headers: readonly string[] = [], body = ''): Buffer {
  return Buffer.from([first, ...headers, '', body].join('\r\n'), 'latin1');
}

/** To a relay's own server. */
export function ownRequests(host: string, paths: readonly string[]): Buffer[] {
  return paths.flatMap((path) => [
    request(`GET ${path} HTTP/1.1`, [`host: ${host}`, 'accept: */*', 'accept-encoding: gzip']),
    request(`HEAD ${path} HTTP/1.1`, [`host: ${host}`]),
    request(`POST ${path} HTTP/1.1`, [`host: ${host}`, 'content-type: text/plain', 'content-length: 5'], 'abcde'),
    request(`POST ${path} HTTP/1.1`, [`host: ${host}`, 'transfer-encoding: chunked'], '5\r\nabcde\r\n0\r\n\r\n'),
    request(`OPTIONS ${path} HTTP/1.1`, [`host: ${host}`]),
  ]);
}

export function upgradeRequest(host: string): Buffer {
  return request('GET / HTTP/1.1', [
    ...[`host: ${host}`, 'connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
    ...['sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol: a, b', 'origin: https://a.example'],
  ]);
}

/** To an exit inside a tunnel: checks, speed tests, plain http, CONNECT. `source` of the exit's configuration keeps what they lead to on this machine. */
export function proxyRequests(authority: string, at: string): Buffer[] {
  const check = 'circuit.conet.internal';
  return [
    request(`GET http://${check}/?nonce=${NONCE} HTTP/1.1`, [`host: ${check}`]),
    request(`GET http://${check}/statement?nonce=${NONCE} HTTP/1.1`, [`host: ${check}`, 'sec-gpc: 1']),
    request(`GET http://${check}/blank HTTP/1.1`, [`host: ${check}`]),
    request(`GET http://${at}/bytes?count=1000 HTTP/1.1`, [`host: ${at}`]),
    request(`POST http://${at}/bytes HTTP/1.1`, [`host: ${at}`, 'content-length: 10'], '0123456789'),
    request(`GET http://${authority}/a/b?c=d HTTP/1.1`, [`host: ${authority}`, 'cookie: a=b', 'te: trailers']),
    request(
      `PUT http://${authority}/ HTTP/1.1`,
      [`host: ${authority}`, 'transfer-encoding: chunked', 'expect: 100-continue', 'trailer: x'],
      '3\r\nabc\r\n0\r\nx: y\r\n\r\n',
    ),
    request(`CONNECT ${authority} HTTP/1.1`, [`host: ${authority}`], 'echo\n'),
    request('CONNECT no-such-name.example:443 HTTP/1.1', ['host: no-such-name.example:443']),
    request('GET / HTTP/1.1', ['host: exit']),
    request('OPTIONS * HTTP/1.1', ['host: exit']),
  ];
}

export const HTTP2 = {
  ...{ data: 0, headers: 1, priority: 2, rst: 3, settings: 4, pushPromise: 5, ping: 6, goAway: 7 },
  ...{ window: 8, continuation: 9, endStream: 1, endHeaders: 4, padded: 8, hasPriority: 0x20 },
};

/** A literal without indexing, its name new too (RFC 7541 §6.2.2); both shorter than 127 bytes. */
function field(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

/** One list of frames for each request, and some for the connection. @param stream the first number, odd */
export function http2Conversations(authority: string, at: string, stream = 1): Buffer[][] {
  const { headers, data, settings, ping, window, priority, rst, goAway, continuation, pushPromise } = HTTP2;
  const { endStream, endHeaders, padded, hasPriority } = HTTP2;
  const block = (method: string, scheme: string, path: string, to: string, ...more: Buffer[]): Buffer =>
    Buffer.concat([
      ...[field(':method', method), field(':scheme', scheme), field(':path', path), field(':authority', to), ...more],
    ]);
  const check = block('GET', 'http', `/?nonce=${NONCE}`, 'circuit.conet.internal');
  const get = block('GET', 'http', '/a', authority, field('cookie', 'a=b'), field('te', 'trailers'));
  const put = block('PUT', 'http', '/', authority, field('content-length', '3'));
  const connect = Buffer.concat([field(':method', 'CONNECT'), field(':authority', authority)]);
  const test = block('GET', 'http', '/bytes?count=500', at);
  const own = block('GET', 'https', '/', 'exit');
  const half = Math.floor(get.length / 2);
  return [
    [frame(headers, endStream | endHeaders, stream, check)],
    [frame(headers, endStream | endHeaders, stream + 2, get)],
    [frame(headers, endHeaders, stream + 4, put), frame(data, endStream, stream + 4, Buffer.from('abc'))],
    [frame(headers, endHeaders, stream + 6, connect), frame(data, 0, stream + 6, Buffer.from('echo\nx'))],
    [frame(headers, endStream | endHeaders, stream + 8, test)],
    [frame(headers, endStream | endHeaders, stream + 10, own)],
    [
      frame(headers, endStream, stream + 12, get.subarray(0, half)),
      frame(continuation, endHeaders, stream + 12, get.subarray(half)),
    ],
    [
      frame(
        headers,
        endStream | endHeaders | padded | hasPriority,
        stream + 14,
        Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 15]), check, Buffer.alloc(3)]),
      ),
    ],
    [frame(settings, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0, 0, 3, 0, 0, 0, 100]))],
    [frame(ping, 0, 0, Buffer.alloc(8, 5)), frame(window, 0, 0, Buffer.from([0, 1, 0, 0]))],
    [frame(priority, 0, stream, Buffer.from([0, 0, 0, 3, 16])), frame(rst, 0, stream + 6, Buffer.from([0, 0, 0, 8]))],
    // Reset without an error while what it sent is unread.
    [
      ...[frame(headers, endHeaders, stream + 16, put), frame(data, 0, stream + 16, Buffer.from('a'))],
      frame(rst, 0, stream + 16, Buffer.alloc(4)),
    ],
    [frame(pushPromise, endHeaders, stream, Buffer.concat([Buffer.from([0, 0, 0, 2]), check]))],
    [frame(goAway, 0, 0, Buffer.alloc(8))],
  ];
}
