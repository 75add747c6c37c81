// An exit behind NAT: nobody can reach it, so it listens nowhere, and it comes back by itself when its way to the entry was cut.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { multiaddr } from '@multiformats/multiaddr';
import { connectThrough, echoThrough, type CircuitEnds } from '../support/circuit-request.ts';
import { openPorts } from '../support/listening.ts';
import { createRelayBench, libp2pAddress, type RelayBench } from '../support/relay-process.ts';
import { createTcpWire, type TcpWire } from '../support/tcp-wire.ts';

const HOST = '127.0.1.33';
/** Where the exit's sites are. */
const SITES = '127.0.1.34';

const site = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
let place: string;
let bench: RelayBench;
let wire: TcpWire;
let ends: CircuitEnds;

beforeAll(async () => {
  site.listen(0, SITES);
  await once(site, 'listening');
  place = `${SITES}:${(site.address() as { port: number }).port}`;
  bench = await createRelayBench();
  const entry = await bench.startEntry();
  const [host, port, peer] = multiaddr(libp2pAddress(entry)).getComponents();
  wire = await createTcpWire(HOST, { host: host!.value!, port: Number(port!.value) });
  const exit = await bench.startExit([`/ip4/${HOST}/tcp/${wire.port}/p2p/${peer!.value}`], {
    destinations: { allow: [`${SITES}/32`] },
  });
  await entry.event('entry-exit-connected');
  ends = { entry, exit, ca: bench.ca.certificate };
});
afterAll(async () => {
  await bench.clean();
  await wire.cut();
  site.close();
});

test('it listens on no port while tunnels through it work', async () => {
  const running = await connectThrough(ends, place);
  expect(openPorts(ends.exit.pid)).toEqual([]);
  running.end('a word');
  expect(String((await once(running, 'data'))[0])).toBe('a word');
  expect(openPorts(ends.entry.pid)).toHaveLength(2); // the look finds what there is
});

test('cut off from its entry, it comes back by itself and carries tunnels again', async () => {
  const { entry, exit } = ends;
  const before = { entry: entry.lines.length, exit: exit.lines.length };
  const running = await connectThrough(ends, place);
  running.on('error', () => undefined);
  // Not by `once`, which takes the reset for a failure.
  const over = new Promise((resolve) => running.once('close', resolve));
  await wire.cut();
  await Promise.all([over, exit.event('exit-entry-lost', before.exit), entry.event('entry-exit-lost', before.entry)]);
  // One dial at least is in vain: the port is closed, as behind a router that starts anew.
  await exit.event('exit-entry-unreachable', before.exit);
  await expect(echoThrough(ends, place, 'too early')).rejects.toThrow();
  await wire.mend();
  await entry.event('entry-exit-connected', before.entry);
  expect(await echoThrough(ends, place, 'again')).toBe('again');
  expect(wire.open()).toBe(1);
  expect(openPorts(exit.pid)).toEqual([]);
});
