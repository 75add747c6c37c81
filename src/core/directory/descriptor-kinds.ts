// The kinds of values that only descriptors have (docs/protocol/directory.md).

import ipaddr from 'ipaddr.js';
import { isZone, type PeerLabel } from '../tunnel/circuit-name.ts';
import type { BytesKind, Kind } from '../wire/message.ts';
import { text } from '../wire/kinds.ts';
import { WireError } from '../wire/wire-error.ts';
import { keyOfLabel, labelOfKey, PEER_KEY_BYTES } from './peer-key.ts';

const MAX_ZONE = 253;

/** A relay by its key: 32 bytes, read as the label of its names. */
export const peer: Kind<PeerLabel> = {
  wire: 'bytes',
  encode: (label) => keyOfLabel(label) ?? refuse('not the label of an Ed25519 key'),
  decode: (bytes) => (bytes.length === PEER_KEY_BYTES ? labelOfKey(bytes) : refuse(`not ${PEER_KEY_BYTES} bytes`)),
};

/** 4 bytes or 16, read as dotted IPv4, or as RFC 5952 writes IPv6. An IPv4 address in IPv6's form is none: it would be two spellings of one. */
export const ip: BytesKind<string> = {
  wire: 'bytes',
  encode: (address) => Uint8Array.from(parseAddress(address).toByteArray()),
  decode: (bytes) => {
    if (bytes.length !== 4 && bytes.length !== 16) return refuse('neither 4 bytes nor 16');
    return spell(checkForm(ipaddr.fromByteArray([...bytes])));
  },
};

/** A lower-case DNS name. */
export const zoneName: Kind<string> = matching(MAX_ZONE, isZone, 'a lower-case DNS name');
/** ISO 3166-1 alpha-2. */
export const region: Kind<string> = matching(2, (value) => /^[A-Z]{2}$/.test(value), 'two capital letters');
/** Without spaces, so that no two look the same. */
export const word = (max: number): Kind<string> =>
  matching(max, (value) => /^[\x21-\x7e]+$/.test(value), 'printable without spaces');

function matching(max: number, fits: (value: string) => boolean, what: string): Kind<string> {
  const all = text(max);
  const check = (value: string): string => (fits(value) ? value : refuse(`not ${what}`));
  return { wire: 'bytes', encode: (value) => all.encode(check(value)), decode: (bytes) => check(all.decode(bytes)) };
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function parseAddress(address: string): Address {
  const isOne = ipaddr.IPv4.isValidFourPartDecimal(address) || (ipaddr.IPv6.isValid(address) && !address.includes('%'));
  if (!isOne) return refuse('not an IP address');
  const parsed = checkForm(ipaddr.parse(address));
  return spell(parsed) === address ? parsed : refuse('another spelling of its address');
}

function checkForm(address: Address): Address {
  const mapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  return mapped ? refuse('an IPv4 address in the form of IPv6') : address;
}

function spell(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

function refuse(why: string): never {
  throw new WireError('bad-value', why);
}
