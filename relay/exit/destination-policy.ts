// Which destinations an exit serves: names before they are resolved, addresses after. Pure; resolve and dial are done by destinations.ts
// with the addresses that passed here and no others. An address range that this file does not know is refused.

import ipaddr from 'ipaddr.js';

export type DestinationPolicy = {
  mayUsePort(port: number): boolean;
  /** @param name lower case, without the final dot */
  mayUseName(name: string): boolean;
  /** @param address any spelling that ipaddr.js reads; what it cannot read is refused */
  mayUseAddress(address: string): boolean;
};

export type DestinationRules = {
  /** CIDRs opened although they are private or reserved. */
  allow: readonly string[];
  denyPorts: readonly number[];
  /** The relay's own addresses, read anew for each check since interfaces change. Refused whatever `allow` says. */
  ownAddresses: () => readonly string[];
};

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Where a cloud answers its virtual machines, credentials included. Never opened by a wider `allow`: AWS, GCP, Azure; AWS IPv6; Alibaba; Azure. */
const METADATA = ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'];

/** Names that mean this machine or its surroundings: RFC 6761 §6.3, RFC 6762, ICANN 2024-07-29, RFC 7686 (an exit is no onion proxy). */
const PRIVATE_SUFFIXES = ['localhost', 'local', 'internal', 'onion'];

/** All that IANA gives out to the public internet (RFC 4291 §2.4): outside of it an IPv6 address is none of a site. */
const GLOBAL_UNICAST: Range = ipaddr.IPv6.parseCIDR('2000::/3');

/** NAT64 of a network without IPv4 (RFC 6052 §2.1): the IPv4 destination stands in the last 32 bits. */
const NAT64: Range = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Throws a plain `Error` naming the entry of `allow` that is not a CIDR: a fault of configuration, found at start. */
export function createDestinationPolicy({ allow, denyPorts, ownAddresses }: DestinationRules): DestinationPolicy {
  const opened = allow.map(parseRange);
  const closedPorts = new Set(denyPorts);
  const metadata = new Set(METADATA.map((text) => ipaddr.parse(text).toString()));

  const mayUse = (address: Address): boolean => {
    const text = address.toString();
    if (metadata.has(text) || ownAddresses().some((own) => normalise(own)?.toString() === text)) return false;
    const embedded = embeddedIPv4(address);
    if (embedded !== undefined && !mayUse(embedded)) return false;
    return opened.some((range) => contains(range, address)) || embedded !== undefined || isPublic(address);
  };

  return {
    mayUsePort: (port) => !closedPorts.has(port),
    mayUseName: (name) => !PRIVATE_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`)),
    mayUseAddress: (text) => {
      const address = normalise(text);
      return address !== undefined && mayUse(address);
    },
  };
}

/** An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) reaches the IPv4 host, so it is that address. Undefined where it is none or has a zone. */
function normalise(text: string): Address | undefined {
  if (text.includes('%') || !ipaddr.isValid(text)) return undefined;
  return ipaddr.process(text);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || contains(GLOBAL_UNICAST, address);
}

/** 6to4 and Teredo carry an IPv4 address too, but their relays are gone (RFC 7526): they stay refused as reserved ranges. */
function embeddedIPv4(address: Address): ipaddr.IPv4 | undefined {
  if (!contains(NAT64, address)) return undefined;
  return new ipaddr.IPv4(address.toByteArray().slice(-4));
}

function contains([network, bits]: Range, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

function parseRange(text: string): Range {
  try {
    const [network, bits] = ipaddr.parseCIDR(text);
    const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96;
    return isMapped ? [network.toIPv4Address(), bits - 96] : [network, bits];
  } catch {
    throw new Error(`not a network in CIDR form: ${text}`);
  }
}
