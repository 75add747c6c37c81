// The grammar of circuit names, `<ip-dashed>.<peer-id-base36>.<zone>`, the one place that reads and writes them.
// The client builds a name from an entry's address and an exit's peer id; the entry takes the peer id out of the SNI; a zone's
// DNS answers the address of the first label. Same grammar as p2p-forge (https://github.com/ipshipyard/p2p-forge, "ipparser").

import ipaddr from 'ipaddr.js';

/** A peer id as a DNS label: CIDv1, codec libp2p-key, base36 (`k51…`, 62 characters for Ed25519, 63 for secp256k1). */
export type PeerLabel = string;

export type CircuitName = {
  /** Address of the entry: dotted IPv4, or IPv6 as RFC 5952 writes it. */
  address: string;
  /** Who holds the certificate: the exit of a circuit, or the relay itself where the name is its own. */
  peer: PeerLabel;
  /** The delegated domain the name stands in, lower case, without a trailing dot. */
  zone: string;
};

export type CircuitNameErrorCode = 'bad-address' | 'bad-peer' | 'bad-zone' | 'too-long';

export class CircuitNameError extends Error {
  override readonly name = 'CircuitNameError';
  readonly code: CircuitNameErrorCode;

  constructor(code: CircuitNameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A whole name in characters, without the final dot (RFC 1035 §3.1: 255 octets on the wire). */
const MAX_NAME_LENGTH = 253;

/** Base36 multibase prefix `k`, then the CID; 63 is the limit of a DNS label (RFC 1035 §2.3.4). */
const PEER_LABEL = /^k[0-9a-z]{30,62}$/;

const ZONE_LABEL = /^(?!-)[0-9a-z-]{1,63}(?<!-)$/;

/** True for text that has the form of a peer label; whether a key stands behind it is for libp2p to say. */
export function isPeerLabel(text: string): boolean {
  return PEER_LABEL.test(text);
}

/** True for a lower-case DNS name of at least one label, usable as a zone. */
export function isZone(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && text.split('.').every((label) => ZONE_LABEL.test(label));
}

/** Writes a circuit name. Throws `CircuitNameError` where a part would not read back as itself. */
export function formatCircuitName({ address, peer, zone }: CircuitName): string {
  if (!isPeerLabel(peer))
    throw new CircuitNameError('bad-peer', 'the peer id is not a base36 CID of at most 63 characters');
  if (!isZone(zone)) throw new CircuitNameError('bad-zone', 'the zone is not a lower-case DNS name');
  const name = `${formatAddressLabel(address)}.${peer}.${zone}`;
  if (name.length > MAX_NAME_LENGTH) throw new CircuitNameError('too-long', `the name has ${name.length} characters`);
  return name;
}

/** Reads a circuit name in any letter case, with or without the final dot. Throws `CircuitNameError`. */
export function parseCircuitName(text: string): CircuitName {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.length > MAX_NAME_LENGTH) throw new CircuitNameError('too-long', `the name has ${name.length} characters`);
  const [addressLabel = '', peer = '', ...rest] = name.split('.');
  const zone = rest.join('.');
  const address = parseAddressLabel(addressLabel);
  if (!isPeerLabel(peer)) throw new CircuitNameError('bad-peer', 'the second label is not a peer id in base36');
  if (!isZone(zone)) throw new CircuitNameError('bad-zone', 'no zone follows the peer id');
  return { address, peer, zone };
}

/** `192.0.2.1` -> `192-0-2-1`; `2001:db8::1` -> `2001-db8--1`; `::1` -> `0--1`, since a label has no dash at its ends. */
function formatAddressLabel(address: string): string {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return address.replaceAll('.', '-');
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) {
    throw new CircuitNameError('bad-address', 'not an IPv4 or IPv6 address');
  }
  return ipaddr.IPv6.parse(address).toRFC5952String().replaceAll(':', '-').replace(/^-/, '0-').replace(/-$/, '-0');
}

function parseAddressLabel(label: string): string {
  const dotted = label.replaceAll('-', '.');
  if (/^\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}$/.test(label) && ipaddr.IPv4.isValidFourPartDecimal(dotted)) return dotted;
  const colons = label.replaceAll('-', ':');
  // A label that starts or ends with a dash is no DNS label (RFC 1123 §2.1), though `:` at the ends is an address.
  if (ZONE_LABEL.test(label) && ipaddr.IPv6.isValid(colons)) return ipaddr.IPv6.parse(colons).toRFC5952String();
  throw new CircuitNameError('bad-address', 'the first label is not an address');
}
