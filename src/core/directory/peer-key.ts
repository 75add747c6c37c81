// The Ed25519 key of a relay as 32 bytes and as the label of its names: CIDv1, codec libp2p-key, with the key itself as an identity multihash
// (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md). The directory keeps the bytes, which are half as long.

import { base36 } from 'multiformats/bases/base36';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';

export const PEER_KEY_BYTES = 32;

/** CID version 1, libp2p-key; identity hash of 36 bytes; protobuf: Type Ed25519 (1), Data of 32 bytes. */
const PREFIX = Uint8Array.of(0x01, 0x72, 0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** @param key 32 bytes */
export function labelOfKey(key: Uint8Array): PeerLabel {
  const cid = new Uint8Array(PREFIX.length + PEER_KEY_BYTES);
  cid.set(PREFIX);
  cid.set(key, PREFIX.length);
  return base36.encode(cid);
}

/** Undefined for what is no label of an Ed25519 key, or spells one in another way. */
export function keyOfLabel(label: string): Uint8Array | undefined {
  if (!isPeerLabel(label)) return undefined;
  let cid: Uint8Array;
  try {
    cid = base36.decode(label);
  } catch {
    return undefined;
  }
  const isOne = cid.length === PREFIX.length + PEER_KEY_BYTES && PREFIX.every((byte, at) => cid[at] === byte);
  return isOne && labelOfKey(cid.subarray(PREFIX.length)) === label ? cid.slice(PREFIX.length) : undefined;
}
