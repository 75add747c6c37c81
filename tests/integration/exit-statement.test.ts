// What the exit says of a request, signed: the name as a name, its own address, the entry, and nothing of the client.

import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CIRCUIT_CHECK_ADDRESS,
  CIRCUIT_CHECK_HOST,
  circuitCheckMessage,
  parseCircuitCheckAnswer,
} from '../../src/core/circuit/circuit-check.ts';
import {
  parseSignedStatement,
  statementMessage,
  type CircuitStatement,
} from '../../src/core/circuit/circuit-statement.ts';
import { startDns, type TestDns } from '../support/exit-dns.ts';
import { ask, EXIT_NAME, PEER, startExit, type Answer, type TestExit } from '../support/exit-proxy.ts';

const ENTRY = 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r';
const SOURCE = '127.0.0.1';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
let exit: TestExit;
let dns: TestDns;

beforeEach(async () => {
  dns = await startDns(() => ['127.0.2.1']);
  exit = await startExit({
    resolvers: [dns.server],
    sign: async (bytes) => sign(null, bytes, privateKey),
    entries: [ENTRY],
    source: SOURCE,
  });
});

afterEach(async () => {
  expect(dns.queries, 'no check is ever resolved').toEqual([]);
  await exit.stop();
  await dns.stop();
});

const newNonce = (): string => randomBytes(32).toString('hex');

function see(session: ClientHttp2Session, authority: string, nonce: string, more: Record<string, string> = {}) {
  const path = `/statement?nonce=${nonce}`;
  return ask(session, { ':method': 'GET', ':scheme': 'http', ':authority': authority, ':path': path, ...more });
}

/** What was signed, once the signature was verified. */
function verified(answer: Answer): CircuitStatement {
  expect(answer.status).toBe(200);
  const { statement, signature } = parseSignedStatement(JSON.parse(answer.body.toString()))!;
  expect(verify(null, statementMessage(statement), publicKey, Buffer.from(signature, 'hex'))).toBe(true);
  return statement;
}

test.each([CIRCUIT_CHECK_HOST, `k3x9.dns.${CIRCUIT_CHECK_HOST}`, `[${CIRCUIT_CHECK_ADDRESS}]`])(
  'asked for %s, it says that it was asked for that, and who it is',
  async (host) => {
    const nonce = newNonce();
    const before = Date.now();
    const statement = verified(await see(await exit.h2(), host, nonce));
    expect(statement).toEqual({
      ...{ peer: PEER, nonce, host, form: 'absolute', version: 'h2', gpc: false },
      ...{ entry: undefined, source4: SOURCE, source6: undefined },
      time: statement.time,
    });
    expect(statement.time).toBeGreaterThanOrEqual(before);
    expect(statement.time).toBeLessThanOrEqual(Date.now());
  },
);

test('tunnels of an entry come through a door of its own, and are told apart', async () => {
  const path = exit.proxy.pathFrom(ENTRY);
  expect(path).not.toBe(exit.proxy.path);
  expect(exit.proxy.pathFrom(PEER), 'an entry that nobody named').toBe(exit.proxy.path);
  const socket = connectTls({
    ...{ socket: connectTcp({ path }), servername: EXIT_NAME, ca: exit.ca.certificate, ALPNProtocols: ['h2'] },
  });
  await once(socket, 'secureConnect');
  const session = connectHttp2(`https://${EXIT_NAME}`, { createConnection: () => socket });
  expect(verified(await see(session, CIRCUIT_CHECK_HOST, newNonce())).entry).toBe(ENTRY);
  const check = {
    ':method': 'GET',
    ':scheme': 'http',
    ':authority': CIRCUIT_CHECK_HOST,
    ':path': `/?nonce=${newNonce()}`,
  };
  const said = parseCircuitCheckAnswer(JSON.parse((await ask(session, check)).body.toString()));
  expect(said?.entry, 'signed with the short answer too').toBe(ENTRY);
  expect(verify(null, circuitCheckMessage(said!), publicKey, Buffer.from(said!.signature, 'hex'))).toBe(true);
  session.destroy();
});

test('it says whether the request asked for privacy', async () => {
  const session = await exit.h2();
  expect(verified(await see(session, CIRCUIT_CHECK_HOST, newNonce(), { 'sec-gpc': '1' })).gpc).toBe(true);
  expect(verified(await see(session, CIRCUIT_CHECK_HOST, newNonce(), { 'sec-gpc': '0' })).gpc).toBe(false);
});

test('over HTTP/1.1 it says so', async () => {
  const client = await exit.tls('http/1.1');
  const path = `http://${CIRCUIT_CHECK_HOST}/statement?nonce=${newNonce()}`;
  client.end(`GET ${path} HTTP/1.1\r\nHost: ${CIRCUIT_CHECK_HOST}\r\nConnection: close\r\n\r\n`);
  const text = Buffer.concat((await client.toArray()) as Buffer[]).toString();
  expect(text).toContain('"version":"http/1.1"');
});

test('a page can neither read it nor learn that somebody answers, and no frame shows it', async () => {
  for (const path of [`/statement?nonce=${newNonce()}`, `/?nonce=${newNonce()}`, '/blank']) {
    const headers = { ':method': 'GET', ':scheme': 'http', ':authority': CIRCUIT_CHECK_HOST, ':path': path };
    const { status, headers: fields } = await ask(await exit.h2(), headers);
    expect(status).toBe(200);
    expect(Object.keys(fields).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(fields['cross-origin-resource-policy']).toBe('same-origin');
    expect(fields['content-security-policy']).toBe("frame-ancestors 'none'");
    expect(fields['cache-control']).toBe('no-store');
  }
});

test('what is not asked rightly is refused, and nothing is signed', async () => {
  const session = await exit.h2();
  const status = async (path: string, method = 'GET', authority = CIRCUIT_CHECK_HOST) =>
    (await ask(session, { ':method': method, ':scheme': 'http', ':authority': authority, ':path': path })).status;
  expect(await status('/statement')).toBe(400);
  expect(await status(`/statement?nonce=${'A'.repeat(64)}`)).toBe(400);
  expect(await status(`/statement/?nonce=${newNonce()}`)).toBe(400);
  expect(await status(`/statement?nonce=${newNonce()}`, 'POST')).toBe(405);
  // Near the check's address, and yet documentation's.
  expect(await status(`/statement?nonce=${newNonce()}`, 'GET', '[2001:db8:636f:6e65:74::2]')).toBe(403);
  expect(await status(`/statement?nonce=${newNonce()}`, 'GET', `[${CIRCUIT_CHECK_ADDRESS}]:81`)).toBe(403);
  expect(await status(`/statement?nonce=${newNonce()}`, 'GET', `x${CIRCUIT_CHECK_HOST}`)).toBe(403);
});

test('statements and checks are counted together', async () => {
  const session = await exit.h2();
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => (await see(session, CIRCUIT_CHECK_HOST, newNonce())).status),
  );
  expect(statuses).toContain(429);
  expect(exit.log.join()).not.toContain(CIRCUIT_CHECK_HOST);
});
