// Whose bytes they are: neighbours behind one address never pay for each other, whatever comes when.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import {
  createLeases,
  RESERVE_MS,
  type GrantedLease,
  type LeasedTunnel,
  type Leases,
  type LeasesInit,
} from '../../../relay/entry/leases.ts';
import type { TunnelMeter } from '../../../relay/net/tunnel-meter.ts';
import { createCreditMeter } from '../../support/credit-meter.ts';

const IDLE_MS = 3_600_000;

function setUp(init: Partial<LeasesInit> = {}) {
  const clock = { now: 0 };
  const ended = vi.fn<(meter: TunnelMeter) => void>();
  const leases = createLeases({
    ports: [443, 444, 445],
    onEnded: ended,
    idleMs: IDLE_MS,
    now: () => clock.now,
    ...init,
  });
  const grant = (peer: string, address = '192.0.2.1', meter: TunnelMeter = createCreditMeter()): GrantedLease => {
    const lease = leases.grant({ peer, address, meter });
    if (lease === 'no-port') throw new Error('no port');
    return lease;
  };
  return { leases, clock, ended, grant };
}

test('the first of an address gets the usual port, the next ones a further one each, then there is none', () => {
  const { leases, grant } = setUp();
  expect(['a', 'b', 'c'].map((peer) => grant(peer).port)).toEqual([443, 444, 445]);
  expect(leases.grant({ peer: 'd', address: '192.0.2.1', meter: createCreditMeter() })).toBe('no-port');
  expect(grant('d', '192.0.2.2')).toMatchObject({ port: 443, idleSeconds: 3600 });
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1', true],
  ['2001:db8::1', '2001:db8::ffff:2', true],
  ['2001:db8::1', '2001:db8:0:1::1', false],
  ['192.0.2.1', '192.0.2.2', false],
])('a session from %s and a tunnel from %s: one lease is %s', (session, tunnel, same) => {
  const { leases, grant } = setUp();
  const { port } = grant('a', session);
  expect(leases.tunnelFrom(tunnel, port) !== undefined).toBe(same);
});

test('what has no address gets no lease, and its tunnels none either', () => {
  const { leases } = setUp();
  expect(leases.grant({ peer: 'a', address: '', meter: createCreditMeter() })).toBe('no-port');
  expect(leases.tunnelFrom('', 443)).toBeUndefined();
});

test('the same peer gets its lease back, and tunnels that run go on under the new account', async () => {
  const { leases, grant } = setUp();
  const [free, paid] = [createCreditMeter(10), createCreditMeter(1000)];
  const { port } = grant('a', '192.0.2.1', free);
  const tunnel = leases.tunnelFrom('192.0.2.1', port)!;
  expect(tunnel.meter.pass('up', 10)).toBe(false);
  const waiting = tunnel.meter.wait();
  expect(grant('a', '192.0.2.1', paid).port).toBe(port);
  expect(await waiting).toBe(true);
  tunnel.meter.pass('down', 7);
  expect([free.up, paid.down]).toEqual([10, 7]);
});

test('another peer with the same account shares the lease; it cannot put another account in its place', () => {
  const { leases, grant } = setUp();
  const [account, other] = [createCreditMeter(), createCreditMeter()];
  const { port } = grant('a', '192.0.2.1', account);
  expect(grant('b', '192.0.2.1', account).port).toBe(port);
  expect(grant('b', '192.0.2.1', other).port).not.toBe(port);
  leases.tunnelFrom('192.0.2.1', port)?.meter.pass('up', 5);
  expect([account.up, other.up]).toEqual([5, 0]);
});

test('who has a port keeps it with another account, also one that an older peer has a lease with', () => {
  const { leases, grant } = setUp();
  const account = createCreditMeter();
  const old = grant('old', '192.0.2.1', account);
  const { port } = grant('new');
  expect(grant('new', '192.0.2.1', account).port).toBe(port);
  for (const place of [old.port, port]) leases.tunnelFrom('192.0.2.1', place)?.meter.pass('up', 1);
  expect(account.up).toBe(2);
});

test('a released lease cuts what runs under it, and lets nothing pass', async () => {
  const { leases, grant, ended } = setUp();
  const account = createCreditMeter(1);
  const lease = grant('a', '192.0.2.1', account);
  const { meter } = leases.tunnelFrom('192.0.2.1', lease.port)!;
  account.pass('up', 1);
  const waiting = meter.wait();
  lease.release();
  expect(ended).toHaveBeenCalledExactlyOnceWith(meter);
  expect(await waiting).toBe(false);
  expect(meter.pass('up', 1)).toBe(false);
  expect(account.up).toBe(1);
  expect(leases.tunnelFrom('192.0.2.1', lease.port)).toBeUndefined();
});

test('an older grant of the same lease ends nothing', () => {
  const { leases, grant, ended } = setUp();
  const old = grant('a');
  const { port } = grant('a');
  old.release();
  expect(ended).not.toHaveBeenCalled();
  expect(leases.tunnelFrom('192.0.2.1', port)).toBeDefined();
});

