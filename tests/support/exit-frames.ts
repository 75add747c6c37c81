// HTTP/2 frames by hand, for a client that does what Node's own would not (RFC 9113 §4.1, HPACK RFC 7541).

const SETTINGS = 0x4;
const HEADERS = 0x1;
const RST_STREAM = 0x3;
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

/** RFC 9113 §4.1. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
