import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Admission, prefixOf, sourceOf } from '../../../relay/entry/admission.ts';
import { backoffMs, MAX_BACKOFF_MS } from '../../../relay/exit/backoff.ts';

const limits = { connections: 5, perSource: 3, pendingHellos: 4 };

describe('admission', () => {
  test('one source cannot take the places of others', () => {
    const admission = new Admission(limits);
    const mine = [1, 2, 3].map(() => admission.admit('192.0.2.1', 0));
    expect(mine.every((ticket) => typeof ticket === 'object')).toBe(true);
    expect(admission.admit('192.0.2.1', 0)).toBe('too-many-from-source');
    expect(admission.admit('192.0.2.2', 0)).toBeTypeOf('object');
  });

  test('a network cannot take the places of others, whatever addresses of it come', () => {
    const admission = new Admission({ ...limits, connections: 100, perPrefix: { ipv4: 24, ipv6: 48, connections: 2 } });
    const from = (address: string) => {
      const ticket = admission.admit(address, 0);
      if (typeof ticket === 'string') return ticket;
      ticket.helloRead();
      return ticket;
    };
    const first = from('192.0.2.1');
    const second = from('192.0.2.200');
    expect(from('192.0.2.3')).toBe('too-many-from-prefix');
    expect(from('::ffff:192.0.2.3')).toBe('too-many-from-prefix');
    expect(from('192.0.3.3')).toBeTypeOf('object');
    // A place that is left is another one's.
    if (typeof second === 'object') second.release();
    expect(from('192.0.2.4')).toBeTypeOf('object');
    expect(from('192.0.2.5')).toBe('too-many-from-prefix');
    from('2001:db8:1:2::1');
    from('2001:db8:1:3::1');
    expect(from('2001:db8:1:4::1')).toBe('too-many-from-prefix');
    expect(from('2001:db8:2:4::1')).toBeTypeOf('object');
    // Who came under other lengths goes as they came.
    admission.change({ ...limits, connections: 100, perPrefix: { ipv4: 25, ipv6: 47, connections: 2 } });
    if (typeof first === 'object') first.release();
    expect(from('192.0.2.1')).toBeTypeOf('object');
    admission.change({ ...limits, connections: 6, perPrefix: { ipv4: 24, ipv6: 48, connections: 2 } });
    expect(from('198.51.100.1')).toBe('too-many-connections');
    expect(admission.held()).toEqual({ connections: 6, pending: 0 });
  });

  test('hellos that do not come hold their own places only', () => {
    const admission = new Admission(limits);
    const gone: number[] = [];
    const from = (n: number) => admission.admit(`192.0.2.${n}`, 0, () => gone.push(n));
    const [first, second] = [1, 2, 3, 4].map(from);
    if (typeof first === 'object') first.helloRead();
    // Four wait again: the next one takes the place of the one that has said nothing for the longest.
    expect(from(5)).toBeTypeOf('object');
    expect(gone).toEqual([]);
    expect(admission.held()).toEqual({ connections: 5, pending: 4 });
    if (typeof first === 'object') first.release();
    expect(from(6)).toBeTypeOf('object');
    expect(gone).toEqual([2]);
    expect(admission.held()).toEqual({ connections: 4, pending: 4 });
    // What it gives back later was given back then.
    if (typeof second === 'object') second.release();
    expect(admission.held()).toEqual({ connections: 4, pending: 4 });
  });

  test('new ones of a source, and of a network, come no faster than they may', () => {
    const many = { connections: 1e6, perSource: 1e6, pendingHellos: 1e6 };
    const perPrefix = { ipv4: 24, ipv6: 48, connections: 1e6 };
    const admission = new Admission({ ...many, perPrefix, newPerSecond: { source: 2, prefix: 3 } });
    const taken = (address: string, now: number): unknown[] =>
      Array.from({ length: 50 }, () => admission.admit(address, now)).filter((each) => typeof each === 'object');
    expect(taken('192.0.2.1', 0)).toHaveLength(20);
    expect(admission.admit('192.0.2.1', 0)).toBe('too-fast-from-source');
    // What is left of its network's, which those above a source's own rate have not used up.
    expect(taken('192.0.2.2', 0)).toHaveLength(10);
    expect(admission.admit('192.0.2.3', 0)).toBe('too-fast-from-prefix');
    expect(taken('192.0.3.1', 0)).toHaveLength(20);
    expect(taken('192.0.2.1', 1_000)).toHaveLength(2);
    expect(taken('192.0.2.9', 1_000)).toHaveLength(1);
    // Those above what may come at once wait for their turn: of a source two a second, of a network three.
    const waits = [1, 2, 3, 4].map(() => admission.admit('198.51.100.1', 2_000));
    expect(waits.map((each) => typeof each === 'object' && Math.round(each.waitMs))).toEqual([0, 267, 600, 1_000]);
    // The same limits again, as after a reload, give nobody a new allowance.
    admission.change({ ...many, perPrefix, newPerSecond: { source: 2, prefix: 3 } });
    expect(admission.admit('192.0.2.1', 1_000)).toBe('too-fast-from-source');
  });

  test('however connections come and go, all places are free when all are gone', () => {
    const step = fc.record({
      source: fc.integer({ min: 1, max: 3 }),
      leave: fc.nat(6),
      twice: fc.boolean(),
      read: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const admission = new Admission(limits);
        const held: Exclude<ReturnType<Admission['admit']>, string>[] = [];
        for (const { source, leave, twice, read } of steps) {
          const ticket = admission.admit(`192.0.2.${source}`, 0, () => held.splice(held.indexOf(ticket as never), 1));
          if (typeof ticket === 'object') held.push(ticket);
          if (read) held.at(leave % (held.length || 1))?.helloRead();
          const [gone] = held.splice(leave, 1);
          gone?.release();
          if (twice) gone?.release();
          expect(held.length).toBeLessThanOrEqual(limits.connections);
        }
        for (const ticket of held) ticket.release();
        for (const source of [1, 1, 1, 2]) expect(admission.admit(`192.0.2.${source}`, 0)).toBeTypeOf('object');
      }),
    );
  });

  test('a source is an IPv4 address, however it is written, or the /64 of an IPv6 one', () => {
    expect(sourceOf('::ffff:192.0.2.1')).toBe(sourceOf('192.0.2.1'));
    expect(sourceOf('2001:db8::1')).toBe(sourceOf('2001:db8::ffff:1:2:3'));
    expect(sourceOf('2001:db8::1')).not.toBe(sourceOf('2001:db8:0:1::1'));
  });
});

