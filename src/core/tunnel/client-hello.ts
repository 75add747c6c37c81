// Reads the server name out of a TLS ClientHello that arrives in pieces of any size (RFC 8446 §4.1.2, RFC 6066 §3).
// It never decrypts, never changes a byte, and never guesses: a hello that two parsers could read in two ways is refused.
// The entry feeds it the first bytes of a connection; the same bytes then go on to the exit unchanged.

import { TLS_ALERT, type TlsAlert } from './tls-alert.ts';

export type ClientHelloErrorCode = 'not-tls' | 'not-client-hello' | 'malformed' | 'too-long' | 'no-sni' | 'bad-name';

/** Carries no byte of what was read: names are not for logs. */
export class ClientHelloError extends Error {
  override readonly name = 'ClientHelloError';
  readonly code: ClientHelloErrorCode;

  constructor(code: ClientHelloErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Chrome's post-quantum hello has about 1.8 kB; this leaves room for larger key shares and is small enough to hold for each client. */
export const MAX_CLIENT_HELLO_BYTES = 16 * 1024;

const CONTENT_TYPE_HANDSHAKE = 22;
const HANDSHAKE_CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
/** RFC 8446 §5.1: 2^14 bytes of plaintext in one record. */
const MAX_RECORD = 1 << 14;
const RANDOM_LENGTH = 32;
const MAX_SESSION_ID = 32;
const EXTENSION_SERVER_NAME = 0;
const NAME_TYPE_HOST = 0;
/** RFC 1035 §3.1 in text form, and one final dot. */
const MAX_HOST_NAME = 254;
/** Letters, digits, hyphen and underscore between dots; what DNS carries, so that nothing unprintable leaves this file. */
const HOST_NAME = /^[0-9a-z_-]+(?:\.[0-9a-z_-]+)*\.?$/;

/** RFC 8446 §6.2; §9.2 says missing_extension for a hello without a server name. */
export function alertForHelloError(code: ClientHelloErrorCode): TlsAlert {
  switch (code) {
    case 'not-tls':
    case 'not-client-hello':
      return TLS_ALERT.unexpectedMessage;
    case 'malformed':
    case 'too-long':
      return TLS_ALERT.decodeError;
    case 'no-sni':
      return TLS_ALERT.missingExtension;
    case 'bad-name':
      return TLS_ALERT.unrecognizedName;
  }
}

/** One reader for one connection. After a name or an error it must not be fed again. */
export class ClientHelloReader {
  /** Bytes of the handshake message so far, taken out of their records. */
  readonly #handshake = new Uint8Array(MAX_CLIENT_HELLO_BYTES);
  #handshakeLength = 0;
  readonly #recordHeader = new Uint8Array(RECORD_HEADER);
  #recordHeaderLength = 0;
  #recordLeft = 0;
  #total = 0;

  /**
   * Takes the next bytes of the connection. Returns the server name in lower case once the hello is whole, undefined while it is not.
   * Bytes after the hello's last record are ignored (early data belongs to the exit). Throws `ClientHelloError`.
   */
  push(chunk: Uint8Array): string | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#total >= MAX_CLIENT_HELLO_BYTES) throw new ClientHelloError('too-long', 'the hello exceeds 16 kB');
      if (this.#recordLeft === 0) {
        this.#pushHeaderByte(chunk[at] ?? 0);
        at += 1;
        this.#total += 1;
        continue;
      }
      const room = MAX_CLIENT_HELLO_BYTES - this.#total;
      const taken = Math.min(this.#recordLeft, chunk.length - at, room);
      this.#handshake.set(chunk.subarray(at, at + taken), this.#handshakeLength);
      this.#handshakeLength += taken;
      this.#recordLeft -= taken;
      this.#total += taken;
      at += taken;
      const body = this.#wholeMessage();
      if (body !== undefined) return readServerName(body);
    }
    return undefined;
  }

  /** Wrong bytes are refused as soon as they are seen: nobody waits ten seconds to be told that HTTP is not TLS. */
  #pushHeaderByte(byte: number): void {
    const at = this.#recordHeaderLength;
    this.#recordHeader[at] = byte;
    this.#recordHeaderLength += 1;
    const first = this.#handshakeLength === 0;
    if (at === 0 && byte !== CONTENT_TYPE_HANDSHAKE) {
      throw first
        ? new ClientHelloError('not-tls', 'the first byte does not start a TLS handshake')
        : new ClientHelloError('malformed', 'another record stands inside the hello');
    }
    if (at === 1 && byte !== 3) throw new ClientHelloError('not-tls', 'the record has no version of TLS');
    if (at < RECORD_HEADER - 1) return;
    const length = readUint16(this.#recordHeader, 3);
    if (length === 0 || length > MAX_RECORD) throw new ClientHelloError('malformed', 'a record has a wrong length');
    this.#recordLeft = length;
    this.#recordHeaderLength = 0;
  }

  /** The body of the ClientHello, when all of it has come. */
  #wholeMessage(): Uint8Array | undefined {
    if (this.#handshake[0] !== HANDSHAKE_CLIENT_HELLO) {
      throw new ClientHelloError('not-client-hello', 'the first handshake message is not a ClientHello');
    }
    if (this.#handshakeLength < HANDSHAKE_HEADER) return undefined;
    const length = readUint24(this.#handshake, 1);
    const end = HANDSHAKE_HEADER + length;
    if (end > MAX_CLIENT_HELLO_BYTES) throw new ClientHelloError('too-long', 'the hello exceeds 16 kB');
    if (this.#handshakeLength < end) return undefined;
    // A second message in the record of the hello: no client sends one, and parsers differ on it.
    if (this.#handshakeLength > end || this.#recordLeft > 0) {
      throw new ClientHelloError('malformed', 'more follows the hello in its record');
    }
    return this.#handshake.subarray(HANDSHAKE_HEADER, end);
  }
}

function readServerName(body: Uint8Array): string {
  const hello = new Cursor(body);
  hello.skip(2 + RANDOM_LENGTH);
  if (hello.vector8().length > MAX_SESSION_ID) throw new ClientHelloError('malformed', 'the session id is too long');
  const suites = hello.vector16().length;
  if (suites < 2 || suites % 2 !== 0) throw new ClientHelloError('malformed', 'the cipher suites have a wrong length');
  if (hello.vector8().length < 1) throw new ClientHelloError('malformed', 'no compression method is named');
  // TLS 1.2 and older may leave the extensions out altogether.
  if (hello.left === 0) throw new ClientHelloError('no-sni', 'the hello has no extensions');
  const extensions = new Cursor(hello.vector16());
  hello.mustEnd();
  let name: string | undefined;
  while (extensions.left > 0) {
    const type = extensions.uint16();
    const data = extensions.vector16();
    if (type !== EXTENSION_SERVER_NAME) continue;
    // RFC 8446 §4.2: at most one extension of a type. With two, entry and exit could read different names.
    if (name !== undefined) throw new ClientHelloError('malformed', 'the server name stands twice');
    name = readHostName(data);
  }
  if (name === undefined) throw new ClientHelloError('no-sni', 'the hello has no server name');
  return name;
}

/** RFC 6066 §3: a list with at most one name of a type; only host names were ever defined. */
function readHostName(extension: Uint8Array): string {
  const outer = new Cursor(extension);
  const list = new Cursor(outer.vector16());
  outer.mustEnd();
  if (list.uint8() !== NAME_TYPE_HOST) throw new ClientHelloError('malformed', 'the server name is not a host name');
  const bytes = list.vector16();
  list.mustEnd();
  if (bytes.length > MAX_HOST_NAME) throw new ClientHelloError('bad-name', 'the server name is too long');
  const name = String.fromCharCode(...bytes).toLowerCase();
  if (!HOST_NAME.test(name)) throw new ClientHelloError('bad-name', 'the server name is not a DNS name');
  return name;
}

/** Reads forward through bytes; whatever stands outside of them is `malformed`. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#take(1)[0] ?? 0;
  }

  uint16(): number {
    return readUint16(this.#take(2), 0);
  }

  /** A vector with one byte of length before it. */
  vector8(): Uint8Array {
    return this.#take(this.uint8());
  }

  /** A vector with two bytes of length before it. */
  vector16(): Uint8Array {
    return this.#take(this.uint16());
  }

  skip(count: number): void {
    this.#take(count);
  }

  mustEnd(): void {
    if (this.left > 0) throw new ClientHelloError('malformed', 'bytes stand after a list that should fill its field');
  }

  #take(count: number): Uint8Array {
    if (count > this.left) throw new ClientHelloError('malformed', 'a length points outside of its field');
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function readUint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | readUint16(bytes, at + 1);
}
