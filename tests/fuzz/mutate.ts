// Makes of valid messages such as nobody should send, by their structure: bytes of any kind, fields of protobuf, lines of text. Pure; what is drawn comes from a seed.

import { encodeField, encodeVarint, readFields, type RawField } from '../../src/core/wire/protobuf.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';
import type { Random } from '../chaos/kills/random.ts';

/** How a message is built, and so where it is changed. */
export type Form = 'bytes' | 'protobuf' | 'text';

/** Most messages have one thing wrong: with more, the first one hides the others. */
const MOST_CHANGES = 3;
/** Longer than any limit of a field or a frame, and short enough that a thousand of them are no flood. */
const LONG = 70_000;
const LONG_ONES = 0.005;

/** One of `corpus` with one to three things wrong, or two of them spliced. */
export function mutate(random: Random, form: Form, corpus: readonly Uint8Array[]): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(corpus));
  const changes = random.between(1, MOST_CHANGES);
  for (let change = 0; change < changes; change += 1) {
    const structural = form !== 'bytes' && random.draw() < 0.7;
    if (!structural) bytes = changeBytes(random, bytes, random.pick(corpus));
    else bytes = form === 'text' ? changeText(random, bytes) : changeFields(random, bytes);
  }
  return bytes;
}

/** Numbers at which lengths and counters go over. */
export const BOUNDARIES = [0n, 1n, 127n, 128n, 255n, 256n, 16_383n, 16_384n, 65_535n, 65_536n, 2n ** 31n - 1n]
  .concat([2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n])
  .concat([2n ** 64n - 1n]);

export function changeBytes(random: Random, bytes: Buffer, other: Uint8Array): Buffer {
  const at = random.between(0, Math.max(0, bytes.length - 1));
  const length = random.between(1, Math.min(32, Math.max(1, bytes.length)));
  const head = bytes.subarray(0, at);
  // Rare: it is a hundred times as long as the others.
  if (random.draw() < LONG_ONES) return Buffer.concat([bytes, Buffer.alloc(LONG, random.between(0, 255))]);
  switch (random.between(0, 7)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7));
      return flipped;
    }
    case 1: {
      const written = Buffer.from(bytes);
      written.set(drawBytes(random, Math.min(length, written.length - at)), at);
      return written;
    }
    case 2:
      return head;
    case 3:
      return Buffer.concat([head, bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([head, bytes.subarray(at + length)]);
    case 5:
      return Buffer.concat([head, other.subarray(random.between(0, Math.max(0, other.length - 1)))]);
    case 6:
      return Buffer.concat([head, drawBytes(random, length), bytes.subarray(at)]);
    default:
      return writeBoundary(random, bytes, at);
  }
}

/** A length or a number of 1, 2, 3, 4 or 8 bytes, big end first as in TLS, DNS and HTTP/2, that lies. */
function writeBoundary(random: Random, bytes: Buffer, at: number): Buffer {
  const size = random.pick([1, 2, 3, 4, 8]);
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(random.pick(BOUNDARIES));
  const written = Buffer.from(bytes);
  value.subarray(8 - size).copy(written, at);
  return written;
}

/** What is no protobuf is changed as bytes. */
export function changeFields(random: Random, bytes: Buffer, depth = 0): Buffer {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return changeBytes(random, bytes, bytes);
  const at = random.between(0, fields.length - 1);
  const field = fields[at] ?? { number: 1, value: 0n };
  const write = (list: readonly RawField[]): Buffer => Buffer.concat(list.map(writeField));
  const instead = (...by: Uint8Array[]): Buffer =>
    Buffer.concat([write(fields.slice(0, at)), ...by, write(fields.slice(at + 1))]);
  switch (random.between(0, 10)) {
    case 0:
      return instead();
    case 1:
      return instead(writeField(field), writeField(field));
    case 2:
      return write(shuffled(random, fields));
    case 3:
      return instead(writeField({ ...field, number: random.pick([0, 1, 2, 15, 16, 2047, 2 ** 29 - 1]) || 1 }));
    case 4:
      // The other wire type.
      return instead(writeField({ ...field, value: typeof field.value === 'bigint' ? drawBytes(random, 9) : 9n }));
    case 5:
      return instead(writeField({ ...field, value: random.pick(BOUNDARIES) }));
    case 6:
      // A number that is spelt longer than it need be, or without an end.
      return instead(
        tagOf(field.number, 0),
        Buffer.from([...Array<number>(random.between(1, 12)).fill(0x80), random.draw() < 0.5 ? 0 : 1]),
      );
    case 7:
      // A length that lies.
      return instead(
        tagOf(field.number, 2),
        Buffer.from(encodeVarint(random.pick(BOUNDARIES))),
        field.value instanceof Uint8Array ? field.value : new Uint8Array(),
      );
    case 8:
      return instead(writeField({ ...field, value: drawText(random) }));
    case 9:
      return random.draw() < 0.1
        ? Buffer.concat(Array.from({ length: random.between(2, 1000) }, () => writeField(field)))
        : instead(tagOf(field.number, random.between(0, 7)), drawBytes(random, random.between(0, 12)));
    default:
      return field.value instanceof Uint8Array && depth < 4
        ? instead(writeField({ ...field, value: changeFields(random, Buffer.from(field.value), depth + 1) }))
        : instead(writeField({ ...field, value: random.pick(BOUNDARIES) }));
  }
}

