// The server's side of libp2p's peer-id HTTP authentication, without state: what it must remember between two requests it seals and gives away. A peer id comes out of here only for
// somebody who signed a challenge of ours with its key, or who shows the token that was given for that. Called by handle.ts.

import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PeerId, PrivateKey } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import {
  dataToSign,
  decodeBase64,
  decodeKey,
  encodeBase64,
  encodeKey,
  formatAuthParams,
  parseAuthParams,
} from '../../net/peer-id-auth.ts';

export type Authentication =
  | {
      kind: 'peer';
      peer: PeerId;
      /** For the header Authentication-Info, whatever becomes of the request. */ info?: string;
    }
  /** For the header WWW-Authenticate. */
  | { kind: 'challenge'; authenticate: string };

/** @param host as the client wrote it, with the port where there is one: it signs this. */
export type Authenticate = (header: string | undefined, host: string) => Promise<Authentication>;

type Sealed =
  | { kind: 'challenge'; challenge: string; host: string; key?: string; at: number }
  | { kind: 'bearer'; host: string; key: string; at: number };

/** Between two requests of one handshake; go-libp2p says the same. */
const CHALLENGE_MS = 300_000;
/** p2p-forge's, and what clients count on: js-libp2p shows a token for an hour, and asks for no other if it is refused. */
const BEARER_MS = 3_600_000;
const CHALLENGE_BYTES = 32;
/** Of what a client challenges us with: it is signed, so it must not be anything of any length. */
const MAX_CHALLENGE_CHARACTERS = 256;
const MAC_BYTES = 32;

/**
 * @param serverKey what proves our own peer id to the client
 * @param now ms since the epoch; sealed values outlive a restart
 */
export function createAuthenticate(serverKey: PrivateKey, now: () => number): Authenticate {
  const publicKey = encodeKey(serverKey.publicKey);
  const publicKeyBytes = decodeBase64(publicKey) ?? new Uint8Array();
  const sealer = createSealer(serverKey);

  const challenge = async (host: string, client?: { key: string; challenge: string }): Promise<Authentication> => {
    const value = encodeBase64(randomBytes(CHALLENGE_BYTES));
    const sealed: Sealed = { kind: 'challenge', challenge: value, host, at: now(), ...(client && { key: client.key }) };
    return {
      kind: 'challenge',
      authenticate: formatAuthParams({
        'challenge-client': value,
        'public-key': publicKey,
        ...(client && { sig: await proveServer(client.challenge, client.key, host) }),
        opaque: sealer.seal(sealed),
      }),
    };
  };
  const proveServer = async (challenge: string, clientKey: string, host: string): Promise<string> => {
    const clientKeyBytes = decodeBase64(clientKey) ?? new Uint8Array();
    const data = dataToSign({ 'challenge-server': challenge, 'client-public-key': clientKeyBytes, hostname: host });
    return encodeBase64(await serverKey.sign(data));
  };
  const open = (text: string | undefined, host: string, forMs: number): Sealed | undefined => {
    const sealed = sealer.open(text);
    const fresh = sealed?.host === host && now() - sealed.at < forMs && sealed.at <= now();
    return fresh ? sealed : undefined;
  };

  /** Whoever signed the challenge that we sealed for this host. */
  const signer = async (params: ReadonlyMap<string, string>, host: string): Promise<string | undefined> => {
    const sealed = open(params.get('opaque'), host, CHALLENGE_MS);
    const signature = decodeBase64(params.get('sig'));
    if (sealed?.kind !== 'challenge' || signature === undefined) return undefined;
    // The key stands in the seal where the client began, and in the header where we did.
    const text = sealed.key ?? params.get('public-key');
    const key = decodeKey(text);
    if (key === undefined || text === undefined) return undefined;
    const data = dataToSign({
      'challenge-client': sealed.challenge,
      'server-public-key': publicKeyBytes,
      hostname: host,
    });
    return (await verify(key, data, signature)) ? text : undefined;
  };

  return async (header, host) => {
    const params = header === undefined ? undefined : parseAuthParams(header);
    if (params === undefined) return challenge(host);
    const bearer = open(params.get('bearer'), host, BEARER_MS);
    if (bearer?.kind === 'bearer') return { kind: 'peer', peer: peerOf(bearer.key) };
    const theirs = params.get('challenge-server');
    if (theirs !== undefined && theirs.length > MAX_CHALLENGE_CHARACTERS) return challenge(host);
    const signed = params.has('opaque') ? await signer(params, host) : undefined;
    if (signed !== undefined) {
      const sealed: Sealed = { kind: 'bearer', host, key: signed, at: now() };
      const proof = theirs === undefined ? {} : { sig: await proveServer(theirs, signed, host) };
      return { kind: 'peer', peer: peerOf(signed), info: formatAuthParams({ ...proof, bearer: sealer.seal(sealed) }) };
    }
    const key = params.get('public-key');
    if (theirs === undefined || params.has('opaque') || key === undefined || decodeKey(key) === undefined) {
      return challenge(host);
    }
    return challenge(host, { key, challenge: theirs });
  };
}

function peerOf(key: string): PeerId {
  const decoded = decodeKey(key);
  if (decoded === undefined) throw new TypeError('a key that was sealed no longer reads');
  return peerIdFromPublicKey(decoded);
}

async function verify(
  key: NonNullable<ReturnType<typeof decodeKey>>,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    return await key.verify(data, signature);
  } catch {
    // What is no signature of this kind of key at all.
    return false;
  }
}

/** Seals by a key that follows from the relay's own, so that what was given out is still good after a restart. */
function createSealer(serverKey: PrivateKey): {
  seal(value: Sealed): string;
  open(text: string | undefined): Sealed | undefined;
} {
  const key = Buffer.from(
    hkdfSync('sha256', serverKey.raw, '', 'conet zone broker: seals of peer-id authentication', 32),
  );
  const mac = (body: Uint8Array): Buffer => createHmac('sha256', key).update(body).digest();
  return {
    seal: (value) => {
      const body = Buffer.from(JSON.stringify(value));
      return encodeBase64(Buffer.concat([mac(body), body]));
    },
    open: (text) => {
      const bytes = decodeBase64(text);
      if (bytes === undefined || bytes.length <= MAC_BYTES) return undefined;
      const body = bytes.subarray(MAC_BYTES);
      if (!timingSafeEqual(mac(body), bytes.subarray(0, MAC_BYTES))) return undefined;
      return JSON.parse(Buffer.from(body).toString()) as Sealed;
    },
  };
}
