// Tunnels that somebody pays for, through an entry and an exit: who is charged, what is refused, and what a stall does to the bytes.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { LEASE_IDLE_MS } from '../../relay/entry/leases.ts';
import { createCreditMeter, type CreditMeter } from '../support/credit-meter.ts';
import { startPaidRelays, type PaidRelays } from '../support/paid-relays.ts';
import { receive, receiveText, sendPattern } from '../support/relay-client.ts';
import { patternHash } from '../support/relay-pattern.ts';

const SIZE = 20_000_003;
/** What may pass beyond the credit: one chunk. */
const FRAME = 262_064;
const ACCESS_DENIED = [21, 3, 3, 0, 2, 2, 49];

let relays: PaidRelays;
/** The exit's account of the link: set by the tests that are about it. */
let link: CreditMeter | undefined;
/** Each test has an address of its own, and so no lease of another one. */
let address: string;
let tests = 0;

beforeAll(async () => {
  relays = await startPaidRelays(() => link);
});
afterAll(() => relays.close());
beforeEach(() => {
  link = createCreditMeter();
  address = `127.0.3.${(tests += 1)}`;
});

function tunnel(port: number, command: string, from = address): Socket {
  const socket = relays.connect(from, port);
  socket.write(relays.opening(command));
  return socket;
}

async function answerOf(socket: Socket): Promise<number[]> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  socket.end();
  return [...Buffer.concat(chunks)];
}

const closed = (socket: Socket) => new Promise<boolean>((resolve) => socket.once('close', resolve));
const refusals = (code: string) => relays.log.filter((line) => line.includes(`"code":"${code}"`)).length;

test('two clients behind one address have a port each, and each is charged its own bytes alone', async () => {
  const [mine, others] = [createCreditMeter(), createCreditMeter()];
  const own = relays.lease('a', address, mine);
  const other = relays.lease('b', `::ffff:${address}`, others);
  expect(own.port).toBe(relays.port);
  expect(other.port).not.toBe(own.port);
  const sockets = [tunnel(own.port, 'send 300000'), tunnel(other.port, 'send 1000000')];
  const received = await Promise.all(sockets.map(receive));
  expect(received.map(({ length }) => length)).toEqual([300_000, 1_000_000]);
  expect([mine.down, others.down]).toEqual([300_000, 1_000_000]);
  expect([mine.up, others.up]).toEqual([relays.opening('send 300000').length, relays.opening('send 1000000').length]);
  // The exit counts the same bytes for the link.
  expect(link).toMatchObject({ up: mine.up + others.up, down: 1_300_000 });
  sockets.forEach((socket) => socket.end());
});

test('a tunnel without a lease gets its alert, and nothing of it comes to the exit', async () => {
  const lease = relays.lease('a', address, createCreditMeter());
  const before = { arrived: relays.arrived(), refused: refusals('no-lease') };
  const from = address.replace('127.0.3', '127.0.4');
  expect(await answerOf(tunnel(lease.port, 'send 10', from))).toEqual(ACCESS_DENIED);
  lease.release();
  expect(await answerOf(tunnel(lease.port, 'send 10'))).toEqual(ACCESS_DENIED);
  expect(relays.arrived()).toBe(before.arrived);
  expect(refusals('no-lease')).toBe(before.refused + 2);
  for (const client of [from, address]) expect(relays.log.join()).not.toContain(client);
});

test('the entry’s own name answers at each port, without a lease', async () => {
  const other = relays.lease('b', address, createCreditMeter());
  const further = relays.lease('c', address, createCreditMeter());
  for (const { port } of [other, further]) {
    const socket = tlsConnect({
      socket: relays.connect('127.0.4.200', port),
      servername: relays.entryName,
      ca: relays.ca,
    });
    socket.end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await receiveText(socket)).toMatch(/^HTTP\/1.1 426 /);
  }
});

test('a download stalls where the credit ends, and arrives whole when there is more', async () => {
  const credit = 2_000_000;
  const meter = createCreditMeter(credit);
  const socket = tunnel(relays.lease('a', address, meter).port, `send ${SIZE}`);
  const received = receive(socket);
  for (let left = SIZE; left > 0; left -= credit) {
    await meter.stalled();
    const used = meter.up + meter.down;
    // Whatever is in flight: nothing more of it is counted or let through.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(meter.up + meter.down).toBe(used);
    expect(socket.bytesRead).toBeLessThanOrEqual(meter.down);
    expect(used).toBeLessThan(SIZE - left + credit + FRAME + relays.opening('').length);
    meter.give(left > 2 * credit ? credit : Infinity);
    if (left <= 2 * credit) break;
  }
  expect(await received).toEqual({ length: SIZE, sha256: patternHash(SIZE), clean: true });
  expect(meter.down).toBe(SIZE);
  socket.end();
});

