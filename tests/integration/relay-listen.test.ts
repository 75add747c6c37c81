// An entry that listens on several addresses, IPv4 and IPv6: whoever comes by any of them is served, a lease is one for all of them, and where one cannot be had the relay does not run at all.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRelayNode } from '../../relay/net/node.ts';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { createCreditMeter } from '../support/credit-meter.ts';
import { eventually } from '../support/eventually.ts';
import { startPaidRelays } from '../support/paid-relays.ts';
import { freePort } from '../support/program.ts';
import { circuitName, receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import { createRelayBench, type RelayBench, type RelayProcess } from '../support/relay-process.ts';

const HOSTS = ['127.21.0.1', '127.22.0.1', '::1'];
const ACCESS_DENIED = Buffer.from([21, 3, 3, 0, 2, 2, 49]);

let bench: RelayBench;
let entry: RelayProcess;
let exits: RelayProcess[];
let ports: { tunnels: number; libp2p: number };

const spelt = (port: number): string[] =>
  HOSTS.map((host) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
const family = (host: string): string => (host.includes(':') ? 'ip6' : 'ip4');

beforeAll(async () => {
  bench = await createRelayBench();
  ports = { tunnels: await freePort(HOSTS[0]!), libp2p: await freePort(HOSTS[0]!) };
  entry = await bench.startEntry({}, { tunnels: spelt(ports.tunnels), libp2p: spelt(ports.libp2p) });
  const peer = entry.identity.peerId.toString();
  exits = await Promise.all(
    HOSTS.map((host) => bench.startRawExit([`/${family(host)}/${host}/tcp/${ports.libp2p}/p2p/${peer}`])),
  );
  // The entry's own word for each: an exit is connected a moment before its entry knows that it is one.
  await eventually(() => expect(entry.lines.filter(({ event }) => event === 'entry-exit-connected')).toHaveLength(3));
});
afterAll(() => bench.clean());

function open(host: string, exit: RelayProcess, command: string): Socket {
  const socket = connect({ host, port: ports.tunnels, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([makeHello({ serverName: circuitName(exit) }), Buffer.from(`${command}\n`)]));
  return socket;
}

test('by each address exits come in and tunnels go through, to the exit of any of them', async () => {
  const received = await Promise.all(
    HOSTS.flatMap((host) => exits.map(async (exit) => receive(open(host, exit, 'send 1000')))),
  );
  expect(received.map(({ length }) => length)).toEqual(Array.from({ length: 9 }, () => 1000));
  const ready = entry.lines.find(({ event }) => event === 'relay-ready');
  expect([ready?.['tunnels'], ready?.['alsoTunnels']].flat()).toEqual(spelt(ports.tunnels));
  expect((ready?.['libp2p'] as string[]).map((address) => address.split('/')[2])).toEqual(HOSTS);
});

test('a lease is one for all addresses of the entry, and of its own source alone', async ({ onTestFinished }) => {
  const [host, ...also] = ['127.23.0.1', '127.24.0.1', '::1'];
  const relays = await startPaidRelays(undefined, { host, also });
  onTestFinished(() => relays.close());
  const [mine, neighbours, sixth] = [createCreditMeter(), createCreditMeter(), createCreditMeter()];
  const [from, other] = ['127.0.3.231', '127.0.3.232'];
  const lease = relays.lease('a', from, mine);
  const neighbour = relays.lease('b', from, neighbours);
  relays.lease('c', '::1', sixth);
  expect([lease.port, neighbour.port].sort()).toEqual([...new Set([lease.port, neighbour.port])].sort());
  const tunnel = async (source: string, port: number, to: string): Promise<Buffer> => {
    const socket = relays.connect(source, port, to);
    socket.write(relays.opening('send 1000'));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  // Whichever address it was given by, its tunnels by the others are its own.
  for (const to of [host, also[0]]) expect(await tunnel(from, lease.port, to)).toHaveLength(1000);
  expect([mine.down, neighbours.down]).toEqual([2000, 0]);
  // A neighbour behind the same address has another port, at each of them.
  for (const to of [host, also[0]]) expect(await tunnel(from, neighbour.port, to)).toHaveLength(1000);
  expect([mine.down, neighbours.down]).toEqual([2000, 2000]);
  for (const to of [host, also[0]]) expect((await tunnel(other, lease.port, to)).equals(ACCESS_DENIED)).toBe(true);
  expect(await tunnel('::1', relays.port, '::1')).toHaveLength(1000);
  expect([mine.down, neighbours.down, sixth.down]).toEqual([2000, 2000, 1000]);
  lease.release();
  expect((await tunnel(from, lease.port, also[0])).equals(ACCESS_DENIED)).toBe(true);
});

test('a web server beside the tunnels is told which of the addresses its visitor came to', async ({
  onTestFinished,
}) => {
  const [host, six] = ['127.26.0.1', '::1'];
  const heard: Buffer[] = [];
  const web = createServer((socket) => {
    socket.once('data', (header: Buffer) => {
      heard.push(header);
      socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const address = { host: '127.0.0.1', port: (web.address() as { port: number }).port };
  const relays = await startPaidRelays(undefined, { host, also: [six], web: { address, proxyProtocol: true } });
  onTestFinished(async () => {
    await relays.close();
    web.close();
  });
  for (const [from, to] of [
    ['127.0.3.233', host],
    [six, six],
  ] as const) {
    const visitor = relays.connect(from, relays.port, to);
    visitor.resume().write(makeHello({ serverName: 'www.example.org' }));
    await once(visitor, 'end', { signal: AbortSignal.timeout(5000) }).finally(() => visitor.destroy());
  }
  // PROXY v2: 16 bytes, then source, destination and their ports.
  expect(heard.map((header) => header[13])).toEqual([0x11, 0x21]);
  expect([...heard[0]!.subarray(16, 24)]).toEqual([127, 0, 3, 233, 127, 26, 0, 1]);
  expect(heard[0]!.readUInt16BE(26)).toBe(relays.port);
  expect(heard[1]!.readUInt16BE(50)).toBe(relays.port);
});

test.each(['tunnels', 'libp2p'] as const)('one of %s that cannot be had is named, and the relay ends', async (role) => {
  // IPv6: of a list with both, libp2p would go on without it.
  const [good, taken] = ['127.25.0.1', '::1'];
  const other = createServer().listen(0, taken);
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const began = performance.now();
  await expect(bench.startEntry({}, { [role]: [`${good}:${port}`, `[${taken}]:${port}`] })).rejects.toThrow(
    `conet-relay: [${taken}]:${port} is in use by another program\n`,
  );
  // What it had already is given back, and holds nothing up.
  expect(performance.now() - began).toBeLessThan(10_000);
  await expect(once(connect({ host: good, port }), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  other.close();
});

test('a node that cannot listen on one of its addresses listens on none', async () => {
  const other = createServer().listen(0, '::1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const listen = [
    { host: '127.25.0.2', port },
    { host: '::1', port },
  ];
  const privateKey = await generateKeyPair('Ed25519');
  await expect(createRelayNode({ privateKey, listen, mayDial: [] })).rejects.toMatchObject({
    ...{ name: 'ListenError', code: 'EADDRINUSE', address: { host: '::1', port } },
  });
  const free = createServer().listen(port, '127.25.0.2');
  await once(free, 'listening');
  free.close();
  other.close();
});
