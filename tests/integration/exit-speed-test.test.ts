// The exit's own bytes for a speed test: exactly as many as asked for, at names of one circuit alone, and not without end.

import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CIRCUIT_CHECK_ADDRESS, CIRCUIT_CHECK_HOST, checkHostOf } from '../../src/core/circuit/circuit-check.ts';
import { MAX_SPEED_BYTES, speedUrl } from '../../src/core/circuit/speed-test.ts';
import { startDns, type TestDns } from '../support/exit-dns.ts';
import { ask, startExit, type TestExit } from '../support/exit-proxy.ts';

const HOST = checkHostOf('127-0-1-1.kexit.zone.test');

let exit: TestExit;
let dns: TestDns;
beforeEach(async () => {
  dns = await startDns(() => ['127.0.2.1']);
  exit = await startExit({ resolvers: [dns.server] });
});
afterEach(async () => {
  // No name of it is ever resolved.
  expect(dns.queries).toEqual([]);
  await exit.stop();
  await dns.stop();
});

const get = (path: string, authority = HOST, method = 'GET') => ({
  ...{ ':method': method, ':scheme': 'http', ':authority': authority, ':path': path },
});

/** Sends so many bytes. */
async function send(session: ClientHttp2Session, bytes: number, length = String(bytes)) {
  const stream = session.request({
    ...get('/bytes', HOST, 'POST'),
    ...(length === '' ? {} : { 'content-length': length }),
  });
  stream.on('error', () => undefined);
  const response = once(stream, 'response');
  stream.end(Buffer.alloc(bytes));
  const [headers] = (await response) as [Record<string, unknown>];
  return { status: headers[':status'], body: Buffer.concat((await stream.toArray()) as Buffer[]).toString() };
}

describe('down', () => {
  test.each([1, 65_536, 65_537, 7_000_000])(
    '%i bytes come, announced, and no page may read or keep them',
    async (count) => {
      const { status, headers, body } = await ask(await exit.h2(), get(`/bytes?count=${count}`));
      expect(status).toBe(200);
      expect(body.length).toBe(count);
      expect(headers).toMatchObject({
        ...{ 'content-length': String(count), 'cache-control': 'no-store' },
        ...{ 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff' },
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  test('come over HTTP/1.1 too', async () => {
    const client = await exit.tls('http/1.1');
    // Not ended: the server would end its side too (node:http).
    client.write(`GET ${speedUrl(HOST, 100_000)} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
    const answer = Buffer.concat((await client.toArray()) as Buffer[]);
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.length - answer.indexOf('\r\n\r\n') - 4).toBe(100_000);
  });

  test.each([
    '',
    '?count=',
    '?count=0',
    '?count=-1',
    '?count=1.5',
    '?count=1e3',
    '?count=01',
    `?count=${MAX_SPEED_BYTES + 1}`,
    '?count=99999999999',
  ])('of “%s” are refused', async (query) => {
    expect((await ask(await exit.h2(), get(`/bytes${query}`))).status).toBe(400);
  });
});

describe('up', () => {
  test('what came is counted and said', async () => {
    expect(await send(await exit.h2(), 3_000_000)).toEqual({ status: 200, body: '{"bytes":3000000}' });
  });

  test('without a length, or with one that is too long, nothing is taken', async () => {
    const session = await exit.h2();
    expect((await send(session, 10, '')).status).toBe(400);
    // Of as many as announced the first are enough.
    const stream = session.request({ ...get('/bytes', HOST, 'POST'), 'content-length': String(MAX_SPEED_BYTES + 1) });
    stream.on('error', () => undefined);
    const response = once(stream, 'response');
    stream.write(Buffer.alloc(10));
    const [headers] = (await response) as [Record<string, unknown>];
    expect(headers[':status']).toBe(400);
    stream.close();
  });
});

test('names that pages may ask have no bytes, nor has the address', async () => {
  const session = await exit.h2();
  for (const host of [
    CIRCUIT_CHECK_HOST,
    `x.${CIRCUIT_CHECK_HOST}`,
    `at.${CIRCUIT_CHECK_HOST}`,
    `[${CIRCUIT_CHECK_ADDRESS}]`,
  ])
    expect((await ask(session, get('/bytes?count=1', host))).status).toBe(400);
  expect((await ask(session, get('/bytes?count=1', `${HOST}:8080`))).status).toBe(403);
  expect((await ask(session, get('/bytes?count=1', HOST, 'PUT'))).status).toBe(405);
});

test('one connection cannot go on for ever, and does not spend what another one may', async () => {
  const [greedy, modest] = [await exit.h2(), await exit.h2()];
  const statuses: unknown[] = [];
  for (let times = 0; times < 12; times += 1) statuses.push((await ask(greedy, get('/bytes?count=1'))).status);
  expect(statuses.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(statuses.slice(9)).toEqual([429, 429, 429]);
  expect((await ask(modest, get('/bytes?count=1'))).status).toBe(200);
});

test('nothing of it is logged', async () => {
  await ask(await exit.h2(), get('/bytes?count=1000'));
  expect(exit.log.join()).not.toContain('bytes?');
});
