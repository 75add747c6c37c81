// Who gets a peer id out of the broker's authentication: js-libp2p's own clients, and nobody who has not signed.

import { generateKeyPair } from '@libp2p/crypto/keys';
import { ClientInitiatedHandshake, ServerInitiatedHandshake } from '@libp2p/http-peer-id-auth';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { beforeAll, expect, test } from 'vitest';
import {
  dataToSign,
  decodeBase64,
  encodeBase64,
  encodeKey,
  formatAuthParams,
  parseAuthParams,
} from '../../../../../relay/net/peer-id-auth.ts';
import { createAuthenticate, type Authenticate } from '../../../../../relay/zone/broker/authenticate.ts';

const HOST = 'registration.zone.test:8443';
const MINUTE_MS = 60_000;

let server: PrivateKey;
let client: PrivateKey;
let other: PrivateKey;
let now: number;
let authenticate: Authenticate;

beforeAll(async () => {
  [server, client, other] = await Promise.all([
    generateKeyPair('Ed25519'),
    generateKeyPair('Ed25519'),
    generateKeyPair('Ed25519'),
  ]);
});

const start = (): void => {
  now = 1_000_000_000_000;
  authenticate = createAuthenticate(server, () => now);
};

async function challengeFor(header?: string, host = HOST): Promise<string> {
  const outcome = await authenticate(header, host);
  if (outcome.kind !== 'challenge') throw new Error('a peer id for nothing');
  return outcome.authenticate;
}

/** An answer to a challenge, by whatever key and about whatever. */
async function sign(
  challenge: string,
  key: PrivateKey,
  more: Record<string, string> = {},
  host = HOST,
): Promise<string> {
  const params = parseAuthParams(challenge)!;
  const data = dataToSign({
    'challenge-client': params.get('challenge-client')!,
    'server-public-key': decodeBase64(params.get('public-key'))!,
    hostname: host,
  });
  return formatAuthParams({ opaque: params.get('opaque')!, sig: encodeBase64(await key.sign(data)), ...more });
}

test.each(['Ed25519', 'secp256k1'] as const)('js-libp2p proves who it is, beginning itself, with %s', async (type) => {
  start();
  const key = await generateKeyPair(type);
  const handshake = new ClientInitiatedHandshake(key, HOST);
  const answer = await handshake.verifyServer(await challengeFor(handshake.getChallenge()));
  const outcome = await authenticate(answer, HOST);
  expect(outcome).toMatchObject({ kind: 'peer' });
  if (outcome.kind !== 'peer') return;
  expect(outcome.peer.equals(peerIdFromPrivateKey(key))).toBe(true);
  expect(handshake.serverId?.equals(peerIdFromPrivateKey(server))).toBe(true);
  const again = await authenticate(handshake.decodeBearerToken(outcome.info!), HOST);
  expect(again.kind === 'peer' && again.peer.equals(peerIdFromPrivateKey(key))).toBe(true);
});

test('js-libp2p proves who it is where the server begins', async () => {
  start();
  const handshake = new ServerInitiatedHandshake(client, HOST);
  const outcome = await authenticate(await handshake.answerServerChallenge(await challengeFor()), HOST);
  expect(outcome.kind === 'peer' && outcome.peer.equals(peerIdFromPrivateKey(client))).toBe(true);
  if (outcome.kind !== 'peer') return;
  await handshake.decodeBearerToken(outcome.info!);
  expect(handshake.serverId?.equals(peerIdFromPrivateKey(server))).toBe(true);
});

test('a token is good for an hour, after a restart too, and not at another host', async () => {
  start();
  const outcome = await authenticate(
    await sign(await challengeFor(), client, { 'public-key': encodeKey(client.publicKey) }),
    HOST,
  );
  const bearer = formatAuthParams({ bearer: parseAuthParams((outcome as { info: string }).info)!.get('bearer')! });
  const restarted = createAuthenticate(server, () => now);
  expect((await restarted(bearer, HOST)).kind).toBe('peer');
  expect((await authenticate(bearer, 'other.test')).kind).toBe('challenge');
  now += 59 * MINUTE_MS;
  expect((await authenticate(bearer, HOST)).kind).toBe('peer');
  now += 2 * MINUTE_MS;
  expect((await authenticate(bearer, HOST)).kind).toBe('challenge');
});

test.each<[string, () => Promise<string | undefined>]>([
  ['nothing', async () => undefined],
  ['another scheme', async () => 'Basic YTpi'],
  [
    'a signature of another key than it names',
    async () => sign(await challengeFor(), other, { 'public-key': encodeKey(client.publicKey) }),
  ],
  [
    "a key that is not the sender's, with a challenge of its own and any signature",
    async () => {
      const opaque = parseAuthParams(await challengeFor())!.get('opaque')!;
      return formatAuthParams({
        'challenge-server': 'any',
        'public-key': encodeKey(client.publicKey),
        opaque,
        sig: encodeBase64(new Uint8Array(64)),
      });
    },
  ],
  [
    'the key of somebody else beside a challenge that was sealed for its own',
    async () => {
      const challenge = await challengeFor(
        formatAuthParams({ 'challenge-server': 'any', 'public-key': encodeKey(client.publicKey) }),
      );
      return sign(challenge, other, { 'public-key': encodeKey(other.publicKey) });
    },
  ],
  [
    'a signature for another host',
    async () => sign(await challengeFor(), client, { 'public-key': encodeKey(client.publicKey) }, 'evil.test'),
  ],
  [
    'a challenge for another host',
    async () => sign(await challengeFor(undefined, 'evil.test'), client, { 'public-key': encodeKey(client.publicKey) }),
  ],
  [
    'a challenge of six minutes ago',
    async () => {
      const challenge = await challengeFor();
      now += 6 * MINUTE_MS;
      return sign(challenge, client, { 'public-key': encodeKey(client.publicKey) });
    },
  ],
  [
    'a token that somebody made',
    async () => {
      const token = { kind: 'bearer', host: HOST, key: encodeKey(client.publicKey), at: now };
      const sealed = Buffer.concat([Buffer.alloc(32), Buffer.from(JSON.stringify(token))]);
      return formatAuthParams({ bearer: encodeBase64(sealed) });
    },
  ],
  [
    'a challenge as a token',
    async () => {
      const own = formatAuthParams({ 'challenge-server': 'any', 'public-key': encodeKey(client.publicKey) });
      return formatAuthParams({ bearer: parseAuthParams(await challengeFor(own))!.get('opaque')! });
    },
  ],
  [
    'a signature that is none',
    async () => (await sign(await challengeFor(), client)).replace(/sig="[^"]*"/, 'sig="YQ"'),
  ],
  [
    'a challenge to us that is too long',
    async () => formatAuthParams({ 'challenge-server': 'x'.repeat(500), 'public-key': encodeKey(client.publicKey) }),
  ],
])('gets a challenge and no peer id: %s', async (_, header) => {
  start();
  expect((await authenticate(await header(), HOST)).kind).toBe('challenge');
});
