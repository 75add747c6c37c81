// An entry with leases and an exit, in the process of the test, so that it can be their account: real sockets, real libp2p between them, and
// the raw byte server behind the exit.

import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { parse } from 'valibot';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import type { CertificateSource } from '../../relay/certificates/certificate-source.ts';
import { parseHostPort } from '../../relay/config/parts.ts';
import { LimitsSchema } from '../../relay/config/limits.ts';
import type { WebConfig } from '../../relay/config/web.ts';
import { createEntry } from '../../relay/entry/entry.ts';
import { createExit } from '../../relay/exit/exit.ts';
import { peerLabel } from '../../relay/identity.ts';
import { createRelayNode } from '../../relay/net/node.ts';
import type { TunnelMeter } from '../../relay/net/tunnel-meter.ts';
import { createTestCa } from './certificates.ts';
import { makeHello } from './relay-hello.ts';
import { freePort } from './program.ts';
import { createRawProxy } from './raw-proxy.ts';

const HOST = '127.0.1.32';
const ZONE = 'relay.test';

/**
 * @param meterOf the exit's account of a link; missing: it is not paid
 * @param host the entry's address
 * @param also further ones, at the same ports
 * @param web a web server that shares its port
 * @param limits the entry's, as in a configuration
 */
export async function startPaidRelays(
  meterOf?: () => TunnelMeter | undefined,
  { host = HOST, also = [], web, limits }: { host?: string; also?: string[]; web?: WebConfig; limits?: object } = {},
) {
  const log: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void log.push(line) });
  const [entryKey, exitKey] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')];
  const [entryPeer, exitPeer] = [peerIdFromPrivateKey(entryKey), peerIdFromPrivateKey(exitKey)];
  const [entryName, exitName] = [entryPeer, exitPeer].map((peer) =>
    formatCircuitName({ address: host, peer: peerLabel(peer), zone: ZONE }),
  ) as [string, string];
  const ca = await createTestCa();
  const leaf = await ca.issue({ names: [entryName] });
  const certificate: CertificateSource = {
    current: () => leaf,
    onChange: () => () => undefined,
    close: () => undefined,
  };

  const entryNode = await createRelayNode({
    privateKey: entryKey,
    listen: [{ host, port: 0 }],
    mayDial: [],
  });
  // One number for all addresses.
  const [port, leasePort] = also.length === 0 ? [0, 0] : [await freePort(host), await freePort(host)];
  const entry = await createEntry({
    node: entryNode,
    label: peerLabel(entryPeer),
    tunnels: [{ host, port }, ...also.map((other) => ({ host: other, port }))],
    leasePorts: [leasePort],
    web,
    certificate,
    limits: limits && parse(LimitsSchema, limits),
    log: logger,
  });
  let arrived = 0;
  const exitNode = await createRelayNode({ privateKey: exitKey, listen: [], mayDial: [entryPeer] });
  const connected = waitFor(log, 'entry-exit-connected');
  const exit = await createExit({
    node: exitNode,
    entries: entryNode.getMultiaddrs().map(String),
    proxy: await createRawProxy(),
    meterOf: () => {
      arrived += 1;
      return meterOf === undefined ? { pass: () => true, wait: async () => true } : meterOf();
    },
    log: logger,
  });
  await connected;
  const leases = entry.leases!;

  return {
    ca: ca.certificate,
    entryName,
    leases,
    log,
    /** The usual port. */
    port: parseHostPort(entry.tunnels[0]!)!.port,
    /** Streams that have come to the exit. */
    arrived: () => arrived,
    /** A lease for a client of that source. Throws where there is none. */
    lease: (peer: string, address: string, meter: TunnelMeter) => {
      const lease = leases.grant({ peer, address, meter });
      if (lease === 'no-port') throw new Error('no port');
      return lease;
    },
    /** A browser's connection, from a source of its choice. */
    connect: (localAddress: string, port: number, to = host): Socket => {
      const socket = connect({ host: to, port, localAddress, allowHalfOpen: true, noDelay: true });
      socket.on('error', () => undefined);
      return socket;
    },
    /** What opens a tunnel: the hello and the command for the raw server. */
    opening: (command: string) => Buffer.concat([makeHello({ serverName: exitName }), Buffer.from(`${command}\n`)]),
    close: async () => {
      await Promise.all([entry.close(0), exit.close(0)]);
      await Promise.all([entryNode.stop(), exitNode.stop()]);
    },
  };
}

export type PaidRelays = Awaited<ReturnType<typeof startPaidRelays>>;

/** Resolves with the log's next line of that event. */
function waitFor(log: string[], event: string): Promise<void> {
  return new Promise((resolve) => {
    const push = log.push.bind(log);
    log.push = (...lines) => {
      if (lines.some((line) => line.includes(`"${event}"`))) {
        log.push = push;
        resolve();
      }
      return push(...lines);
    };
  });
}