test('an upload through stalls keeps its half: the answer comes after our end', async () => {
  const meter = createCreditMeter(1);
  const socket = tunnel(relays.lease('a', address, meter).port, 'take');
  const sent = sendPattern(socket, SIZE);
  for (let given = 0; given < SIZE / 2; given += 1_000_000) {
    await meter.stalled();
    meter.give(1_000_000);
  }
  meter.give(Infinity);
  await sent;
  expect(JSON.parse(await receiveText(socket))).toEqual({ length: SIZE, sha256: patternHash(SIZE) });
  expect(meter.up).toBe(SIZE + relays.opening('take').length);
});

test('a tunnel that stays without credit is cut, and the exit’s end of it too', async () => {
  const meter = createCreditMeter(1_000_000, 100);
  const start = performance.now();
  const socket = tunnel(relays.lease('a', address, meter).port, `send ${SIZE}`);
  const { clean, length } = await receive(socket);
  expect(performance.now() - start).toBeGreaterThan(99);
  expect(clean).toBe(false);
  expect(length).toBeLessThan(1_000_000 + FRAME);
  // New ones wait as well, before the exit hears of them, and are refused.
  const arrived = relays.arrived();
  expect(await answerOf(tunnel(relays.port, 'send 10'))).toEqual(ACCESS_DENIED);
  expect(relays.arrived()).toBe(arrived);
  const waiting = tunnel(relays.port, 'send 10');
  await meter.stalled();
  meter.give(2 * SIZE);
  expect((await receive(waiting)).length).toBe(10);
  waiting.end();
});

test('a lease that is released cuts its tunnels at once, and not those of the neighbour', async () => {
  const lease = relays.lease('a', address, createCreditMeter());
  const neighbour = relays.lease('b', address, createCreditMeter());
  const [own, other] = [tunnel(lease.port, 'hang'), tunnel(neighbour.port, 'echo')];
  await once(own, 'data');
  lease.release();
  await closed(own);
  other.write('still there');
  expect(String((await once(other, 'data'))[0])).toBe('still there');
  other.destroy();
});

test('a lease stays while it has a tunnel, and not without one', async () => {
  const [used, idle] = ['a', 'b'].map((peer) => relays.lease(peer, address, createCreditMeter()).port);
  const [running, over] = [tunnel(used!, 'echo'), tunnel(idle!, 'hang')];
  await once(over, 'data');
  over.resetAndDestroy();
  // What comes back has passed the entry after the reset.
  running.write('.');
  await once(running, 'data');
  const later = performance.now() + 2 * LEASE_IDLE_MS;
  vi.spyOn(performance, 'now').mockReturnValue(later);
  const left = [used!, idle!].map((port) => relays.leases.tunnelFrom(address, port) !== undefined);
  vi.restoreAllMocks();
  expect(left).toEqual([true, false]);
  running.destroy();
});

test('an exit stops a link that has no credit, whoever the clients are, and refuses what nobody pays for', async () => {
  link = createCreditMeter(500_000, 200);
  const clients = ['a', 'b'].map((peer) => relays.lease(peer, address, createCreditMeter()));
  const received = await Promise.all(clients.map(({ port }) => receive(tunnel(port, `send ${SIZE}`))));
  expect(received.map(({ clean }) => clean)).toEqual([false, false]);
  expect(received[0]!.length + received[1]!.length).toBeLessThan(500_000 + FRAME);
  expect(link.down).toBeLessThan(500_000 + FRAME);
  const refused = refusals('exit-refused');
  link = undefined;
  expect(await receive(tunnel(relays.port, 'send 10'))).toMatchObject({ length: 0, clean: false });
  expect(refusals('exit-refused')).toBe(refused + 1);
});

test('an entry that opens another channel is served on under it, what waited under the old one too', async () => {
  const old = createCreditMeter(500_000);
  const next = createCreditMeter();
  link = old;
  const { port } = relays.lease('a', address, createCreditMeter());
  const waiting = receive(tunnel(port, `send ${SIZE}`));
  await old.stalled();
  link = next;
  expect((await receive(tunnel(port, 'send 10'))).length).toBe(10);
  expect(await waiting).toMatchObject({ length: SIZE, clean: true });
  expect(old.down + next.down).toBe(SIZE + 10);
});
