// What a relay says of itself, for a day at most: docs/protocol/directory.md. Read from anyone, so each value has its bounds here; that the relay's two keys
// signed it is checked by open-descriptor.ts. Field numbers are for ever: docs/protocol/directory.proto has the same.

import { address, amount, hex, uint, uint64 } from '../wire/kinds.ts';
import { decodeMessage, encodeMessage, nested, optional, repeated, required, type MessageOf } from '../wire/message.ts';
import { WireError } from '../wire/wire-error.ts';
import { ip, peer, region, word, zoneName } from './descriptor-kinds.ts';
import { DirectoryError } from './directory-error.ts';
import { keyPrefix } from './peer-key.ts';

/** Twice what a relay of all roles with all of its lists full has. */
export const MAX_DESCRIPTOR_BYTES = 4096;
/** A relay that is gone is out of everybody's directory within a day. */
export const MAX_VALIDITY_S = 86_400;
/** Clocks of people are off by minutes. */
export const CLOCK_SKEW_S = 600;

const MAX_ADDRESSES = 8;
/** An exit needs a few of different operators; each is a connection that it keeps. */
const MAX_ENTRIES = 64;
/** Old and new while a certificate is renewed, in several zones. */
export const MAX_FINGERPRINTS = 8;
/** The first half of SHA-256: to find another certificate with it takes 2^128 tries, and the other half would be 2 % of a directory. */
export const FINGERPRINT_BYTES = 16;
const fingerprint = hex(FINGERPRINT_BYTES);
const MAX_PORT_RANGES = 32;
/** Base units of USDC: $1,000 a MiB is a mistake, as in a quote. */
const MAX_PRICE = 1_000_000_000n;
const MAX_OPERATOR = 100;
const MAX_VERSION = 40;

const port = uint(65_535);

const PORT_RANGE = { from: required(1, port), to: required(2, port) };

/** Browsers connect to `tunnelPort` of any address, and so does the worker, by the relay's own name in `zone`; exits and other relays to `libp2pPort`. */
const ENTRY = {
  addresses: repeated(1, ip, MAX_ADDRESSES),
  tunnelPort: required(2, port),
  libp2pPort: required(3, port),
  zone: required(4, zoneName),
  pricePerMiB: required(5, amount),
};

/** `zone` is that of its certificate, and `zoneRelay` the relay that serves it, by the first bytes of its key: whose zone it is, anyone could say of any; `fingerprints` are of the certificates in use; `entries` the first bytes of the keys of those that it dials. Ports of `refusedPorts` it does not serve. `addresses` are those that sites see: nobody connects there, but two hops of one network are no circuit. */
const EXIT = {
  zone: required(1, zoneName),
  fingerprints: repeated(2, fingerprint, MAX_FINGERPRINTS),
  entries: repeated(3, keyPrefix, MAX_ENTRIES),
  refusedPorts: repeated(4, nested(PORT_RANGE), MAX_PORT_RANGES),
  pricePerMiB: required(5, amount),
  addresses: repeated(6, ip, MAX_ADDRESSES),
  zoneRelay: required(7, keyPrefix),
};

/** It answers for the names of `name`, at `addresses`. */
const ZONE = { name: required(1, zoneName), addresses: repeated(2, ip, MAX_ADDRESSES) };

export const DESCRIPTOR = {
  peer: required(1, peer),
  /** Who is paid, and signs beside the peer. */
  payee: required(2, address),
  chainId: required(3, uint()),
  /** The higher one of a relay counts. */
  sequence: required(4, uint64),
  /** Seconds since the epoch, and for how many: most relays say the same number, which costs a compressed directory nothing. */
  validFrom: required(5, uint()),
  validFor: required(6, uint(MAX_VALIDITY_S)),
  /** The operator's family, as the operator says: two hops of one circuit are never of one. */
  operator: required(7, word(MAX_OPERATOR)),
  region: required(8, region),
  /** Of the relay's software. */
  version: required(9, word(MAX_VERSION)),
  /** Bytes per second that it will carry. */
  capacity: required(10, uint64),
  entry: optional(11, nested(ENTRY)),
  exit: optional(12, nested(EXIT)),
  zone: optional(13, nested(ZONE)),
};

/** Prices in base units for 2^20 bytes of both directions together. */
export type RelayDescriptor = MessageOf<typeof DESCRIPTOR>;

/** Throws `DirectoryError` malformed where it would not read back. */
export function encodeDescriptor(descriptor: RelayDescriptor): Uint8Array<ArrayBuffer> {
  return asDirectoryError(() => {
    checkDescriptor(descriptor);
    return encodeMessage(DESCRIPTOR, descriptor);
  });
}

/** Reads what is signed. Throws `DirectoryError` too-large, malformed. */
export function decodeDescriptor(bytes: Uint8Array): RelayDescriptor {
  if (bytes.length > MAX_DESCRIPTOR_BYTES) throw new DirectoryError('too-large', 'a descriptor is too long');
  return asDirectoryError(() => {
    const descriptor = decodeMessage(DESCRIPTOR, bytes);
    checkDescriptor(descriptor);
    return descriptor;
  });
}

/** Seconds since the epoch: valid up to and not including it. */
export function validUntil({ validFrom, validFor }: Pick<RelayDescriptor, 'validFrom' | 'validFor'>): number {
  return validFrom + validFor;
}

/**
 * Throws `DirectoryError` not-valid-yet, expired.
 * @param now ms since the epoch
 */
export function checkDescriptorTime(descriptor: RelayDescriptor, now: number): void {
  const seconds = Math.floor(now / 1000);
  if (seconds + CLOCK_SKEW_S < descriptor.validFrom) throw new DirectoryError('not-valid-yet', 'it is not valid yet');
  if (seconds >= validUntil(descriptor) + CLOCK_SKEW_S) throw new DirectoryError('expired', 'it is not valid any more');
}

function checkDescriptor({ validFor, entry, exit, zone }: RelayDescriptor): void {
  const refuse = (why: string): never => {
    throw new DirectoryError('malformed', why);
  };
  if (validFor === 0) refuse('it is valid for no time');
  if (entry === undefined && exit === undefined && zone === undefined) refuse('it has no role');
  if (entry?.addresses.length === 0) refuse('an entry without an address');
  if (exit?.addresses.length === 0) refuse('an exit without an address');
  if (zone?.addresses.length === 0) refuse('a zone without an address');
  if (entry?.tunnelPort === 0 || entry?.libp2pPort === 0) refuse('a port is 0');
  if ((entry?.pricePerMiB ?? 0n) > MAX_PRICE || (exit?.pricePerMiB ?? 0n) > MAX_PRICE) refuse('a price is a mistake');
  if (exit?.refusedPorts.some(({ from, to }) => to < from) === true) refuse('a range of ports ends before it begins');
}

/** For everyone who reads entries of the directory: what is wrong with the bytes is a `DirectoryError`, too. */
export function asDirectoryError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new DirectoryError('malformed', cause.message, { cause });
  }
}
