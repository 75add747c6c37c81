// The Ed25519 key of a relay as 32 bytes and as the label of its names: CIDv1, codec libp2p-key, with the key itself as an identity multihash
// (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md), in base36 after a `k`. The directory keeps the bytes, which are half as long.

import { bytes32, hex, type Hex } from '../wire/kinds.ts';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';

export const PEER_KEY_BYTES = 32;

/** CID version 1, libp2p-key; identity hash of 36 bytes; protobuf: Type Ed25519 (1), Data of 32 bytes. */
const PREFIX = 0x01_72_00_24_08_01_12_20n;
const KEY_BITS = 8n * BigInt(PEER_KEY_BYTES);
/** Of 10,000 relays two have the same by chance once in 10^11 directories; to make one that another has takes 2^64 keys, and gains a link that fails. */
const KEY_PREFIX_BYTES = 8;
/** Those bytes in a message. */
export const keyPrefix = hex(KEY_PREFIX_BYTES);
/** 36^10 is less than 2^53: so many digits are read at once. */
const DIGITS = 10;

/** @param key 32 bytes */
export function labelOfKey(key: Uint8Array): PeerLabel {
  // The first byte is not zero, so base36 has no zeros before its first digit.
  return `k${((PREFIX << KEY_BITS) | BigInt(bytes32.decode(key))).toString(36)}`;
}

/** Undefined for what is no label of an Ed25519 key, or spells one in another way. */
export function keyOfLabel(label: string): Uint8Array | undefined {
  if (!isPeerLabel(label)) return undefined;
  let cid = 0n;
  for (let at = 1; at < label.length; at += DIGITS) {
    const digits = label.slice(at, at + DIGITS);
    cid = cid * BigInt(36 ** digits.length) + BigInt(Number.parseInt(digits, 36));
  }
  if (cid >> KEY_BITS !== PREFIX) return undefined;
  const digits = BigInt.asUintN(Number(KEY_BITS), cid)
    .toString(16)
    .padStart(2 * PEER_KEY_BYTES, '0');
  const key = bytes32.encode(`0x${digits}`);
  return labelOfKey(key) === label ? key : undefined;
}

/** The first bytes of the key, by which exits name their entries: whole keys would be half of the directory. Undefined as above. */
export function keyPrefixOf(label: string): Hex | undefined {
  const key = keyOfLabel(label);
  return key && keyPrefix.decode(key.subarray(0, KEY_PREFIX_BYTES));
}

/** A peer id in base58 as libp2p prints it (an identity multihash of 38 bytes, which is always 52 digits that begin so), or a label. Undefined for what is neither, or of another kind of key. */
export function labelOfPeerId(text: string): PeerLabel | undefined {
  if (keyOfLabel(text) !== undefined) return text;
  if (!/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)) return undefined;
  let id = 0n;
  for (const digit of text) id = id * 58n + BigInt(BASE58.indexOf(digit));
  if (id >> KEY_BITS !== (PREFIX & MULTIHASH)) return undefined;
  return `k${((PREFIX << KEY_BITS) | BigInt.asUintN(Number(KEY_BITS), id)).toString(36)}`;
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** Of the prefix: without version and codec. */
const MULTIHASH = 0xffff_ffff_ffffn;
