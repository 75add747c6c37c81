// A relay's identity, made by the devnet so that names, certificates and the extension's relay list are known before any relay runs.

import { writeFile } from 'node:fs/promises';
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { base36 } from 'multiformats/bases/base36';

export type Identity = {
  /** Base36 CIDv1, as in circuit names. */
  label: string;
  /** `12D3KooW…`, as in multiaddrs. */
  peerId: string;
};

/** Writes a fresh Ed25519 key to `file` (base64 of libp2p's protobuf, mode 0600), as `identity` of a relay's config names it. */
export async function createIdentity(file: string): Promise<Identity> {
  const key = await generateKeyPair('Ed25519');
  await writeFile(file, `${Buffer.from(privateKeyToProtobuf(key)).toString('base64')}\n`, { mode: 0o600 });
  const peer = peerIdFromPrivateKey(key);
  return { label: peer.toCID().toString(base36), peerId: peer.toString() };
}