function fieldsOf(bytes: Uint8Array): RawField[] | undefined {
  try {
    return readFields(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function writeField({ number, value = 0n }: RawField): Buffer {
  return Buffer.from(encodeField(number, value));
}

function tagOf(number: number, type: number): Buffer {
  return Buffer.from(encodeVarint((BigInt(number) << 3n) | BigInt(type)));
}

/** Of lines: HTTP's heads, JSON, and what stands in parameters. */
export function changeText(random: Random, bytes: Buffer): Buffer {
  const lines = bytes.toString('latin1').split('\r\n');
  const at = random.between(0, lines.length - 1);
  const line = lines[at] ?? '';
  const put = (...by: string[]): Buffer => Buffer.from(lines.toSpliced(at, 1, ...by).join('\r\n'), 'latin1');
  const words = line.split(/(?<=[ :=,"/;])/);
  const word = random.between(0, words.length - 1);
  const putWord = (by: string): Buffer => put(words.toSpliced(word, 1, by).join(''));
  switch (random.between(0, 9)) {
    case 0:
      return put();
    case 1:
      return put(line, line);
    case 2:
      return Buffer.from(shuffled(random, lines).join('\r\n'), 'latin1');
    case 3:
      return put(line, random.pick(ODD_LINES));
    case 4:
      return putWord('');
    case 5:
      return putWord(drawText(random).toString('latin1'));
    case 6:
      return putWord(`${random.pick(BOUNDARIES)}`);
    case 7:
      return putWord(random.pick(ODD_WORDS));
    case 8:
      return Buffer.from(lines.join(random.pick(['\n', '\r', '\r\n ', '\0'])), 'latin1');
    default:
      return random.draw() < 0.05 ? put(...Array<string>(random.between(2, 3000)).fill(line)) : put(line.toUpperCase());
  }
}

/** Lines that make requests that two readers could read in two ways, or that a server does something else at. */
const ODD_LINES = [
  ...['content-length: 0', 'content-length: 5', 'content-length: -1', 'content-length: 1e9', 'content-length: 0x10'],
  ...['transfer-encoding: chunked', 'transfer-encoding: gzip, chunked', 'transfer-encoding: identity'],
  ...['transfer-encoding : chunked', 'connection: close', 'connection: upgrade', 'upgrade: websocket', 'upgrade: h2c'],
  ...['expect: 100-continue', 'expect: something', 'host: ', 'host: a, b', 'te: trailers', 'trailer: host'],
  ...['proxy-authorization: Basic Og==', 'x', ': y', 'x: \x00', 'x: \xff\xfe', ' folded', 'http2-settings: AAMAAABk'],
  ...['0', 'ffffffffffffffffff', '5;ext=1'],
];
const ODD_WORDS = [
  ...['CONNECT ', 'OPTIONS ', 'TRACE ', 'PRI ', 'HTTP/1.0', 'HTTP/9.9', 'HTTP/0.9', '*', '//', '/../', 'http://'],
  ...['http://127.0.0.1/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://x:99999/', 'http://user@127.0.0.1/'],
  ...['null', '{}', '[]', 'true', '1e400', '__proto__', 'constructor', '\\u0000', '"', '%', '%00', '%2e%2e'],
];

function drawText(random: Random): Buffer {
  const length = random.draw() < 0.02 ? LONG : random.between(0, 300);
  return Buffer.from(random.pick(['a', 'é', '漢', '\u{1f600}', '\ud800', '\u202e', '\0', ' ', '%']).repeat(length));
}

export function drawBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length: Math.max(0, length) }, () => random.between(0, 255)));
}

/** Two of them change places, and perhaps more. */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const order = list.map((each) => ({ each, place: random.draw() }));
  return order.sort((one, other) => one.place - other.place).map(({ each }) => each);
}
