// What is signed towards an ACME server: requests as JWS with ES256 (RFC 8555 §6.2, RFC 7518 §3.4), and the digest that stands in the zone (§8.4). Pure. Called by acme-transport.ts and
// acme-order.ts.

import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** Members in the order in which a thumbprint has them (RFC 7638 §3.2). */
type Jwk = { crv: 'P-256'; kty: 'EC'; x: string; y: string };

export function jwkOf(account: KeyObject): Jwk {
  const { x = '', y = '' } = createPublicKey(account).export({ format: 'jwk' });
  return { crv: 'P-256', kty: 'EC', x, y };
}

/**
 * @param payload undefined for a read (POST-as-GET, §6.3)
 * @param signer the account's URL, or undefined for its key itself, as for a new account
 */
export function signRequest(
  account: KeyObject,
  { url, nonce, signer, payload }: { url: string; nonce: string; signer: string | undefined; payload: unknown },
): string {
  const who = signer === undefined ? { jwk: jwkOf(account) } : { kid: signer };
  const header = encode(JSON.stringify({ alg: 'ES256', ...who, nonce, url }));
  const body = payload === undefined ? '' : encode(JSON.stringify(payload));
  const signature = sign('sha256', Buffer.from(`${header}.${body}`), { key: account, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ protected: header, payload: body, signature: signature.toString('base64url') });
}

/** What stands at `_acme-challenge` for this token. */
export function challengeDigest(account: KeyObject, token: string): string {
  const thumbprint = createHash('sha256')
    .update(JSON.stringify(jwkOf(account)))
    .digest('base64url');
  return createHash('sha256').update(`${token}.${thumbprint}`).digest('base64url');
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
