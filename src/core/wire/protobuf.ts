// The part of protobuf that our messages use: varints and length-delimited fields (https://protobuf.dev/programming-guides/encoding).
// It reads only what stands inside of the bytes it was given, and copies nothing. Used by src/core/wire/message.ts and frames.ts.

import { WireError } from './wire-error.ts';

/** A field as it stands on the wire. `value` of other wire types than these two is skipped and left out. */
export type RawField = { number: number; value: bigint | Uint8Array | undefined };

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** 64 bits in groups of seven. */
const MAX_VARINT_BYTES = 10;
const MAX_UINT64 = (1n << 64n) - 1n;
/** A tag is a uint32: three bits of wire type below the number. */
const MAX_TAG = 0xffff_ffffn;

/** @param value 0 to 2^64-1 */
export function encodeVarint(value: bigint): number[] {
  if (value < 0n || value > MAX_UINT64) throw new WireError('bad-value', 'not a number of 64 bits');
  const bytes: number[] = [];
  let left = value;
  while (left > 0x7fn) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  return [...bytes, Number(left)];
}

export function encodeField(number: number, value: bigint | Uint8Array): number[] {
  if (typeof value === 'bigint') return [...encodeTag(number, VARINT), ...encodeVarint(value)];
  return [...encodeTag(number, BYTES), ...encodeVarint(BigInt(value.length)), ...value];
}

function encodeTag(number: number, type: number): number[] {
  return encodeVarint((BigInt(number) << 3n) | BigInt(type));
}

/** Many times what a message has, and few enough that 64 KiB of the smallest fields cost a peer more to send than us to refuse. */
const MAX_FIELDS = 128;

/** The fields in the order of the bytes; byte fields are views. Throws `WireError` `truncated` or `malformed`. */
export function readFields(bytes: Uint8Array): RawField[] {
  const fields: RawField[] = [];
  let at = 0;
  const varint = (): bigint => {
    const read = readVarint(bytes, at);
    at = read.end;
    return read.value;
  };
  const take = (length: bigint): Uint8Array => {
    if (length > BigInt(bytes.length - at)) throw new WireError('truncated', 'a field ends outside of its message');
    const taken = bytes.subarray(at, at + Number(length));
    at += taken.length;
    return taken;
  };
  while (at < bytes.length) {
    if (fields.length >= MAX_FIELDS) throw new WireError('malformed', 'more fields than any message has');
    const tag = varint();
    const number = Number(tag >> 3n);
    if (tag > MAX_TAG || number === 0) throw new WireError('malformed', 'not the number of a field');
    switch (Number(tag & 7n)) {
      case VARINT:
        fields.push({ number, value: varint() });
        break;
      case BYTES:
        fields.push({ number, value: take(varint()) });
        break;
      case FIXED_64:
        take(8n);
        fields.push({ number, value: undefined });
        break;
      case FIXED_32:
        take(4n);
        fields.push({ number, value: undefined });
        break;
      default:
        throw new WireError('malformed', 'a wire type that no message uses');
    }
  }
  return fields;
}

/** Reads the varint that starts at `at`; `end` is where the next field starts. */
export function readVarint(bytes: Uint8Array, at: number): { value: bigint; end: number } {
  let value = 0n;
  for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new WireError('truncated', 'the bytes end inside of a number');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      if (value > MAX_UINT64) break;
      return { value, end: at + index + 1 };
    }
  }
  throw new WireError('malformed', 'a number of more than 64 bits');
}
