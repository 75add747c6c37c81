// The broker over HTTPS with real libp2p nodes behind the addresses that relays name: who is let in, who is not, and what is set in the zone then.

import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HttpsClient } from '../../relay/certificates/https-request.ts';
import { registerChallenge } from '../../relay/certificates/registration.ts';
import { peerLabel } from '../../relay/identity.ts';
import { createRelayNode } from '../../relay/net/node.ts';
import { createTestCa, type TestCa } from '../support/certificates.ts';
import { startTestZone, testClient, type TestZone } from '../support/zone-broker.ts';
import { ZONE_NAME } from '../support/zone-dns.ts';

const HOST = '127.0.5.2';
const VALUE = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';

let ca: TestCa;
let zone: TestZone;
let client: HttpsClient;
let key: PrivateKey;
let relay: Libp2p;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  ca = await createTestCa();
  zone = await startTestZone({ domain: ZONE_NAME, host: HOST, ca });
  closers.push(() => zone.close());
  client = testClient(ca, HOST);
  closers.push(() => client.close());
  key = await generateKeyPair('Ed25519');
  relay = await createRelayNode({ privateKey: key, listen: [{ host: HOST, port: 0 }], mayDial: [] });
  closers.push(() => relay.stop());
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const register = (init: Partial<Parameters<typeof registerChallenge>[0]> = {}): Promise<void> =>
  registerChallenge({
    registration: zone.registration,
    privateKey: key,
    value: VALUE,
    addresses: relay.getMultiaddrs().map(String),
    client,
    signal: AbortSignal.timeout(20_000),
    ...init,
  });

test('a relay that is reached under its peer id has its challenge set', async () => {
  const label = peerLabel(relay.peerId);
  expect(zone.challenges.get(label)).toEqual([]);
  await register();
  expect(zone.challenges.get(label)).toEqual([VALUE]);
  expect(zone.lines).toContainEqual(expect.objectContaining({ event: 'zone-registration', peer: label }));
  expect(JSON.stringify(zone.lines)).not.toContain(HOST);
});

test('a relay that is not there, or is another, has none', async () => {
  const other = await generateKeyPair('Ed25519');
  const [address = ''] = relay.getMultiaddrs().map(String);
  const without = address.replace(/\/p2p\/.*/, '');
  for (const [addresses, line] of [
    [[without], /No address led to this peer/],
    [[address], /None of the addresses/],
    [[`/ip4/${HOST}/tcp/1`], /No address led to this peer/],
  ] as const) {
    await expect(register({ privateKey: other, addresses })).rejects.toMatchObject({
      code: 'broker-refused',
      message: expect.stringMatching(line) as string,
    });
  }
});

test('private addresses are not dialled where they are not opened', async () => {
  const strict = await startTestZone({ domain: ZONE_NAME, host: HOST, ca, mayDial: () => false });
  try {
    await expect(register({ registration: strict.registration })).rejects.toMatchObject({
      code: 'broker-refused',
      message: expect.stringContaining('403') as string,
    });
    expect(strict.challenges.get(peerLabel(relay.peerId))).toEqual([]);
  } finally {
    await strict.close();
  }
});

test('a relay, and a network, that come too often are told to wait', async () => {
  const slow = { burst: 2, perSecond: 0.001, keys: 10 };
  const wide = { burst: 100, perSecond: 1, keys: 10 };
  for (const limits of [
    { peer: slow, network: wide },
    { peer: wide, network: { ...slow, burst: 4 } },
  ]) {
    const limited = await startTestZone({ domain: ZONE_NAME, host: HOST, ca, limits });
    try {
      await register({ registration: limited.registration });
      await register({ registration: limited.registration });
      await expect(register({ registration: limited.registration })).rejects.toMatchObject({
        code: 'broker-limit',
        retryAfterMs: 60_000,
      });
    } finally {
      await limited.close();
    }
  }
});

test('everything else is refused by name', async () => {
  const url = (path: string) => new URL(path, zone.registration);
  const signal = AbortSignal.timeout(20_000);
  const health = await client.request(url('/v1/health'), { method: 'GET', signal });
  expect(health.status).toBe(204);
  expect((await client.request(url('/'), { method: 'GET', signal })).status).toBe(404);
  const open = await client.request(url('/v1/_acme-challenge'), { method: 'POST', body: '{}', signal });
  expect([open.status, open.headers['www-authenticate']]).toEqual([
    401,
    expect.stringMatching(/^libp2p-PeerID challenge-client=/),
  ]);
  await expect(register({ value: 'short' })).rejects.toMatchObject({
    message: expect.stringContaining('400') as string,
  });
  const long = Array<string>(400).fill('/ip4/198.51.100.7/tcp/4001/padding/padding/padding/padding');
  await expect(register({ addresses: long })).rejects.toMatchObject({
    message: expect.stringContaining('413') as string,
  });
});

test.each([
  ['a host that is not this one', 'POST /v1/_acme-challenge HTTP/1.1\r\nhost: elsewhere.test\r\n\r\n', '421'],
  ['headers that are too long', `GET /v1/health HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(9000)}\r\n\r\n`, '431'],
])('is refused: %s', async (_, request, status) => {
  const { port } = zone.broker.address;
  const socket = connectTls({ host: HOST, port, servername: `registration.${ZONE_NAME}`, ca: ca.certificate });
  await once(socket, 'secureConnect');
  socket.write(request);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString().slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  socket.destroy();
});
