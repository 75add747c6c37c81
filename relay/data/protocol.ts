// Data connections between an exit and its entry: what is said on the link about them, and how a tunnel is framed on one (docs/protocol/data.md). Both ends read it here.

import { WireError } from '../../src/core/wire/wire-error.ts';

/** The exit asks, on its link, for keys of connections that it will make. */
export const DATA_PROTOCOL = '/conet/data/1.0.0';

/** The server name by which an entry tells them from browsers. Nobody can own it (RFC 6761 §6.4), and it is no circuit name. */
export const DATA_SERVER_NAME = 'data.conet.invalid';

/** RFC 5487: no certificates, since the link has proved both; each key is new, so it need not be agreed on here. It is the cipher that CPUs do best. */
export const DATA_TLS = {
  ciphers: 'PSK-AES128-GCM-SHA256',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;

/** Of one connection, and no other. */
export type DataKey = {
  /** Goes in the clear. 16 bytes, hexadecimal. */
  id: string;
  /** 32 bytes. */
  psk: Buffer;
};

/** Keys at once: more than an exit keeps waiting connections. */
export const MAX_KEYS = 32;

const ID_LENGTH = 16;
const PSK_LENGTH = 32;
const KEY_LENGTH = ID_LENGTH + PSK_LENGTH;
const PORT_LENGTH = 2;
export const MAX_ANSWER_BYTES = PORT_LENGTH + MAX_KEYS * KEY_LENGTH;

/** A question is the number of keys, in one byte. */
export function decodeKeyCount(bytes: Uint8Array): number {
  const [count = 0] = bytes;
  if (bytes.length !== 1 || count < 1 || count > MAX_KEYS) throw new WireError('bad-value', 'no number of keys');
  return count;
}

/** The answer: the port of the entry for them, big endian, and as many keys as it gives, which may be none. */
export function encodeDataKeys(port: number, keys: readonly DataKey[]): Uint8Array {
  const head = Buffer.alloc(PORT_LENGTH);
  head.writeUInt16BE(port);
  return Buffer.concat([head, ...keys.flatMap(({ id, psk }) => [Buffer.from(id, 'hex'), psk])]);
}

/** Throws `WireError`. @param most how many were asked for */
export function decodeDataKeys(bytes: Uint8Array, most: number): { port: number; keys: DataKey[] } {
  const buffer = Buffer.from(bytes);
  const count = (buffer.length - PORT_LENGTH) / KEY_LENGTH;
  if (!Number.isInteger(count) || count < 0 || count > most) throw new WireError('bad-value', 'no keys');
  const port = buffer.readUInt16BE(0);
  if (port === 0) throw new WireError('bad-value', 'no port');
  const keys = Array.from({ length: count }, (_, index): DataKey => {
    const start = PORT_LENGTH + index * KEY_LENGTH;
    return {
      id: buffer.toString('hex', start, start + ID_LENGTH),
      psk: Buffer.from(buffer.subarray(start + ID_LENGTH, start + KEY_LENGTH)),
    };
  });
  return { port, keys };
}
