// A relay that has no IPv4: its entry listens on IPv6 alone, its exit dials it there, and a client comes by a name with an IPv6 address in it.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { askStatus } from '../../relay/status/ask-status.ts';
import { createCreditMeter } from '../support/credit-meter.ts';
import { echoThrough, type CircuitEnds } from '../support/circuit-request.ts';
import { startPaidRelays } from '../support/paid-relays.ts';
import { circuitName, receive } from '../support/relay-client.ts';
import { createRelayBench, libp2pAddress, tunnelsPort, ZONE, type RelayBench } from '../support/relay-process.ts';

const HOST = '::1';
/** An exit opens no address of its own machine, and ::1 is the only one of loopback in IPv6: the site alone has IPv4. */
const SITES = '127.0.1.35';

const site = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
let bench: RelayBench;
let ends: CircuitEnds;

beforeAll(async () => {
  site.listen(0, SITES);
  await once(site, 'listening');
  bench = await createRelayBench();
  const entry = await bench.startEntry(
    { public: { addresses: ['2001:db8::1'], zone: ZONE } },
    { tunnels: `[${HOST}]:0`, libp2p: `[${HOST}]:0` },
  );
  const exit = await bench.startExit([libp2pAddress(entry)], { destinations: { allow: [`${SITES}/32`] } });
  await entry.event('entry-exit-connected');
  ends = { entry, exit, ca: bench.ca.certificate };
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await bench.clean();
  site.close();
});

test('a tunnel works end to end between relays that have IPv6 alone', async () => {
  expect(libp2pAddress(ends.entry)).toMatch(/^\/ip6\/::1\/tcp\/\d+\/p2p\//);
  expect(tunnelsPort(ends.entry).host).toBe(HOST);
  expect(circuitName(ends.exit, HOST)).toMatch(/^0--1\.k51/);
  const { port } = site.address() as { port: number };
  expect(await echoThrough(ends, `${SITES}:${port}`, 'over six')).toBe('over six');
});

test('a worker reaches the entry by its own name with that address in it', async () => {
  const { certificate: ca } = bench.ca;
  const lookup = (_: string, { all }: { all?: boolean }, found: (error: null, ...answer: unknown[]) => void): void =>
    all === true ? found(null, [{ address: HOST, family: 6 }]) : found(null, HOST, 6);
  vi.stubGlobal(
    'WebSocket',
    class extends WebSocket {
      constructor(url: string) {
        super(url, { ca, lookup: lookup as never });
      }
    },
  );
  const client = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  const { entry } = ends;
  const peer = entry.identity.peerId;
  // As src/net/entry-client.ts writes it; and as the relay's operator gives it to people.
  const written = `/dns/${circuitName(entry, HOST)}/tcp/${tunnelsPort(entry).port}/tls/ws/p2p/${peer.toString()}`;
  const { addresses } = await askStatus(join(bench.folder, `${entry.name}.key.sock`));
  const name = `2001-db8--1.${entry.identity.label}.${ZONE}`;
  expect(addresses).toEqual([`/dns6/${name}/tcp/${tunnelsPort(entry).port}/tls/ws/p2p/${peer.toString()}`]);
  for (const address of [written, ...addresses!]) {
    const connection = await client.dial(multiaddr(address), { signal: AbortSignal.timeout(10_000), force: true });
    expect(connection.remotePeer.equals(peer)).toBe(true);
    await connection.close();
  }
  await client.stop();
});

test('a lease is of the /64 that its client is in, and of no other', async ({ onTestFinished }) => {
  const relays = await startPaidRelays(undefined, { host: HOST });
  onTestFinished(() => relays.close());
  const [near, far] = [createCreditMeter(), createCreditMeter()];
  // Clients take another address of their /64 every day (RFC 8981): the tunnel comes from ::1.
  const lease = relays.lease('near', '::abcd:1', near);
  relays.lease('far', '0:0:0:1::1', far);
  const tunnel = (): ReturnType<typeof relays.connect> => {
    const socket = relays.connect(HOST, lease.port);
    socket.end(relays.opening('send 1000'));
    return socket;
  };
  expect((await receive(tunnel())).length).toBe(1000);
  expect([near.down, far.down]).toEqual([1000, 0]);
  lease.release();
  expect((await receive(tunnel())).length).toBe(7);
});
