// The exit's proxy as a browser uses it: HTTP/2 over TLS, CONNECT tunnels and plain http, against real origins.

import { once } from 'node:events';
import { constants, type ClientHttp2Session } from 'node:http2';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { frame, PREFACE } from '../support/exit-frames.ts';
import {
  startHttpOrigin,
  startScriptedOrigin,
  startTcpOrigin,
  type Origin,
  type ScriptedOrigin,
} from '../support/exit-origin.ts';
import { ask, read, startExit, tunnel, type TestExit } from '../support/exit-proxy.ts';

let exit: TestExit;
let session: ClientHttp2Session;
const origins: Origin[] = [];

beforeEach(async () => {
  exit = await startExit();
  session = await exit.h2();
});

afterEach(async () => {
  await exit.stop();
  for (const origin of origins.splice(0)) await origin.stop();
});

async function keep<T extends Origin>(starting: Promise<T>): Promise<T> {
  const origin = await starting;
  origins.push(origin);
  return origin;
}

const http = (...args: Parameters<typeof startHttpOrigin>): Promise<Origin> => keep(startHttpOrigin(...args));
const tcp = (...args: Parameters<typeof startTcpOrigin>): Promise<Origin> => keep(startTcpOrigin(...args));

/** An origin that answers with these bytes and then ends. */
const scripted = (...pieces: string[]): Promise<ScriptedOrigin> =>
  keep(startScriptedOrigin((socket) => socket.end(pieces.join(''), 'latin1')));

function request(origin: Origin, more: Record<string, string | string[]> = {}): Record<string, string | string[]> {
  return { ':method': 'GET', ':scheme': 'http', ':authority': origin.authority, ':path': '/', ...more };
}

/** Field lines of a request or response head, without the first line. */
function lines(head: string): string[] {
  return (head.split('\r\n\r\n')[0] ?? '').split('\r\n').slice(1);
}

