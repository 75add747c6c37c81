// How libp2p proves a peer id over HTTP: the parameters in the headers, and what is signed (https://github.com/libp2p/specs/blob/master/http/peer-id-auth.md). Pure. The server's side is
// relay/zone/broker/authenticate.ts, the client's relay/certificates/registration.ts. Not `@libp2p/http-peer-id-auth`: docs/decisions/0037 says why.

import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PublicKey } from '@libp2p/interface';

export const AUTH_SCHEME = 'libp2p-PeerID';

/** Of a header; go-libp2p takes as much. A key, a signature and two sealed values have less than half. */
const MAX_HEADER_CHARACTERS = 2048;
/** An Ed25519 key has 36 bytes, one of secp256k1 37. */
const MAX_KEY_BYTES = 64;
const PARAM = /([a-z-]+)="([^"\\]*)"[, ]*/gy;
const BASE64URL = /^[A-Za-z0-9_-]+={0,2}$/;

export function formatAuthParams(params: Readonly<Record<string, string>>): string {
  return `${AUTH_SCHEME} ${Object.entries(params)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}

/** Undefined for what is not this scheme, is too long, or names a parameter twice. */
export function parseAuthParams(header: string): ReadonlyMap<string, string> | undefined {
  const scheme = `${AUTH_SCHEME} `;
  if (header.length > MAX_HEADER_CHARACTERS || !header.startsWith(scheme)) return undefined;
  const rest = header.slice(scheme.length).trim();
  const params = new Map<string, string>();
  let read = 0;
  for (const [whole, name = '', value = ''] of rest.matchAll(PARAM)) {
    if (params.has(name)) return undefined;
    params.set(name, value);
    read += whole.length;
  }
  return read === rest.length ? params : undefined;
}

/** Parameters by their names, each with its length before it, after the name of the scheme. */
export function dataToSign(params: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const parts = Object.entries(params)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => Buffer.concat([Buffer.from(`${name}=`), Buffer.from(value)]));
  return Buffer.concat([Buffer.from(AUTH_SCHEME), ...parts.flatMap((part) => [varint(part.length), part])]);
}

/** Undefined for what is no base64url; its padding may be left out. */
export function decodeBase64(text: string | undefined): Uint8Array | undefined {
  return text !== undefined && BASE64URL.test(text) ? Buffer.from(text, 'base64url') : undefined;
}

/** With padding: js-libp2p reads nothing else. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

export function encodeKey(key: PublicKey): string {
  return encodeBase64(publicKeyToProtobuf(key));
}

/** Of the kinds whose peer id fits into a label of DNS and costs little to check; undefined for any other. */
export function decodeKey(text: string | undefined): PublicKey | undefined {
  const bytes = decodeBase64(text);
  if (bytes === undefined || bytes.length > MAX_KEY_BYTES) return undefined;
  try {
    const key = publicKeyFromProtobuf(bytes);
    return key.type === 'Ed25519' || key.type === 'secp256k1' ? key : undefined;
  } catch {
    return undefined;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
  }
  return Uint8Array.from(bytes);
}
