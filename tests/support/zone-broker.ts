// A whole zone for tests: name server and broker of one zone on a loopback address, its broker's certificate from a CA of the test.

import { generateKeyPair } from '@libp2p/crypto/keys';
import { pino, type Logger } from 'pino';
import type { CertificateSource } from '../../relay/certificates/certificate-source.ts';
import { createHttpsClient, type HttpsClient } from '../../relay/certificates/https-request.ts';
import { startBroker, type Broker } from '../../relay/zone/broker/broker.ts';
import type { RegistrationLimits } from '../../relay/zone/broker/handle.ts';
import { createChallenges, type Challenges } from '../../relay/zone/challenges.ts';
import { startNameServer, type NameServer } from '../../relay/zone/dns/server.ts';
import type { TestCa } from './certificates.ts';
import { testZone } from './zone-dns.ts';

export type TestZone = {
  domain: string;
  /** URL of the broker. */
  registration: string;
  /** `address:port` of the name server. */
  dns: string;
  challenges: Challenges;
  broker: Broker;
  nameServer: NameServer;
  /** Everything that it logged. */
  lines: Record<string, unknown>[];
  close(): Promise<void>;
};

export type TestZoneInit = {
  domain: string;
  host: string;
  ca: TestCa;
  limits?: RegistrationLimits;
  mayDial?: (address: string) => boolean;
  /** Of the broker. */
  name?: string;
  /** Of the broker and the name server; left out, the system chooses. */
  ports?: { broker: number; dns: number };
};

export async function startTestZone({
  domain,
  host,
  ca,
  limits,
  mayDial,
  ports,
  name = `registration.${domain}`,
}: TestZoneInit): Promise<TestZone> {
  const challenges = createChallenges(() => performance.now());
  const lines: Record<string, unknown>[] = [];
  const log = recordingLog(lines);
  const nameServer = await startNameServer({
    zone: testZone({
      name: domain,
      mailbox: `hostmaster.${domain}`,
      hosts: new Map(),
      challengesOf: (peer) => challenges.get(peer),
    }),
    listen: [{ host, port: ports?.dns ?? 0 }],
  });
  const broker = await startBroker({
    name,
    listen: { host, port: ports?.broker ?? 0 },
    certificate: fixedSource(await ca.issue({ names: [name] })),
    privateKey: await generateKeyPair('Ed25519'),
    challenges,
    mayDial: mayDial ?? (() => true),
    ...(limits && { limits }),
    log,
  });
  return {
    domain,
    registration: `https://${name}:${broker.address.port}`,
    dns: `${host}:${nameServer.addresses[0]!.port}`,
    ...{ challenges, broker, nameServer, lines },
    close: async () => {
      await Promise.all([broker.close(), nameServer.close()]);
    },
  };
}

export function recordingLog(lines: Record<string, unknown>[]): Logger {
  return pino(
    { level: 'trace' },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
}

export function fixedSource({
  chain,
  key,
  notAfter,
}: {
  chain: string;
  key: string;
  notAfter: number;
}): CertificateSource {
  return { current: () => ({ chain, key, notAfter }), onChange: () => () => undefined, close: () => undefined };
}

/** Trusts the CA of the test, and finds every name at one address. */
export function testClient(ca: TestCa, host: string, ...more: string[]): HttpsClient {
  return createHttpsClient({
    ca: [ca.certificate, ...more],
    lookup: (_name, { all }, callback) => {
      if (all) callback(null, [{ address: host, family: 4 }]);
      else callback(null, host, 4);
    },
  });
}