describe('what the origin is sent', () => {
  test('the fields of the request, and nothing that tells of a proxy', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await ask(
      session,
      request(origin, {
        ':path': '/a/../b?c=%20',
        'user-agent': 'test',
        te: 'trailers',
        'proxy-authorization': 'Basic c2VjcmV0',
        'proxy-anything': 'x',
        host: 'other.example',
        cookie: ['a=1', 'b=2'],
        'x-latin': 'caf\u00e9',
      }),
    );
    const heard = origin.heard();
    expect(heard.split('\r\n')[0]).toBe('GET /a/../b?c=%20 HTTP/1.1');
    expect(lines(heard)).toEqual([
      `Host: ${origin.authority}`,
      'user-agent: test',
      'cookie: a=1; b=2',
      'x-latin: caf\u00e9',
      'Connection: close',
    ]);
  });

  test('a body of known length keeps its length, one of unknown length is chunked, with its trailers', async () => {
    const known = await scripted('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await ask(session, request(known, { ':method': 'POST', 'content-length': '5' }), 'hello');
    expect(lines(await known.finished)).toEqual([`Host: ${known.authority}`, 'content-length: 5', 'Connection: close']);
    expect(known.heard().endsWith('\r\n\r\nhello')).toBe(true);

    const unknown = await keep(
      startScriptedOrigin((socket) => {
        const answerWhenWhole = (): void => {
          if (unknown.heard().endsWith('x-sum: 1\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        };
        socket.on('data', answerWhenWhole);
        answerWhenWhole();
      }),
    );
    const stream = session.request(request(unknown, { ':method': 'PUT' }), { endStream: false, waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1', authorization: 'no' }));
    stream.end('hello');
    expect((await read(stream)).status).toBe(200);
    expect(lines(unknown.heard())).toContain('Transfer-Encoding: chunked');
    expect(unknown.heard().endsWith('5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n')).toBe(true);
  });

  test('a POST without a body says so', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await ask(session, request(origin, { ':method': 'POST' }));
    expect(lines(origin.heard())).toContain('Content-Length: 0');
  });

  test('requests never share a connection to the origin, nor do clients', async () => {
    const ports: number[] = [];
    const origin = await http((incoming, response) => {
      ports.push(incoming.socket.remotePort ?? 0);
      response.end();
    });
    const other = await exit.h2();
    for (const client of [session, other, session, other]) await ask(client, request(origin));
    expect(new Set(ports).size).toBe(4);
  });
});

describe('what the client is sent', () => {
  test('the fields of the answer with their repetitions; hop-by-hop and Proxy-* are gone, not even a Date is added', async () => {
    const origin = await scripted(
      'HTTP/1.1 299 Fine\r\n',
      'Content-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: caf\u00e9\r\n',
      'Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n',
      'Proxy-Authenticate: Basic\r\nProxy-Status: forged; error=dns_error\r\nContent-Length: 2\r\n\r\nok',
    );
    const answer = await ask(session, request(origin));
    expect(answer.rawHeaders).toEqual([
      ...[':status', '299', 'content-type', 'text/plain', 'set-cookie', 'a=1', 'set-cookie', 'b=2'],
      ...['x-latin', 'caf\u00e9', 'content-length', '2'],
    ]);
    expect(answer.body.toString()).toBe('ok');
  });

  test('a chunked answer with trailers', async () => {
    const origin = await scripted(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n',
      '3\r\nabc\r\n0\r\nX-Sum: 9\r\nSet-Cookie: no=1\r\n\r\n',
    );
    const answer = await ask(session, request(origin));
    expect(answer.body.toString()).toBe('abc');
    expect(answer.trailers).toMatchObject({ 'x-sum': '9' });
    expect(answer.trailers).not.toHaveProperty('set-cookie');
    expect(answer.headers).not.toHaveProperty('transfer-encoding');
  });

  test('an answer that ends with its connection', async () => {
    const origin = await scripted('HTTP/1.0 200 OK\r\n\r\nuntil the end');
    expect((await ask(session, request(origin))).body.toString()).toBe('until the end');
  });

  test.each([
    ['HEAD', '200 OK\r\nContent-Length: 1000', 200],
    ['GET', '204 No Content', 204],
    ['GET', '304 Not Modified\r\nContent-Length: 1000\r\nETag: "x"', 304],
  ])('%s answered with %j has no content and ends', async (method, head, status) => {
    const origin = await scripted(`HTTP/1.1 ${head}\r\n\r\n`);
    const answer = await ask(session, request(origin, { ':method': method }));
    expect([answer.status, answer.body.length]).toEqual([status, 0]);
    if (head.includes('1000')) expect(answer.headers['content-length']).toBe('1000');
  });

  test('an interim answer comes before the final one', async () => {
    const origin = await scripted(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    const stream = session.request(request(origin));
    const hints: Record<string, unknown>[] = [];
    stream.on('headers', (headers) => hints.push(headers));
    expect((await read(stream)).status).toBe(200);
    expect(hints).toHaveLength(1);
    expect(hints[0]).toMatchObject({ ':status': 103, link: '</a.css>; rel=preload' });
    expect(hints[0]).not.toHaveProperty('x-hop');
  });

  test('100 Continue is the origin\u2019s to give: the body waits for it', async () => {
    let early: boolean | undefined;
    const origin = await keep(
      startScriptedOrigin((socket, head) => {
        early = !head.endsWith('\r\n\r\n');
        expect(head).toContain('expect: 100-continue'.replace('e', 'E'));
        socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
      }),
    );
    const fields = request(origin, { ':method': 'POST', expect: '100-continue', 'content-length': '4' });
    const stream = session.request(fields, { endStream: false });
    stream.once('continue', () => stream.end('body'));
    expect((await read(stream)).status).toBe(200);
    expect(early).toBe(false);
    expect((await origin.finished).endsWith('\r\n\r\nbody')).toBe(true);
  });

  test('an event stream arrives event by event', async () => {
    let say: (text: string) => void = () => undefined;
    const origin = await http((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      say = (text) => void response.write(text);
    });
    const stream = session.request(request(origin));
    await once(stream, 'response');
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      say(event);
      expect(((await once(stream, 'data')) as [Buffer])[0].toString()).toBe(event);
    }
  });
});

describe('when an origin fails', () => {
  test.each([
    ['hangs up', '', 502, 'connection_terminated'],
    ['is no HTTP server', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 502, 'http_protocol_error'],
    [
      'frames its answer twice',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
      502,
      'http_protocol_error',
    ],
    [
      'has two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      502,
      'http_protocol_error',
    ],
    [
      'switches protocols unasked',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      502,
      'http_protocol_error',
    ],
    ['has a status HTTP/2 cannot carry', 'HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n', 502, 'http_protocol_error'],
    ['sends 70 kB of header', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 502, 'http_protocol_error'],
  ])('one that %s', async (_what, bytes, status, error) => {
    const origin = await scripted(bytes);
    const answer = await ask(session, request(origin));
    expect([answer.status, answer.headers['proxy-status']]).toEqual([status, `conet-exit; error=${error}`]);
  });

  test('an answer that is cut short does not look complete', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this');
    await expect(ask(session, request(origin))).rejects.toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' });
  });

  test('an answer before the end of the upload is passed on', async () => {
    const origin = await keep(
      startScriptedOrigin((socket) => socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig')),
    );
    const stream = session.request(request(origin, { ':method': 'POST' }), { endStream: false });
    stream.on('error', () => undefined);
    stream.write(Buffer.alloc(100_000));
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(413);
    expect(((await once(stream, 'data')) as [Buffer])[0].toString()).toBe('big');
  });

  const unread = frame(0, 0, 1, Buffer.from('unread'));
  test.each([
    // Literals with names of the static table (RFC 7541 A): :authority is 1, :method 2; 0x86 is :scheme http, 0x84 :path /. Flags: 4 ends the headers, 1 the stream.
    ['CONNECT', 4, [0x02, 7, ...Buffer.from('CONNECT')], [unread]],
    ['a request with a body', 4, [0x02, 3, ...Buffer.from('PUT'), 0x86, 0x84], [unread]],
    ['a request without a body', 5, [0x02, 3, ...Buffer.from('GET'), 0x86, 0x84], []],
    [
      'a request whose body has ended',
      4,
      [0x02, 3, ...Buffer.from('PUT'), 0x86, 0x84],
      [frame(0, 1, 1, Buffer.from('x'))],
    ],
  ])('%s that is reset without an error is nobody to be answered any more', async (_, flags, fields, body) => {
    const faults: unknown[] = [];
    const onFault = (reason: unknown): void => void faults.push(reason);
    process.on('unhandledRejection', onFault);
    onTestFinished(() => void process.off('unhandledRejection', onFault));
    const raw = await exit.tls('h2');
    raw.resume();
    // Its answer takes a moment: the name has to be asked for.
    const authority = Buffer.from('no-such-name.example:443');
    const block = Buffer.from([...fields, 0x01, authority.length, ...authority]);
    raw.write(Buffer.concat([PREFACE, frame(1, flags, 1, block), ...body, frame(3, 0, 1, Buffer.alloc(4))]));
    raw.write(frame(6, 0, 0, Buffer.alloc(8)));
    await once(raw, 'data');
    // It goes on for others, later than that answer would have come.
    expect((await ask(session, { ':method': 'CONNECT', ':authority': 'no-other-name.example:443' })).status).toBe(502);
    raw.destroy();
    expect(faults).toEqual([]);
  });

  test('a client that leaves takes the origin connection with it', async () => {
    const origin = await http((_incoming, response) => void response.write('begun'));
    const stream = session.request(request(origin));
    stream.on('error', () => undefined);
    await once(stream, 'data');
    const [socket] = origin.sockets;
    const closed = once(socket!, 'close');
    stream.close(constants.NGHTTP2_CANCEL);
    await closed;
  });
});

describe('CONNECT', () => {
  test('bytes go both ways, and the client may end first', async () => {
    const origin = await tcp((socket) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => socket.end(text.toUpperCase()));
    });
    const stream = await tunnel(session, origin.authority);
    stream.end('spoken before the end');
    const heard: Buffer[] = [];
    for await (const chunk of stream) heard.push(chunk as Buffer);
    expect(Buffer.concat(heard).toString()).toBe('SPOKEN BEFORE THE END');
  });

  test('the origin may end first, and still hears the client', async () => {
    let heard: Promise<string> | undefined;
    const origin = await tcp((socket) => {
      socket.end('bye');
      heard = socket
        .setEncoding('utf8')
        .toArray()
        .then((chunks) => chunks.join(''));
    });
    const stream = await tunnel(session, origin.authority);
    stream.resume();
    await once(stream, 'end');
    stream.end('I was not done');
    await once(stream, 'close');
    expect(await heard).toBe('I was not done');
  });

  test('a reset by the origin is a reset of the stream', async () => {
    const origin = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const stream = await tunnel(session, origin.authority);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.write('x');
    await closed;
    expect(stream.rstCode).toBe(constants.NGHTTP2_CONNECT_ERROR);
  });

  test('a client connection that breaks is a reset at the origin, not an end', async () => {
    const happened: unknown[] = [];
    const origin = await tcp((socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => happened.push(error.code));
      socket.on('end', () => happened.push('end'));
      socket.resume();
      socket.write('x');
    });
    const stream = await tunnel(session, origin.authority);
    await once(stream, 'data');
    const [socket] = origin.sockets;
    const closed = new Promise((resolve) => socket!.once('close', resolve));
    session.destroy();
    await closed;
    expect(happened).toEqual(['ECONNRESET']);
  });

  test('a client that ends and then cancels closes the origin connection, while the origin is still sending', async () => {
    const origin = await tcp((socket) => {
      socket.resume();
      socket.write(Buffer.alloc(10_000_000));
    });
    const stream = await tunnel(session, origin.authority);
    await once(stream, 'data');
    const [socket] = origin.sockets;
    const closed = new Promise((resolve) => socket!.once('close', resolve));
    stream.end();
    stream.close(constants.NGHTTP2_CANCEL);
    await closed;
    // A handle that could not be closed would hold this back, and spin.
    await exit.proxy.close(0);
  });

  test('an IPv6 authority and one without a port', async () => {
    await expect(tunnel(session, '[::1]:443')).rejects.toThrow('403');
    await expect(tunnel(session, '127.0.2.1')).rejects.toThrow('400');
  });

  test('a refusal ends the stream although the client is still sending', async () => {
    const stream = session.request({ ':method': 'CONNECT', ':authority': '10.0.0.1:443' }, { endStream: false });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers).toMatchObject({ ':status': 403, 'proxy-status': 'conet-exit; error=destination_ip_prohibited' });
    stream.resume();
    await once(stream, 'close');
    expect(session.destroyed).toBe(false);
  });
});

describe('requests that are not for a proxy', () => {
  test('a browser that opens the exit itself is told what it is', async () => {
    const answer = await ask(session, { ':method': 'GET', ':scheme': 'https', ':authority': 'x.test', ':path': '/' });
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).toContain('This is a CONET exit relay');
  });
});
