// The exit's own answer to "which exit am I on?", signed with a real key over the client's nonce (invariant I5).

import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CIRCUIT_CHECK_HOST,
  circuitCheckMessage,
  circuitCheckUrl,
  parseCircuitCheckAnswer,
} from '../../src/core/circuit/circuit-check.ts';
import { startDns, type TestDns } from '../support/exit-dns.ts';
import { ask, PEER, startExit, tunnel, type TestExit } from '../support/exit-proxy.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
let exit: TestExit;
let dns: TestDns;

beforeEach(async () => {
  dns = await startDns(() => ['127.0.2.1']);
  exit = await startExit({ resolvers: [dns.server], sign: async (bytes) => sign(null, bytes, privateKey) });
});

afterEach(async () => {
  expect(dns.queries).toEqual([]);
  await exit.stop();
  await dns.stop();
});

function check(
  nonce: string,
  method = 'GET',
  authority = CIRCUIT_CHECK_HOST,
  path = `/?nonce=${nonce}`,
): Record<string, string> {
  return { ':method': method, ':scheme': 'http', ':authority': authority, ':path': path };
}

test('the answer is signed over the nonce, is not stored, and no page may read it', async () => {
  const nonce = randomBytes(32).toString('hex');
  const answer = await ask(await exit.h2(), check(nonce));
  expect(answer.status).toBe(200);
  const read = parseCircuitCheckAnswer(JSON.parse(answer.body.toString()));
  expect(read).toMatchObject({ peer: PEER, nonce });
  const signature = Buffer.from(read?.signature ?? '', 'hex');
  const said = { peer: PEER, nonce, entry: undefined };
  expect(verify(null, circuitCheckMessage(said), publicKey, signature)).toBe(true);
  const other = randomBytes(32).toString('hex');
  expect(verify(null, circuitCheckMessage({ ...said, nonce: other }), publicKey, signature)).toBe(false);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('it is answered over HTTP/1.1 too', async () => {
  const client = await exit.tls('http/1.1');
  const nonce = randomBytes(32).toString('hex');
  client.end(`GET ${circuitCheckUrl(nonce)} HTTP/1.1\r\nHost: ${CIRCUIT_CHECK_HOST}\r\nConnection: close\r\n\r\n`);
  const text = Buffer.concat((await client.toArray()) as Buffer[]).toString();
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(text).toContain(`"nonce":"${nonce}"`);
});

test.each([
  ['no nonce', '/', 400],
  ['a short nonce', `/?nonce=${'a'.repeat(63)}`, 400],
  ['upper case', `/?nonce=${'A'.repeat(64)}`, 400],
  ['a nonce that holds a line', `/?nonce=${'a'.repeat(63)}%0a`, 400],
  ['another path', `/x?nonce=${'a'.repeat(64)}`, 400],
])('%s is refused', async (_name, path, status) => {
  expect((await ask(await exit.h2(), check('', 'GET', CIRCUIT_CHECK_HOST, path))).status).toBe(status);
});

test('other methods, other ports and tunnels are refused', async () => {
  const session = await exit.h2();
  const nonce = 'a'.repeat(64);
  expect((await ask(session, check(nonce, 'POST'))).status).toBe(405);
  expect((await ask(session, check(nonce, 'GET', `${CIRCUIT_CHECK_HOST}:8080`))).status).toBe(403);
  await expect(tunnel(session, `${CIRCUIT_CHECK_HOST}:80`)).rejects.toThrow('403');
});

test('one connection cannot keep the exit signing, and does not spend what another one may', async () => {
  const [greedy, modest] = [await exit.h2(), await exit.h2()];
  const nonce = 'a'.repeat(64);
  const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await ask(greedy, check(nonce))).status));
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(40);
  expect(statuses).toContain(429);
  expect((await ask(modest, check(nonce))).status).toBe(200);
});
