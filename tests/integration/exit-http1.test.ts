// The exit's proxy over HTTP/1.1, spoken byte by byte where it matters, and by clients that people use: curl and undici.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { ProxyAgent, request as undiciRequest } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startHttpOrigin, startScriptedOrigin, startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { EXIT_NAME, startExit, type TestExit } from '../support/exit-proxy.ts';

const run = promisify(execFile);
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let exit: TestExit;
const origins: Origin[] = [];

beforeEach(async () => {
  exit = await startExit();
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

/** Reads until the text so far fits. */
async function until(stream: Duplex, fits: RegExp): Promise<string> {
  let text = '';
  while (!fits.test(text)) text += ((await once(stream, 'data')) as [Buffer])[0].toString('latin1');
  return text;
}

/** Sends bytes and reads to the end of the connection. */
async function exchange(bytes: string): Promise<string> {
  const client = await exit.tls('http/1.1');
  client.write(bytes, 'latin1');
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

describe('plain http', () => {
  test('the origin is sent the fields of the request in their spelling and order, and no trace of a proxy', async () => {
    const origin = await keep(startScriptedOrigin((socket) => socket.end(OK)));
    const answer = await exchange(
      `GET http://${origin.authority}/x HTTP/1.1\r\nHost: other.example\r\nUser-AGENT: test\r\nConnection: close, X-Hop\r\n` +
        'X-Hop: 1\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nUpgrade: h2c\r\nTE: trailers\r\nAccept: */*\r\n\r\n',
    );
    expect(origin.heard()).toBe(
      `GET /x HTTP/1.1\r\nHost: ${origin.authority}\r\nUser-AGENT: test\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });

  test('two requests on one connection are two connections to the origin', async () => {
    const ports = new Set<number | undefined>();
    const origin = await keep(
      startHttpOrigin((incoming, response) => {
        ports.add(incoming.socket.remotePort);
        response.end(incoming.url);
      }),
    );
    const client = await exit.tls('http/1.1');
    for (const path of ['/one', '/two']) {
      client.write(`GET http://${origin.authority}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await until(client, new RegExp(path));
    }
    expect(ports.size).toBe(2);
  });

  test('chunked uploads, interim answers and trailers pass', async () => {
    const origin = await keep(
      startScriptedOrigin((socket, head) => {
        expect(head).toMatch(/^Expect: 100-continue\r\n/m);
        socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
        socket.once('data', () => {
          socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n');
        });
      }),
    );
    const client = await exit.tls('http/1.1');
    client.write(
      `POST http://${origin.authority}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    expect(await until(client, /103 Early Hints\r\nLink: <\/a>\r\n\r\n/)).toContain('HTTP/1.1 100 Continue\r\n\r\n');
    client.write('5\r\nhello\r\n0\r\n\r\n');
    expect(await until(client, /X-Sum/)).toMatch(/2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n$/);
    expect(await origin.finished).toContain('5\r\nhello\r\n0\r\n\r\n');
  });

  test('a client of HTTP/1.0 gets a chunked answer as bytes', async () => {
    const origin = await keep(
      startScriptedOrigin((socket) => {
        socket.end(
          'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
        );
      }),
    );
    const answer = await exchange(`GET http://${origin.authority}/ HTTP/1.0\r\n\r\n`);
    expect(answer).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok');
  });

  test('an answer that is cut short ends without its last chunk', async () => {
    const origin = await keep(
      startScriptedOrigin((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
      ),
    );
    const answer = await exchange(`GET http://${origin.authority}/ HTTP/1.1\r\nHost: x\r\n\r\n`).catch(() => '');
    expect(answer).not.toContain('\r\n0\r\n');
  });
});

describe('request smuggling', () => {
  const prefixes: [name: string, fields: string][] = [
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n'],
    ['a list of lengths', 'Content-Length: 4, 4\r\n'],
    ['a signed length', 'Content-Length: +4\r\n'],
    ['a coding after chunked', 'Transfer-Encoding: chunked, identity\r\n'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n'],
    ['a folded field', 'X: 1\r\n Transfer-Encoding: chunked\r\n'],
    ['a bare LF', 'X: 1\nTransfer-Encoding: chunked\r\n'],
    ['a NUL', 'X: a\0b\r\n'],
    ['a name with a space', 'X Y: 1\r\n'],
  ];

  test.each(prefixes)('%s: 400, and the origin hears nothing', async (_name, fields) => {
    let connections = 0;
    const origin = await keep(startTcpOrigin(() => (connections += 1)));
    const answer = await exchange(
      `POST http://${origin.authority}/ HTTP/1.1\r\nHost: x\r\n${fields}\r\n0\r\n\r\nGET http://${origin.authority}/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(connections).toBe(0);
  });
});

describe('CONNECT', () => {
  test.each([
    ['hung up', (client: TLSSocket) => void client.destroy(), ''],
    ['ended, after more than it was asked for', (client: TLSSocket) => void client.end(), 'x'.repeat(100_000)],
    ['vanished, after more than it was asked for', (client: TLSSocket) => void client.destroy(), 'x'.repeat(100_000)],
  ])('one that is refused leaves nothing behind when its client has %s', async (_, leave, more) => {
    const client = await exit.tls('http/1.1');
    client.write('CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(client, /403/);
    client.write(more);
    leave(client);
    // It waits for all connections, for as long.
    await exit.proxy.close(60_000);
  });

  test('bytes sent along with the request are not lost, and either side may end first', async () => {
    const origin = await keep(
      startTcpOrigin((socket) => {
        let text = '';
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('end', () => socket.end(text.toUpperCase()));
      }),
    );
    const client = await exit.tls('http/1.1');
    client.end(`CONNECT ${origin.authority} HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\nearly bytes`);
    expect(await until(client, /BYTES/)).toBe('HTTP/1.1 200 Connection established\r\n\r\nEARLY BYTES');
  });

  test('a refusal says why, and ends', async () => {
    const answer = await exchange('CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toContain('proxy-status: conet-exit; error=destination_ip_prohibited\r\n');
    expect(answer).toMatch(/\r\n\r\nThe destination is in a private or reserved network, closed to this exit\.\n$/);
  });

  test('a client that vanishes closes the origin connection', async () => {
    const origin = await keep(startTcpOrigin((socket) => socket.resume().on('end', () => socket.end())));
    const client = await exit.tls('http/1.1');
    client.write(`CONNECT ${origin.authority} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(client, /\r\n\r\n/);
    const [socket] = origin.sockets;
    const closed = new Promise((resolve) => socket!.once('close', resolve));
    client.destroy();
    await closed;
  });
});

test('a request that is not for a proxy is told what this is', async () => {
  const answer = await exchange('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('This is a CONET exit relay.');
});

describe('clients that people use', () => {
  test('curl: plain http and a tunnel', async () => {
    const origin = await keep(startHttpOrigin((incoming, response) => response.end(`path ${incoming.url ?? ''}`)));
    const port = await exit.forward();
    const folder = await mkdtemp(join(tmpdir(), 'conet-exit-curl-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, exit.ca.certificate);
    const proxy = ['--proxy', `https://${EXIT_NAME}:${port}`, '--proxy-cacert', ca];
    const dns = ['--resolve', `${EXIT_NAME}:${port}:127.0.0.1`];
    for (const mode of [[], ['--proxytunnel']]) {
      const { stdout } = await run('curl', [
        '-sS',
        '-m',
        '20',
        ...mode,
        ...proxy,
        ...dns,
        `http://${origin.authority}/a`,
      ]);
      expect(stdout).toBe('path /a');
    }
    await rm(folder, { recursive: true });
  });

  test('undici: a tunnel', async () => {
    const origin = await keep(startHttpOrigin((incoming, response) => response.end(`path ${incoming.url ?? ''}`)));
    const port = await exit.forward();
    // Left to itself undici 8.12 agrees on HTTP/2 and then never sends the CONNECT, to a bare node:http2 server either.
    const proxyTls = { ca: exit.ca.certificate, servername: EXIT_NAME, allowH2: false };
    const dispatcher = new ProxyAgent({
      uri: `https://127.0.0.1:${port}`,
      proxyTls,
      proxyTunnel: true,
      allowH2: false,
    });
    const { statusCode, body } = await undiciRequest(`http://${origin.authority}/b`, { dispatcher });
    expect([statusCode, await body.text()]).toEqual([200, 'path /b']);
    await dispatcher.destroy();
  });
});
