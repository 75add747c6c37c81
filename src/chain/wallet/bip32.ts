// Private child keys of BIP-32. Written out here, though ethers has them: its class for it brings providers and signers with it, which the
// wallet needs for nothing else (docs/decisions/0018). tests/unit/chain/wallet/hd.test.ts holds it to ethers' own for random seeds and paths.

import { SigningKey } from 'ethers/crypto';
import { fromHex, toHex } from '../../core/wallet/hex.ts';

/** "Master key generation": the key of the HMAC. */
const MASTER = new TextEncoder().encode('Bitcoin seed');
const HARDENED = 2 ** 31;
/** Order of secp256k1 (SEC 2 §2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

type Node = { key: bigint; chain: Uint8Array<ArrayBuffer> };

/** The private key at a path like `m/44'/60'/0'/0/3`, 0x and 64 digits. Throws where there is none: once in 2^127 paths. */
export async function derivePath(seed: Uint8Array<ArrayBuffer>, path: string): Promise<string> {
  const [root, ...steps] = path.split('/');
  if (root !== 'm') throw new Error('not a path from the root');
  let node = toNode(await hmacSha512(MASTER, seed), 0n);
  for (const step of steps) node = await child(node, parseStep(step));
  return `0x${text(node.key)}`;
}

/** CKDpriv. */
async function child({ key, chain }: Node, index: number): Promise<Node> {
  const data = new Uint8Array(37);
  if (index >= HARDENED) data.set(fromHex(text(key)), 1);
  else data.set(fromHex(SigningKey.computePublicKey(`0x${text(key)}`, true).slice(2)));
  new DataView(data.buffer).setUint32(33, index);
  return toNode(await hmacSha512(chain, data), key);
}

function toNode(hmac: Uint8Array<ArrayBuffer>, parent: bigint): Node {
  const left = BigInt(`0x${toHex(hmac.subarray(0, 32))}`);
  const key = (left + parent) % ORDER;
  if (left >= ORDER || key === 0n) throw new Error('no key at this path');
  return { key, chain: hmac.slice(32) };
}

function parseStep(step: string): number {
  const [, digits, mark] = /^(\d{1,10})('?)$/.exec(step) ?? [];
  const index = Number(digits);
  if (!(index < HARDENED)) throw new Error('not a step of a path');
  return mark === "'" ? index + HARDENED : index;
}

function text(key: bigint): string {
  return key.toString(16).padStart(64, '0');
}

export async function hmacSha512(
  secret: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, data));
}
