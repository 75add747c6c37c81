// A relay that gets certificates in zones of the test: for each zone its own name server, broker and pebble, with fronts before broker and pebble that a test turns off; and a relay's libp2p node
// that brokers dial.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTlsServer, connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { createAutotlsSource } from '../../relay/certificates/autotls-source.ts';
import type { CertificateSource } from '../../relay/certificates/certificate-source.ts';
import { contextByName } from '../../relay/certificates/context-by-name.ts';
import type { HttpsClient } from '../../relay/certificates/https-request.ts';
import type { AutotlsConfig, AutotlsZone } from '../../relay/config/certificate.ts';
import { peerLabel } from '../../relay/identity.ts';
import { createRelayNode } from '../../relay/net/node.ts';
import { createTestClock, type TestClock } from './autotls-clock.ts';
import { createTestCa, type TestCa } from './certificates.ts';
import { startFront, type Front } from './https-front.ts';
import { PEBBLE_NAME, startPebble, type Pebble } from './pebble.ts';
import { recordingLog, startTestZone, testClient, type TestZone } from './zone-broker.ts';

export type BenchZone = {
  zone: TestZone;
  pebble: Pebble;
  /** Before pebble and before the broker. */
  authority: Front;
  broker: Front;
  /** For a relay's configuration. */
  config: AutotlsZone;
};

export type AutotlsBench = Awaited<ReturnType<typeof createAutotlsBench>>;
export type RunningSource = { source: CertificateSource; clock: TestClock; lines: Record<string, unknown>[] };

/** @param options `brokerName`: for clients that look names up themselves */
export async function createAutotlsBench(
  host: string,
  domains: readonly string[],
  { brokerName }: { brokerName?: string } = {},
) {
  const ca = await createTestCa();
  const client = testClient(ca, host);
  const folder = await mkdtemp(join(tmpdir(), 'conet-autotls-'));
  const privateKey = await generateKeyPair('Ed25519');
  const label = peerLabel(peerIdFromPrivateKey(privateKey));
  const node = await createRelayNode({ privateKey, listen: [{ host, port: 0 }], mayDial: [] });
  const zones = await Promise.all(
    domains.map((domain) => startZone(host, domain, ca, brokerName ?? `registration.${domain}`)),
  );
  const sources: CertificateSource[] = [];
  let states = 0;

  const start = (
    parts: StartParts = {},
  ): { running: Promise<RunningSource>; clock: TestClock; lines: Record<string, unknown>[]; state: string } => {
    const state = parts.state ?? join(folder, `state-${(states += 1)}`);
    const clock = parts.clock ?? createTestClock();
    const lines: Record<string, unknown>[] = [];
    const config: AutotlsConfig = {
      state,
      ctLogs: [],
      zones: zones.map((each) => each.config),
      announce: node.getMultiaddrs().map((address) => address.toString().replace(/\/p2p\/.*/, '')),
      ...parts.config,
    };
    const init = { config, label, privateKey: parts.privateKey ?? privateKey, log: recordingLog(lines), clock };
    const running = createAutotlsSource({ ...init, client: parts.client ?? client, ctClient: client }).then(
      (source) => {
        sources.push(source);
        return { source, clock, lines };
      },
    );
    return { running, clock, lines, state };
  };

  return {
    ...{ ca, client, folder, zones, label, privateKey, node },
    start,
    close: async (): Promise<void> => {
      for (const source of sources) source.close();
      client.close();
      await Promise.all([node.stop(), ...zones.map((each) => closeZone(each))]);
      await rm(folder, { recursive: true });
    },
  };
}

type StartParts = {
  state?: string;
  clock?: TestClock;
  client?: HttpsClient;
  config?: Partial<AutotlsConfig>;
  privateKey?: Ed25519PrivateKey;
};

/** A test file is one relay that asks again and again. */
const OFTEN = { burst: 1000, perSecond: 1000, keys: 10 };

async function startZone(host: string, domain: string, ca: TestCa, name: string): Promise<BenchZone> {
  const zone = await startTestZone({ domain, host, ca, name, limits: { network: OFTEN, peer: OFTEN } });
  const pebble = await startPebble({ host, dns: zone.dns, ca });
  const broker = await startFront(host, { host, port: zone.broker.address.port }, await ca.issue({ names: [name] }));
  const authority = await startFront(host, pebble, await ca.issue({ names: [PEBBLE_NAME, 'localhost'] }));
  return {
    ...{ zone, pebble, broker, authority },
    config: {
      domain,
      registration: `https://${name}:${broker.port}`,
      acme: `https://${PEBBLE_NAME}:${authority.port}/dir`,
    },
  };
}

async function closeZone({ zone, pebble, broker, authority }: BenchZone): Promise<void> {
  await Promise.all([broker.close(), authority.close()]);
  await Promise.all([zone.close(), pebble.stop()]);
}

/** What a TLS server with this source shows to a client that asks for a name and trusts `root`. Rejects where the client would. */
export async function shownFor(source: CertificateSource, name: string, root: string): Promise<X509Certificate> {
  const options = ({ chain, key }: { chain: string; key: string }) => ({ cert: chain, key });
  const server = createTlsServer({ ...options(source.current()), ...contextByName(source, options) });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connectTls({ host: '127.0.0.1', port, servername: name, ca: root });
  try {
    await once(socket, 'secureConnect');
    return new X509Certificate(socket.getPeerX509Certificate()!.raw);
  } finally {
    socket.destroy();
    server.close();
  }
}