test('an idle lease ends, one with a tunnel or with messages does not', () => {
  const { leases, grant, clock, ended } = setUp();
  const [idle, used, touched] = [grant('a'), grant('b'), grant('c')];
  const tunnel = leases.tunnelFrom('192.0.2.1', used.port)!;
  const over = leases.tunnelFrom('192.0.2.1', used.port)!;
  over.end();
  over.end();
  clock.now += IDLE_MS / 2;
  touched.touch();
  clock.now += IDLE_MS / 2;
  leases.sweep();
  expect(ended).toHaveBeenCalledOnce();
  expect(leases.tunnelFrom('192.0.2.1', idle.port)).toBeUndefined();
  clock.now += IDLE_MS / 2;
  tunnel.end();
  leases.sweep();
  expect(ended).toHaveBeenCalledTimes(2);
  clock.now += IDLE_MS - 1;
  expect(leases.tunnelFrom('192.0.2.1', used.port)).toBeDefined();
});

test('the place of a lease that is over stays its own for a while, then it is anybody’s', () => {
  const { leases, grant, clock } = setUp({ ports: [443] });
  grant('a').release();
  expect(leases.grant({ peer: 'b', address: '192.0.2.1', meter: createCreditMeter() })).toBe('no-port');
  grant('a').release();
  clock.now += RESERVE_MS - 1;
  expect(leases.grant({ peer: 'b', address: '192.0.2.1', meter: createCreditMeter() })).toBe('no-port');
  clock.now += 1;
  expect(grant('b').port).toBe(443);
});

test('there are no more than the most, whatever the addresses; the places of the past count as well', () => {
  const { leases, grant, clock } = setUp({ most: 3 });
  const all = [1, 2, 3].map((n) => grant('a', `192.0.2.${n}`));
  const ask = (n: number) => leases.grant({ peer: 'a', address: `192.0.2.${n}`, meter: createCreditMeter() });
  expect(ask(4)).toBe('no-port');
  all.forEach((lease) => lease.release());
  for (const n of [4, 5, 6]) grant('a', `192.0.2.${n}`).release();
  expect(ask(7)).toBe('no-port');
  clock.now += RESERVE_MS;
  leases.sweep();
  expect(ask(7)).not.toBe('no-port');
});

/** Four clients behind one address with three ports, two behind another one. */
const CLIENTS = 6;
const doing = fc.constantFrom('open', 'open', 'tunnel', 'tunnel', 'tunnel', 'touch', 'end', 'release');
const later = fc.oneof(...[1000, RESERVE_MS, IDLE_MS + RESERVE_MS].map((max) => fc.integer({ min: 1, max })));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(doing, fc.nat({ max: CLIENTS - 1 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('later'), later) },
);

class Client {
  readonly peer: string;
  readonly address: string;
  readonly account = createCreditMeter();
  tunnels: LeasedTunnel[] = [];
  refused = 0;
  #lease: GrantedLease | undefined;
  /** Until then its browser comes to the port of its lease: it may have slept, and not know that the lease is over. */
  #comesUntil = 0;

  constructor(index: number) {
    this.peer = `peer${index}`;
    this.address = index < 4 ? '192.0.2.1' : '192.0.2.2';
  }

  take(action: string, leases: Leases, now: number): void {
    if (this.tunnels.length > 0) this.#comesUntil = now + IDLE_MS + RESERVE_MS;
    if (action === 'open') {
      const lease = leases.grant({ peer: this.peer, address: this.address, meter: this.account });
      if (lease === 'no-port') return;
      this.#lease = lease;
      this.#comesUntil = now + IDLE_MS + RESERVE_MS;
    } else if (action === 'tunnel') {
      if (this.#lease === undefined || now >= this.#comesUntil) return;
      const tunnel = leases.tunnelFrom(this.address, this.#lease.port);
      if (tunnel === undefined) this.refused += 1;
      else this.tunnels.push(tunnel);
    } else if (action === 'touch') this.#lease?.touch();
    else if (action === 'end') this.tunnels.splice(0).forEach((tunnel) => tunnel.end());
    else {
      this.#lease?.release();
      this.tunnels.splice(0).forEach((tunnel) => tunnel.end());
      this.#comesUntil = Math.min(this.#comesUntil, now + RESERVE_MS);
    }
  }
}

test('no client ever pays for another: each byte is charged to who sent it, or refused', () => {
  let carried = 0;
  let refused = 0;
  const run = (steps: [string, number][]): void => {
    const { leases, clock } = setUp();
    const clients = Array.from({ length: CLIENTS }, (_, index) => new Client(index));
    const used = (): number[] => clients.map(({ account }) => account.up);
    for (const [action, value] of steps) {
      if (action === 'later') clock.now += value;
      else clients[value]!.take(action, leases, clock.now);
      for (const [index, { tunnels }] of clients.entries()) {
        for (const { meter } of tunnels) {
          const expected = used();
          expected[index]! += 1;
          meter.pass('up', 1);
          expect(used()).toEqual(expected);
          carried += 1;
        }
      }
    }
    refused += clients.reduce((sum, one) => sum + one.refused, 0);
  };
  fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), run), { numRuns: 200 });
  // It has tried something.
  expect(carried).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(10);
});
