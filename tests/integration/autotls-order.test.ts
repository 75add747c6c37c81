// Our ACME client against Debian's pebble, the challenge set in pebble-challtestsrv: nothing of our zone takes part.

import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orderCertificate } from '../../relay/certificates/acme-order.ts';
import { createAcmeTransport } from '../../relay/certificates/acme-transport.ts';
import { certificateId, createRequest } from '../../relay/certificates/certificate-request.ts';
import type { HttpsClient } from '../../relay/certificates/https-request.ts';
import { createTestCa } from '../support/certificates.ts';
import {
  PEBBLE_NAME,
  startChallengeServer,
  startPebble,
  type ChallengeServer,
  type Pebble,
} from '../support/pebble.ts';
import { testClient } from '../support/zone-broker.ts';
import { PEER } from '../support/zone-dns.ts';

const HOST = '127.0.5.3';
const NAME = `*.${PEER}.zone.test`;

let challenges: ChallengeServer;
let pebble: Pebble;
let client: HttpsClient;
let account: KeyObject;

beforeAll(async () => {
  const ca = await createTestCa();
  challenges = await startChallengeServer(HOST);
  pebble = await startPebble({ host: HOST, dns: challenges.dns, ca });
  client = testClient(ca, HOST);
  account = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
});

afterAll(async () => {
  client.close();
  await Promise.all([pebble.stop(), challenges.stop()]);
});

const order = async (solve: (digest: string) => Promise<void>, replaces?: string): Promise<string> => {
  const transport = createAcmeTransport(`https://${PEBBLE_NAME}:${pebble.port}/dir`, account, client, () => Date.now());
  const { csr } = await createRequest(NAME);
  return orderCertificate({
    transport,
    account,
    name: NAME,
    csr,
    replaces,
    solve,
    signal: AbortSignal.timeout(20_000),
  });
};

test('a challenge that is set gives a chain for the name', async () => {
  const chain = await order((digest) => challenges.set(`_acme-challenge.${PEER}.zone.test`, digest));
  const [leaf = '', issuer = ''] = chain.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const certificate = new X509Certificate(leaf);
  expect(certificate.subjectAltName).toBe(`DNS:${NAME}`);
  expect(certificate.checkIssued(new X509Certificate(issuer))).toBe(true);
  // RFC 9773 §4.1: key identifier and serial number, as they stand in the certificate.
  const [keyId, serial] = certificateId(leaf)!.split('.');
  expect(Buffer.from(serial!, 'base64url').toString('hex').replace(/^00/, '')).toBe(
    certificate.serialNumber.toLowerCase(),
  );
  expect(certificate.raw.includes(Buffer.from(keyId!, 'base64url'))).toBe(true);
});

test('one that is not set, or is another, fails by name', async () => {
  const wrong = (): Promise<void> => challenges.set(`_acme-challenge.${PEER}.zone.test`, 'A'.repeat(43));
  await expect(order(wrong)).rejects.toMatchObject({ code: 'challenge-failed' });
});

test('an authority whose certificate nobody vouches for is not spoken to', async () => {
  const stranger = testClient(await createTestCa('another root'), HOST);
  const transport = createAcmeTransport(`https://${PEBBLE_NAME}:${pebble.port}/dir`, account, stranger, () =>
    Date.now(),
  );
  await expect(transport.directory(AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'authority-unreachable',
  });
  stranger.close();
});
