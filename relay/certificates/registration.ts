// Leaves a challenge with a zone's broker, as p2p-forge's API has it: proves the peer id over HTTP (relay/net/peer-id-auth.ts), then says what is to stand in the zone and where this relay can
// be dialled. Works with ours (relay/zone/broker) and with libp2p.direct. Called by autotls-zone.ts.

import { randomBytes } from 'node:crypto';
import type { PrivateKey } from '@libp2p/interface';
import {
  dataToSign,
  decodeBase64,
  decodeKey,
  encodeBase64,
  encodeKey,
  formatAuthParams,
  parseAuthParams,
} from '../net/peer-id-auth.ts';
import { AutotlsError, unreachable } from './autotls-error.ts';
import { retryAfterMs, type HttpsAnswer, type HttpsClient } from './https-request.ts';

export type RegistrationInit = {
  /** Of the broker, without a path: `https://registration.libp2p.direct`. */
  registration: string;
  privateKey: PrivateKey;
  /** Digest of the key authorization (RFC 8555 §8.4), base64url. */
  value: string;
  /** Multiaddrs under which the broker finds this peer now. */
  addresses: readonly string[];
  client: HttpsClient;
  signal: AbortSignal;
};

const CHALLENGE_BYTES = 32;
/** Of a refusal, for the log. */
const MAX_LINE_CHARACTERS = 200;

/** Throws `AutotlsError`. */
export async function registerChallenge(init: RegistrationInit): Promise<void> {
  const { registration, privateKey, value, addresses, client, signal } = init;
  const url = new URL('/v1/_acme-challenge', registration);
  const send = async (
    method: 'OPTIONS' | 'POST',
    headers: Record<string, string>,
    body?: string,
  ): Promise<HttpsAnswer> => {
    try {
      return await client.request(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      throw unreachable('broker', url.host, error);
    }
  };

  const challenge = encodeBase64(randomBytes(CHALLENGE_BYTES));
  const publicKey = encodeKey(privateKey.publicKey);
  const first = await send('OPTIONS', {
    authorization: formatAuthParams({ 'challenge-server': challenge, 'public-key': publicKey }),
  });
  const authorization = await answer(first, { challenge, host: url.host, privateKey });
  const second = await send(
    'POST',
    { authorization, 'content-type': 'application/json', ...affinity(first) },
    JSON.stringify({ value, addresses }),
  );
  if (second.status !== 200) throw refusal(second, url.host);
}

/** Checks that the broker holds the key that it names, and signs its challenge. */
async function answer(
  first: HttpsAnswer,
  { challenge, host, privateKey }: { challenge: string; host: string; privateKey: PrivateKey },
): Promise<string> {
  const params = parseAuthParams(first.headers['www-authenticate'] ?? '');
  const theirs = params?.get('challenge-client');
  const opaque = params?.get('opaque');
  const key = decodeKey(params?.get('public-key'));
  const keyBytes = decodeBase64(params?.get('public-key'));
  const signature = decodeBase64(params?.get('sig'));
  if (
    theirs === undefined ||
    opaque === undefined ||
    key === undefined ||
    keyBytes === undefined ||
    signature === undefined
  ) {
    throw first.status === 401
      ? new AutotlsError('broker-refused', `${host} asks for no proof of a peer id`)
      : refusal(first, host);
  }
  const own = decodeBase64(encodeKey(privateKey.publicKey)) ?? new Uint8Array();
  const proof = dataToSign({ 'challenge-server': challenge, 'client-public-key': own, hostname: host });
  if (!(await key.verify(proof, signature))) {
    throw new AutotlsError('broker-refused', `${host} does not hold the key that it names`);
  }
  const data = dataToSign({ 'challenge-client': theirs, 'server-public-key': keyBytes, hostname: host });
  return formatAuthParams({ opaque, sig: encodeBase64(await privateKey.sign(data)) });
}

/** A load balancer before several brokers sends the second request to the one that knows of the first by this (p2p-forge 0.9.1). */
function affinity({ headers }: HttpsAnswer): { cookie?: string } {
  const cookies = (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '');
  return cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
}

function refusal({ status, headers, body }: HttpsAnswer, host: string): AutotlsError {
  const line = (body.split('\n')[0] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, MAX_LINE_CHARACTERS);
  const later = status === 429 || status === 503;
  return new AutotlsError(later ? 'broker-limit' : 'broker-refused', `${host} answered ${status}: ${line}`, {
    retryAfterMs: retryAfterMs(headers, Date.now()),
  });
}
