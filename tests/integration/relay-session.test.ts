// The entry's own name: libp2p over WebSocket, as a client's worker uses it, and the stock TCP transport on the port for exits.

import { once } from 'node:events';
import { request } from 'node:https';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { circuitName } from '../support/relay-client.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';

let bench: RelayBench;
let entry: RelayProcess;
let client: Awaited<ReturnType<typeof startClient>>;

function startClient() {
  return createLibp2p({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { ping: ping(), identify: identify() },
  });
}

/** Names of relays stand for the address in their first label. */
function lookup(name: string, options: { all?: boolean }, found: (error: null, ...answer: unknown[]) => void): void {
  const address = name.split('.')[0]!.replaceAll('-', '.');
  if (options.all === true) found(null, [{ address, family: 4 }]);
  else found(null, address, 4);
}

beforeAll(async () => {
  bench = await createRelayBench();
  entry = await bench.startEntry();
  const { certificate: ca } = bench.ca;
  // The transport takes the platform's WebSocket, which a browser would tell of the authority and the names.
  vi.stubGlobal(
    'WebSocket',
    class extends WebSocket {
      constructor(url: string) {
        super(url, { ca, lookup: lookup as never });
      }
    },
  );
  client = await startClient();
});
afterAll(async () => {
  await client.stop();
  vi.unstubAllGlobals();
  await bench.clean();
});

test('a worker reaches the entry by WebSocket on its own name, on the port of the tunnels, and pings it', async () => {
  const { port } = tunnelsPort(entry);
  const address = multiaddr(`/dns4/${circuitName(entry)}/tcp/${port}/tls/ws/p2p/${entry.identity.peerId.toString()}`);
  const connection = await client.dial(address, { signal: AbortSignal.timeout(10_000) });
  expect(connection.remotePeer.equals(entry.identity.peerId)).toBe(true);
  expect(await client.services.ping.ping(entry.identity.peerId)).toBeGreaterThanOrEqual(0);
  const { agentVersion, listenAddrs } = await client.services.identify.identify(connection);
  expect(agentVersion).toMatch(/^conet-relay\//);
  expect(listenAddrs.map(String).join()).not.toContain('127.0.0.1');
  // A client is no exit, whatever it speaks.
  expect(entry.lines.some((line) => line.event === 'entry-exit-connected')).toBe(false);
  await connection.close();
});

test('the end of the relay closes the WebSocket, and so does an abort on either side', async () => {
  const other = await bench.startEntry();
  const { port } = tunnelsPort(other);
  const address = multiaddr(`/dns4/${circuitName(other)}/tcp/${port}/tls/ws/p2p/${other.identity.peerId.toString()}`);
  const connection = await client.dial(address);
  const closed = once(connection, 'close');
  other.signal('SIGTERM');
  await closed;
  expect(await other.ended).toBe(0);
});

test('the stock TCP transport connects where exits do', async () => {
  const connection = await client.dial(multiaddr(libp2pAddress(entry)), { force: true });
  expect(connection.status).toBe('open');
  expect(await client.services.ping.ping(multiaddr(libp2pAddress(entry)))).toBeGreaterThanOrEqual(0);
  await connection.close();
});

test('a browser that opens the entry as a page is told to upgrade', async () => {
  const { port } = tunnelsPort(entry);
  const asked = request({ host: circuitName(entry), port, ca: bench.ca.certificate, lookup: lookup as never });
  asked.end();
  const [response] = (await once(asked, 'response')) as [{ statusCode: number }];
  expect(response.statusCode).toBe(426);
});
