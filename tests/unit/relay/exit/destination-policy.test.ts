// What an exit refuses: every address of a private or reserved range, however it is written (invariant I2, unknown means block).

import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { createDestinationPolicy, type DestinationPolicy } from '../../../../relay/exit/destination-policy.ts';
import { parseHost } from '../../../../relay/exit/target.ts';

const policyWith = (allow: string[] = [], own: string[] = []): DestinationPolicy =>
  createDestinationPolicy({ allow, denyPorts: [25, 465, 587], ownAddresses: () => own });

const closed = policyWith();

/** IANA IPv4 Special-Purpose Address Registry, written out by hand so that it does not share a table with the code. */
const REFUSED_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '255.255.255.255/32', '168.63.129.16/32'],
];

/** IANA IPv6 registry, and everything outside of 2000::/3. */
const REFUSED_IPV6 = [
  ...[
    '::/128',
    '::1/128',
    '::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '100:0:0:1::/64',
    '2001::/32',
    '2001:2::/48',
    '2001:10::/28',
  ],
  ...['2001:20::/28', '2001:db8::/32', '2002::/16', '3fff::/20', '4000::/2', '5f00::/16', '8000::/1', 'fc00::/7'],
  ...['fd00:ec2::254/128', 'fe80::/10', 'fec0::/10', 'ff00::/8', '::ffff:0:0:0/96'],
];

/** Some address of the range: its fixed bits, the rest drawn. */
function within(cidr: string): fc.Arbitrary<ipaddr.IPv4 | ipaddr.IPv6> {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  const bytes = network.toByteArray();
  return fc.uint8Array({ minLength: bytes.length, maxLength: bytes.length }).map((random) =>
    ipaddr.fromByteArray(
      bytes.map((fixed, index) => {
        const free = 0xff >> Math.min(8, Math.max(0, bits - 8 * index));
        return (fixed & ~free) | ((random[index] ?? 0) & free);
      }),
    ),
  );
}

/** From an ASCII digit to its fullwidth form, which IDNA maps back. */
const FULLWIDTH = 0xfee0;

/** The ways in which browsers accept an IPv4 address in a URL, and the IPv6 addresses that stand for it. */
function spellings(address: ipaddr.IPv4): string[] {
  const bytes = address.toByteArray();
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return [
    bytes.join('.'),
    `${bytes.join('.')}.`,
    String(number),
    `0x${number.toString(16)}`,
    `0X${number.toString(16).toUpperCase()}`,
    `0${number.toString(8)}`,
    bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
    bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `0${a.toString(8)}.0x${b.toString(16)}.${c * 256 + d}`,
    bytes.join('.').replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`),
    bytes.join('。'),
    bytes.join('.').replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + FULLWIDTH)),
    `[::ffff:${bytes.join('.')}]`,
    `[::ffff:${groups}]`,
    `[0:0:0:0:0:FFFF:${groups}]`,
    `[64:ff9b::${groups}]`,
    `[64:ff9b::${bytes.join('.')}]`,
    `[2002:${groups}::1]`,
    `[::${groups}]`,
  ];
}

function isServed(policy: DestinationPolicy, written: string): boolean {
  const host = parseHost(written);
  return host.kind === 'address' && policy.mayUseAddress(host.address);
}

describe('addresses', () => {
  test.each(REFUSED_IPV4)('every address of %s is refused in all its spellings', (cidr) => {
    fc.assert(
      fc.property(within(cidr), (address) => {
        for (const written of spellings(address as ipaddr.IPv4))
          expect([written, isServed(closed, written)]).toEqual([written, false]);
      }),
    );
  });

  test.each(REFUSED_IPV6)('every address of %s is refused in all its spellings', (cidr) => {
    fc.assert(
      fc.property(within(cidr), (address) => {
        const v6 = address as ipaddr.IPv6;
        const compressed = v6.toString();
        for (const written of [
          compressed,
          v6.toNormalizedString(),
          v6.parts.map((part) => part.toString(16).padStart(4, '0')).join(':'),
          compressed.toUpperCase(),
        ]) {
          expect([written, isServed(closed, `[${written}]`)]).toEqual([written, false]);
          expect(closed.mayUseAddress(written)).toBe(false);
        }
      }),
    );
  });

  test.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1', '223.255.255.255'])(
    '%s is served, also through IPv4-mapped IPv6 and NAT64',
    (address) => {
      expect(closed.mayUseAddress(address)).toBe(true);
      expect(closed.mayUseAddress(`::ffff:${address}`)).toBe(true);
      expect(closed.mayUseAddress(`64:ff9b::${address}`)).toBe(true);
    },
  );

  test.each(['2606:4700:4700::1111', '2a00:1450::1', '2600::1'])('%s is served', (address) => {
    expect(closed.mayUseAddress(address)).toBe(true);
  });

  test('text that is no address, or has a zone, is refused', () => {
    for (const text of ['', 'example.com', 'fe80::1%eth0', '2606:4700::1%1', '1.1.1.1/32', '999.1.1.1']) {
      expect(closed.mayUseAddress(text)).toBe(false);
    }
  });
});

describe('what the configuration opens', () => {
  test('a range opened explicitly is served, its neighbours are not', () => {
    const policy = policyWith(['127.0.2.0/24', 'fd12::/16']);
    expect(policy.mayUseAddress('127.0.2.7')).toBe(true);
    expect(policy.mayUseAddress('::ffff:127.0.2.7')).toBe(true);
    expect(policy.mayUseAddress('fd12::7')).toBe(true);
    expect(policy.mayUseAddress('127.0.3.7')).toBe(false);
    expect(policy.mayUseAddress('fd13::7')).toBe(false);
  });

  test('no range opens the metadata service of a cloud', () => {
    const policy = policyWith(['0.0.0.0/0', '::/0']);
    for (const address of ['169.254.169.254', 'fd00:ec2::254', 'FD00:0EC2::0254', '100.100.100.200', '168.63.129.16']) {
      expect(policy.mayUseAddress(address)).toBe(false);
    }
    expect(policy.mayUseAddress('::ffff:169.254.169.254')).toBe(false);
    expect(policy.mayUseAddress('64:ff9b::a9fe:a9fe')).toBe(false);
  });

  test('no range opens an address of the relay itself', () => {
    const policy = policyWith(['0.0.0.0/0'], ['203.0.114.9', '2600::9', 'fe80::1%eth0']);
    for (const address of ['203.0.114.9', '::ffff:203.0.114.9', '64:ff9b::cb00:7209', '2600::9', '2600:0::0:9']) {
      expect(policy.mayUseAddress(address)).toBe(false);
    }
    expect(policy.mayUseAddress('203.0.114.10')).toBe(true);
  });

  test('an entry that is no CIDR is named at start', () => {
    expect(() => policyWith(['10.0.0.0'])).toThrow('not a network in CIDR form: 10.0.0.0');
  });

  test('denied ports are refused', () => {
    expect([25, 465, 587, 26, 443, 80, 8080].filter((port) => closed.mayUsePort(port))).toEqual([26, 443, 80, 8080]);
  });
});

describe('names', () => {
  test.each([
    'localhost',
    'a.localhost',
    'printer.local',
    'metadata.google.internal',
    'circuit.conet.internal',
    'x.onion',
  ])('%s is refused', (name) => expect(closed.mayUseName(name)).toBe(false));

  test.each(['example.com', 'notlocalhost', 'local.example', 'internal.example.com', 'mylocal', 'onion.example'])(
    '%s is left to DNS',
    (name) => expect(closed.mayUseName(name)).toBe(true),
  );
});
