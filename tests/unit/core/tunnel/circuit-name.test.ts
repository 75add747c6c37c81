import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import {
  CircuitNameError,
  formatCircuitName,
  isPeerLabel,
  isZone,
  parseCircuitName,
  type CircuitNameErrorCode,
} from '../../../../src/core/tunnel/circuit-name.ts';

const PEER = 'k51qzi5uqu5djdhr0b1ghgwmpt1xiuh1bmyju72uuyebsqfd0tyoqhy136gf4r';
const ZONE = 'relay.example';

function codeOf(text: string): CircuitNameErrorCode | undefined {
  try {
    parseCircuitName(text);
  } catch (error) {
    if (error instanceof CircuitNameError) return error.code;
    throw error;
  }
  return undefined;
}

describe('writing and reading a name', () => {
  test.each([
    ['192.0.2.1', '192-0-2-1'],
    ['2001:db8::1', '2001-db8--1'],
    ['::1', '0--1'],
    ['2001:db8::', '2001-db8--0'],
    ['2001:db8:0:1:1:1:1:1', '2001-db8-0-1-1-1-1-1'],
    ['::ffff:192.0.2.1', undefined],
  ])('%s stands as %s', (address, label) => {
    const name = formatCircuitName({ address, peer: PEER, zone: ZONE });
    if (label !== undefined) expect(name).toBe(`${label}.${PEER}.${ZONE}`);
    const read = parseCircuitName(name);
    expect({ ...read, address: ipaddr.parse(read.address).toNormalizedString() }).toEqual({
      address: ipaddr.parse(address).toNormalizedString(),
      peer: PEER,
      zone: ZONE,
    });
  });

  test('every IPv4 and IPv6 address, peer and zone reads back as itself', () => {
    const peer = fc.stringMatching(/^k[0-9a-z]{61}$/);
    const label = fc.stringMatching(/^[0-9a-z]([0-9a-z-]{0,10}[0-9a-z])?$/);
    const zone = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), peer, zone, (text, peerLabel, zoneName) => {
        const address = ipaddr.parse(text);
        const name = formatCircuitName({ address: address.toString(), peer: peerLabel, zone: zoneName });
        const read = parseCircuitName(name);
        expect(ipaddr.parse(read.address).toNormalizedString()).toBe(address.toNormalizedString());
        expect(read.peer).toBe(peerLabel);
        expect(read.zone).toBe(zoneName);
        expect(formatCircuitName(read)).toBe(name);
        // Every label is one that DNS and certificates take.
        for (const part of name.split('.')) expect(part).toMatch(/^[0-9a-z]([0-9a-z-]{0,61}[0-9a-z])?$/);
      }),
    );
  });

  test('letter case and one final dot do not matter', () => {
    const plain = { address: '192.0.2.1', peer: PEER, zone: ZONE };
    expect(parseCircuitName(`192-0-2-1.${PEER}.${ZONE}`.toUpperCase())).toEqual(plain);
    expect(parseCircuitName(`192-0-2-1.${PEER}.${ZONE}.`)).toEqual(plain);
  });
});

describe('a hostile name is refused by a code', () => {
  test.each<[string, CircuitNameErrorCode]>([
    ['', 'bad-address'],
    ['.', 'bad-address'],
    [`${PEER}.${ZONE}`, 'bad-address'],
    [`256-0-2-1.${PEER}.${ZONE}`, 'bad-address'],
    [`0x7f-0-0-1.${PEER}.${ZONE}`, 'bad-address'],
    [`-1.${PEER}.${ZONE}`, 'bad-address'],
    [`--1.${PEER}.${ZONE}`, 'bad-address'],
    [`1-2-3.${PEER}.${ZONE}`, 'bad-address'],
    [`2001-db8--1--2.${PEER}.${ZONE}`, 'bad-address'],
    [`fe80--1%eth0.${PEER}.${ZONE}`, 'bad-address'],
    [`192-0-2-1.${PEER}`, 'bad-zone'],
    [`192-0-2-1.${PEER}..`, 'bad-zone'],
    [`192-0-2-1.${PEER}.a..b`, 'bad-zone'],
    [`192-0-2-1.${PEER}.-a.example`, 'bad-zone'],
    [`192-0-2-1.${PEER}.exämple`, 'bad-zone'],
    [`192-0-2-1.${PEER}.a b`, 'bad-zone'],
    [`192-0-2-1.${PEER}.example..`, 'bad-zone'],
    [`192-0-2-1.www.${ZONE}`, 'bad-peer'],
    [`192-0-2-1.12D3KooWJSG3xVB11FuVSTVheiAqGjguuscwhrhWi6FPyYrmsfQW.${ZONE}`, 'bad-peer'],
    [`192-0-2-1.${PEER}${PEER}.${ZONE}`, 'bad-peer'],
    [`192-0-2-1.${PEER}.${'a.'.repeat(120)}example`, 'too-long'],
  ])('%s: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  test('no text at all makes it throw anything else', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('-', '.', '1', 'f', 'k', PEER, ZONE, '192-0-2-1', ' ', '\0', '%'), { maxLength: 12 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(nasty, (text) => {
        codeOf(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('a part that would not read back is not written', () => {
    const good = { address: '192.0.2.1', peer: PEER, zone: ZONE };
    expect(() => formatCircuitName({ ...good, address: '192.0.2.01' })).toThrow(CircuitNameError);
    expect(() => formatCircuitName({ ...good, address: 'fe80::1%eth0' })).toThrow(CircuitNameError);
    expect(() => formatCircuitName({ ...good, peer: PEER.toUpperCase() })).toThrow(CircuitNameError);
    expect(() => formatCircuitName({ ...good, zone: 'Relay.Example' })).toThrow(CircuitNameError);
    expect(() => formatCircuitName({ ...good, zone: `${'a'.repeat(63)}.`.repeat(3) + 'example' })).toThrow(
      /253|characters/,
    );
    expect(isPeerLabel('k')).toBe(false);
    expect(isZone('')).toBe(false);
  });
});
