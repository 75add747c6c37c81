// The addresses of the registry: they come back as they were, in the bytes that libp2p's own library writes, and what a stranger put there instead is passed over or
// refused by name.

import { multiaddr } from '@multiformats/multiaddr';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { DirectoryError } from '../../../../src/core/directory/directory-error.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import {
  decodeRegistryAddresses,
  encodeRegistryAddresses,
  MAX_ADDRESSES_BYTES,
  type RegistryAddresses,
} from '../../../../src/core/directory/registry-addresses.ts';
import { formatCircuitName } from '../../../../src/core/tunnel/circuit-name.ts';
import { encodeVarint } from '../../../../src/core/wire/protobuf.ts';

const PEER = labelOfKey(new Uint8Array(32).fill(7));
const OTHER = labelOfKey(new Uint8Array(32).fill(8));

const ip4 = fc.ipV4();
const ip6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6)
  .filter((address) => !address.isIPv4MappedAddress())
  .map((address) => address.toRFC5952String());
const relay = fc.record({ address: fc.oneof(ip4, ip6), port: fc.integer({ min: 1, max: 65_535 }) });
const zone = fc.constantFrom('libp2p.example', 'z.test', 'relays.some-operator.example');
const worker = fc.record({ address: fc.oneof(ip4, ip6), port: fc.integer({ min: 1, max: 65_535 }), zone });
/** What fits: six of the longest do not. */
const addresses: fc.Arbitrary<RegistryAddresses> = fc
  .record({ workers: fc.array(worker, { maxLength: 1 }), relays: fc.array(relay, { maxLength: 5 }) })
  .filter((value) => writtenAndRead(value) !== 'too-large');

const decode = (bytes: Uint8Array): RegistryAddresses | string => {
  try {
    return decodeRegistryAddresses(PEER, bytes);
  } catch (error) {
    if (error instanceof DirectoryError) return error.code;
    throw error;
  }
};
const writtenAndRead = (value: RegistryAddresses): RegistryAddresses | string => {
  try {
    return decode(encodeRegistryAddresses(PEER, value));
  } catch (error) {
    if (error instanceof DirectoryError) return error.code;
    throw error;
  }
};
const list = (...each: Uint8Array[]): Uint8Array =>
  Uint8Array.from(each.flatMap((bytes) => [...encodeVarint(BigInt(bytes.length)), ...bytes]));

test('they come back as they were', () => {
  fc.assert(
    fc.property(addresses, (value) => {
      expect(decode(encodeRegistryAddresses(PEER, value))).toEqual(value);
    }),
  );
});

test('they are the multiaddrs of libp2p', () => {
  fc.assert(
    fc.property(worker, relay, (way, port) => {
      const family = (address: string): string => (address.includes(':') ? 'ip6' : 'ip4');
      const name = formatCircuitName({ address: way.address, peer: PEER, zone: way.zone });
      const texts = [
        `/${family(way.address)}/${way.address}/tcp/${way.port}/tls/sni/${name}/ws`,
        `/${family(port.address)}/${port.address}/tcp/${port.port}`,
      ];
      expect(encodeRegistryAddresses(PEER, { workers: [way], relays: [port] })).toEqual(
        list(...texts.map((each) => multiaddr(each).bytes)),
      );
    }),
  );
});

test('a few flipped, lost or added bytes give other addresses or a named error, and nothing else', () => {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }), how: fc.nat({ max: 2 }) });
  fc.assert(
    fc.property(addresses, fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
      const bytes = [...encodeRegistryAddresses(PEER, value)];
      for (const { at, to, how } of changes) bytes.splice(at % (bytes.length + 1), how, ...(how === 2 ? [] : [to]));
      const found = decode(Uint8Array.from(bytes));
      if (typeof found === 'string') expect(['malformed', 'too-large']).toContain(found);
      // Whatever was read is written and read as the same, unless the usual spelling of a name is longer than the one that stood there.
      else expect([found, 'too-large']).toContainEqual(writtenAndRead(found));
    }),
    { numRuns: 500 },
  );
});

test('any bytes at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['string', 'object']).toContain(typeof decode(bytes));
    }),
  );
});

describe('what a stranger may have written', () => {
  const good = multiaddr('/ip4/192.0.2.1/tcp/7401').bytes;
  const relays = [{ address: '192.0.2.1', port: 7401 }];
  const own = (peer: string, address: string): string => formatCircuitName({ address, peer, zone: 'libp2p.example' });

  test.each([
    ['another protocol', multiaddr('/ip4/192.0.2.1/udp/7401/quic-v1').bytes],
    ['a host by name', multiaddr('/dns4/relay.example/tcp/443').bytes],
    ['no port', multiaddr('/ip4/192.0.2.1').bytes],
    ['port 0', multiaddr('/ip4/192.0.2.1/tcp/0').bytes],
    ['an IPv4 address as IPv6', multiaddr('/ip6/::ffff:192.0.2.1/tcp/1').bytes],
    [
      'a way in by the name of another relay',
      multiaddr(`/ip4/192.0.2.1/tcp/443/tls/sni/${own(OTHER, '192.0.2.1')}/ws`).bytes,
    ],
    ['a name of another address', multiaddr(`/ip4/192.0.2.1/tcp/443/tls/sni/${own(PEER, '192.0.2.2')}/ws`).bytes],
    ['a name of no zone', multiaddr('/ip4/192.0.2.1/tcp/443/tls/sni/example.com/ws').bytes],
    ['more behind it', multiaddr(`/ip4/192.0.2.1/tcp/443/tls/sni/${own(PEER, '192.0.2.1')}/ws/tls`).bytes],
    ['half a port', good.subarray(0, 7)],
    ['a code of 70 bits', new Uint8Array(11).fill(0xff)],
  ])('%s is passed over, and the rest is read', (_, bytes) => {
    expect(decode(list(bytes, good))).toEqual({ workers: [], relays });
  });

  test.each([
    ['one that is longer than the list', Uint8Array.of(9, ...good)],
    ['one of no length', Uint8Array.of(0)],
    ['a length without an end', Uint8Array.of(0x80)],
  ])('%s is malformed', (_, bytes) => {
    expect(decode(bytes)).toBe('malformed');
  });

  test('more than the contract takes is too large', () => {
    expect(decode(new Uint8Array(MAX_ADDRESSES_BYTES + 1))).toBe('too-large');
  });
});

test.each([
  [
    'too many',
    { workers: [], relays: Array.from({ length: 40 }, () => ({ address: '192.0.2.1', port: 1 })) },
    'too-large',
  ],
  ['a host name', { workers: [], relays: [{ address: 'relay.example', port: 1 }] }, 'malformed'],
  ['no port', { workers: [], relays: [{ address: '192.0.2.1', port: 0 }] }, 'malformed'],
  ['no zone', { workers: [{ address: '192.0.2.1', port: 1, zone: 'Not A Zone' }], relays: [] }, 'malformed'],
])('%s cannot be written', (_, value, code) => {
  expect(() => encodeRegistryAddresses(PEER, value)).toThrow(expect.objectContaining({ code }));
});
