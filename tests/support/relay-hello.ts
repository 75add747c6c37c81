// ClientHellos for tests: captured from Node's own TLS client, or made by hand field by field.

import { connect } from 'node:tls';
import { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/** The bytes Node's TLS (OpenSSL) sends first for this server name. */
export function captureHello(servername: string, options: ConnectionOptions = {}): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      resolve(chunk);
      done();
    },
  });
  const client = connect({ socket: wire, servername, rejectUnauthorized: false, ...options });
  client.on('error', reject);
  return promise.finally(() => client.destroy());
}

export type HandmadeHello = {
  serverName?: string;
  /** Extensions before the server name, as [type, data]. */
  before?: [number, Uint8Array][];
  after?: [number, Uint8Array][];
  /** Sizes of the TLS records the message is cut into; the last one takes the rest. */
  records?: number[];
  cipherSuites?: number[];
};

const GREASE = 0x0a0a;

export function makeHello({
  serverName,
  before = [],
  after = [],
  records = [],
  cipherSuites = [GREASE, 0x1301],
}: HandmadeHello): Buffer {
  const extensions = [...before, ...(serverName === undefined ? [] : [serverNameExtension(serverName)]), ...after];
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 0x5a),
    vector(1, Buffer.alloc(32, 1)),
    vector(2, Buffer.concat(cipherSuites.map(uint16))),
    vector(1, Buffer.from([0])),
    vector(2, Buffer.concat(extensions.map(([type, data]) => Buffer.concat([uint16(type), vector(2, data)])))),
  ]);
  return toRecords(Buffer.concat([Buffer.from([1]), vector(3, body)]), records);
}

/** Cuts a handshake message into records of content type handshake. */
export function toRecords(message: Uint8Array, sizes: number[] = []): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, message.length]) {
    const piece = message.subarray(at, at + size);
    at += piece.length;
    if (piece.length > 0) pieces.push(Buffer.concat([Buffer.from([22, 3, 1]), vector(2, piece)]));
  }
  return Buffer.concat(pieces);
}

export function serverNameExtension(name: string): [number, Uint8Array] {
  return [0, vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(name, 'latin1'))]))];
}

export function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

/** Data behind its length in `bytes` bytes. */
export function vector(bytes: number, data: Uint8Array): Buffer {
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(data.length, 0, bytes);
  return Buffer.concat([length, data]);
}
