// A relay's key: an Ed25519 libp2p key in a file of its own, and the peer id it stands for.
// The key never appears in a log or an error. Used by the command line and by relay/relay.ts.

import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { base36 } from 'multiformats/bases/base36';
import type { PeerLabel } from '../src/core/tunnel/circuit-name.ts';
import { KeyFileError, readKeyFile, writeKeyFile } from './key-file.ts';

export type Identity = {
  privateKey: Ed25519PrivateKey;
  peerId: PeerId;
  /** The peer id as a DNS label: CIDv1 in base36. */
  label: PeerLabel;
};

/** `k51…`, the form that stands in circuit names. */
export function peerLabel(peer: PeerId): PeerLabel {
  return peer.toCID().toString(base36);
}

/** Reads a key that `createIdentity` wrote. Throws `KeyFileError` without a word of the file's content. */
export async function loadIdentity(path: string): Promise<Identity> {
  return identityOf(parseKey((await readKeyFile(path, 'conet-relay init')) ?? '', path));
}

/** Makes a new key. Throws `KeyFileError` `exists` rather than replace a file: a lost key is a lost name and its payments. */
export async function createIdentity(path: string): Promise<Identity> {
  const privateKey = await generateKeyPair('Ed25519');
  await writeKeyFile(path, Buffer.from(privateKeyToProtobuf(privateKey)).toString('base64'));
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

function malformed(path: string): KeyFileError {
  return new KeyFileError('malformed', `${path} holds no Ed25519 key as conet-relay init writes it`);
}

function identityOf(privateKey: Ed25519PrivateKey): Identity {
  const peerId = peerIdFromPrivateKey(privateKey);
  return { privateKey, peerId, label: peerLabel(peerId) };
}