test.each([
  ['192.0.2.1', '192.0.2.255', 24, true],
  ['192.0.2.1', '192.0.3.1', 23, true],
  ['192.0.2.1', '192.0.3.1', 24, false],
  ['192.0.2.127', '192.0.2.128', 25, false],
  ['2001:db8:0:f::', '2001:db8:0:e::', 63, true],
  ['2001:db8:0:f::', '2001:db8:0:e::', 64, false],
  ['2001:db8::', '2001:db8:ffff::', 32, true],
  ['32.1.13.184', '2001:db8::', 32, false],
])('%s and %s are of one /%i: %s', (one, other, bits, same) => {
  const lengths = { ipv4: bits, ipv6: bits };
  expect(prefixOf(one, lengths) === prefixOf(other, lengths)).toBe(same);
});

test('the wait before a dial doubles up to 30 s, and no two exits need wait the same', () => {
  expect(backoffMs(1, 0)).toBe(250);
  expect(backoffMs(2, 0)).toBe(500);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (failures, draw) => {
        const wait = backoffMs(failures, draw);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(MAX_BACKOFF_MS);
        expect(backoffMs(failures + 1, draw)).toBeGreaterThanOrEqual(wait);
      },
    ),
  );
  expect(backoffMs(50, 0.1)).not.toBe(backoffMs(50, 0.9));
});
