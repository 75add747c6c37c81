// The kinds of values that messages carry. Amounts are 16 bytes, big end first: the contract's uint128, with one spelling for each value
// (a decimal string has signs, zeros and spaces to disagree on) and an order that bytes keep. Hexadecimal is lower case once read.

import type { BytesKind, Kind } from './message.ts';
import { WireError } from './wire-error.ts';

/** `0x` and two digits for each byte. */
export type Hex = `0x${string}`;

const AMOUNT_BYTES = 16;
const HEX = /^0x(?:[0-9a-f]{2})*$/i;

/** uint128 in base units of the channel's token: USDC has 6 decimals. */
export const amount: Kind<bigint> = bigEndian(AMOUNT_BYTES);
/** uint256, as the nonce of a refund. */
export const uint256: Kind<bigint> = bigEndian(32);

/** EVM address. */
export const address: BytesKind<Hex> = hex(20);
/** A hash, a salt, a channel id. */
export const bytes32: BytesKind<Hex> = hex(32);
/** r, s, v of secp256k1. Whether s is low and v is 27 or 28 is for the verifier to say. */
export const signature: BytesKind<Hex> = hex(65);
/** Ed25519 of libp2p. */
export const peerSignature: BytesKind<Hex> = hex(64);

/** Bytes on the wire of tunnels, or any other uint64. */
export const uint64: Kind<bigint> = { wire: 'varint', encode: (value) => value, decode: (value) => value };

/** Seconds or milliseconds since the epoch, a port, a chain id: up to `max`, at most 2^53-1. */
export function uint(max: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const check = (value: number): number => {
    if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
    throw new WireError('bad-value', `not a number up to ${max}`);
  };
  return { wire: 'varint', encode: (value) => BigInt(check(value)), decode: (value) => check(Number(value)) };
}

export const bool: Kind<boolean> = {
  wire: 'varint',
  encode: (value) => (value ? 1n : 0n),
  decode: (value) => {
    if (value > 1n) throw new WireError('bad-value', 'neither true nor false');
    return value === 1n;
  },
};

/** One of a closed list; the wire has its place, counted from 1, so that a zero that nobody wrote is none of them. */
export function oneOf<const T extends string>(options: readonly T[]): Kind<T> {
  return {
    wire: 'varint',
    encode: (value) => {
      const index = options.indexOf(value);
      if (index < 0) throw new WireError('bad-value', 'not one of its values');
      return BigInt(index + 1);
    },
    decode: (value) => {
      const option = value > BigInt(options.length) ? undefined : options[Number(value) - 1];
      if (option === undefined) throw new WireError('bad-value', 'not one of its values');
      return option;
    },
  };
}

/** Printable ASCII, 1 to `max` characters. */
export function text(max: number): BytesKind<string> {
  const check = (value: string): string => {
    if (value.length <= max && /^[\x20-\x7e]+$/.test(value)) return value;
    throw new WireError('bad-value', `not 1 to ${max} printable characters`);
  };
  return {
    wire: 'bytes',
    encode: (value) => new TextEncoder().encode(check(value)),
    decode: (bytes) => check(bytes.length > max ? '' : String.fromCharCode(...bytes)),
  };
}

/** 1 to `max` bytes, as they are. */
export function bytes(max: number): BytesKind<Uint8Array> {
  const check = (value: Uint8Array): Uint8Array => {
    if (value.length > 0 && value.length <= max) return value;
    throw new WireError('bad-value', `not 1 to ${max} bytes`);
  };
  return { wire: 'bytes', encode: check, decode: check };
}

/** So many bytes. */
export function hex(length: number): BytesKind<Hex> {
  const check = (right: boolean): void => {
    if (!right) throw new WireError('bad-value', `not ${length} bytes`);
  };
  return {
    wire: 'bytes',
    encode: (value) => {
      check(HEX.test(value) && value.length === 2 + 2 * length);
      return Uint8Array.from({ length }, (_, index) => parseInt(value.slice(2 + 2 * index, 4 + 2 * index), 16));
    },
    decode: (bytes) => {
      check(bytes.length === length);
      return toHex(bytes);
    },
  };
}

function bigEndian(length: number): Kind<bigint> {
  const digits = hex(length);
  return {
    wire: 'bytes',
    // A sign or a digit too many is no hexadecimal of that length.
    encode: (value) => digits.encode(`0x${value.toString(16).padStart(2 * length, '0')}`),
    decode: (bytes) => BigInt(digits.decode(bytes)),
  };
}

/** Two digits for each byte: a directory has tens of thousands of signatures. */
const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function toHex(bytes: Uint8Array): Hex {
  let text: Hex = '0x';
  for (const byte of bytes) text += DIGITS[byte] ?? '';
  return text;
}
