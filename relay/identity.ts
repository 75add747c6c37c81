// A relay's key: an Ed25519 libp2p key in a file of its own, and the peer id it stands for.
// The key never appears in a log or an error. Used by the command line and by relay/relay.ts.

import { open, readFile, stat } from 'node:fs/promises';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { base36 } from 'multiformats/bases/base36';
import type { PeerLabel } from '../src/core/tunnel/circuit-name.ts';

export type Identity = {
  privateKey: Ed25519PrivateKey;
  peerId: PeerId;
  /** The peer id as a DNS label: CIDv1 in base36. */
  label: PeerLabel;
};

export type IdentityErrorCode = 'missing' | 'readable-by-others' | 'malformed' | 'exists';

export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;
/** The protobuf has 68 bytes, 92 characters in base64. */
const MAX_KEY_FILE_BYTES = 1024;

/** `k51…`, the form that stands in circuit names. */
export function peerLabel(peer: PeerId): PeerLabel {
  return peer.toCID().toString(base36);
}

/** Reads a key that `createIdentity` wrote. Throws `IdentityError` without a word of the file's content. */
export async function loadIdentity(path: string): Promise<Identity> {
  const facts = await stat(path).catch(() => {
    throw new IdentityError('missing', `cannot read the key ${path}; make one with: conet-relay init`);
  });
  if ((facts.mode & GROUP_AND_OTHERS) !== 0) {
    throw new IdentityError('readable-by-others', `the key ${path} is open to other users; run: chmod 600 ${path}`);
  }
  if (!facts.isFile() || facts.size > MAX_KEY_FILE_BYTES) throw malformed(path);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new IdentityError('missing', `cannot read the key ${path}`);
  });
  return identityOf(parseKey(text, path));
}

/** Makes a new key. Throws `IdentityError` `exists` rather than replace a file: a lost key is a lost name and its payments. */
export async function createIdentity(path: string): Promise<Identity> {
  const privateKey = await generateKeyPair('Ed25519');
  const file = await open(path, 'wx', OWNER_ONLY).catch((error: unknown) => {
    if (isErrno(error, 'EEXIST')) throw new IdentityError('exists', `${path} exists already; it was left as it is`);
    throw new IdentityError('missing', `cannot write the key ${path}`);
  });
  try {
    await file.writeFile(`${Buffer.from(privateKeyToProtobuf(privateKey)).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return identityOf(privateKey);
}

function parseKey(text: string, path: string): Ed25519PrivateKey {
  try {
    const key = privateKeyFromProtobuf(Buffer.from(text.trim(), 'base64'));
    if (key.type === 'Ed25519') return key;
  } catch {
    // What the parser says may quote the key.
  }
  throw malformed(path);
}

function malformed(path: string): IdentityError {
  return new IdentityError('malformed', `${path} holds no Ed25519 key as conet-relay init writes it`);
}

function identityOf(privateKey: Ed25519PrivateKey): Identity {
  const peerId = peerIdFromPrivateKey(privateKey);
  return { privateKey, peerId, label: peerLabel(peerId) };
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
