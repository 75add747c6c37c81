// A list of destinations that an exit does not serve, and why: a text that somebody signed (docs/protocol/block-list.md). Nothing of it is in force before the signature was checked.
// Pure but for the reading of files; used by relay/operations/operations.ts and `conet-relay sign-list`.

import { readFile, stat } from 'node:fs/promises';
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys';
import { CID } from 'multiformats/cid';
import { base36 } from 'multiformats/bases/base36';
import ipaddr from 'ipaddr.js';
import { isZone } from '../../src/core/tunnel/circuit-name.ts';
import type { BlockListConfig } from '../config/block-lists.ts';

export type BlockListErrorCode = 'unreadable' | 'too-large' | 'unsigned' | 'bad-signer' | 'bad-signature' | 'malformed';

/** For the operator: which file, and what is wrong with it. The whole list is refused. */
export class BlockListError extends Error {
  override readonly name = 'BlockListError';
  readonly code: BlockListErrorCode;

  constructor(code: BlockListErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type BlockList = {
  /** What a client is told. */
  reason: string;
  /** Lower case, without a dot at the end; each stands for all names below it as well. */
  names: ReadonlySet<string>;
  /** CIDRs. */
  networks: readonly string[];
};

/** 200,000 names of 40 bytes. */
const MAX_BYTES = 8 * 1024 * 1024;
/** In base64, with a line end: of an Ed25519 signature. */
const MAX_SIGNATURE_CHARS = 100;
const MAX_ENTRIES = 200_000;
/** It goes out with each refusal. */
const REASON = /^[^\p{Cc}\p{Cs}]{1,300}$/u;
/** What is signed begins so: a signature of this key over anything else is none of a list. */
const CONTEXT = 'conet block list 1\n';

/** The bytes that are signed. */
export function blockListMessage(text: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([Buffer.from(CONTEXT), text]));
}

/** Throws `BlockListError`. */
export async function readBlockList({ file, signer }: BlockListConfig): Promise<BlockList> {
  const text = await readSmall(file, MAX_BYTES, 'unreadable');
  const signature = await readSmall(`${file}.sig`, MAX_SIGNATURE_CHARS, 'unsigned');
  if (!(await isSigned(text, signature.toString('latin1').trim(), signer, file)))
    throw new BlockListError('bad-signature', `${file}: ${file}.sig is not ${signer}'s signature of it`);
  return parseBlockList(text.toString('utf8'), file);
}

/** @param file for the errors. Throws `BlockListError`. */
export function parseBlockList(text: string, file: string): BlockList {
  const names = new Set<string>();
  const networks: string[] = [];
  let reason: string | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    // In the reason a # is a sign like any other.
    const [, said] = /^reason:\s*(.*?)\s*$/.exec(raw) ?? [];
    if (said !== undefined) {
      if (reason !== undefined || !REASON.test(said))
        throw malformed(file, index, 'one `reason:` of 1 to 300 characters');
      reason = said;
    } else if (line !== '') {
      if (reason === undefined) throw malformed(file, index, '`reason:` before the first entry');
      const network = parseNetwork(line);
      const name = line.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '');
      if (network !== undefined) networks.push(network);
      else if (isZone(name)) names.add(name);
      else throw malformed(file, index, 'an address, a network such as 192.0.2.0/24, or a name');
      if (names.size + networks.length > MAX_ENTRIES)
        throw new BlockListError('too-large', `${file}: has more than ${MAX_ENTRIES} entries`);
    }
  }
  if (reason === undefined) throw new BlockListError('malformed', `${file}: has no \`reason:\``);
  return { reason, names, networks };
}

function malformed(file: string, index: number, needed: string): BlockListError {
  return new BlockListError('malformed', `${file}: line ${index + 1}: needs ${needed}`);
}

/** A CIDR; undefined for a name. */
function parseNetwork(text: string): string | undefined {
  if (ipaddr.isValidCIDR(text)) return text;
  if (ipaddr.IPv6.isValid(text) && !text.includes('%')) return `${text}/128`;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? `${text}/32` : undefined;
}

async function isSigned(text: Buffer, signature: string, signer: string, file: string): Promise<boolean> {
  if (!/^[A-Za-z0-9+/]{86}==$/.test(signature)) return false;
  return keyOf(signer, file).verify(blockListMessage(text), Buffer.from(signature, 'base64'));
}

/** The key stands in the name: an Ed25519 peer id is its key (libp2p peer ids, identity multihash). */
function keyOf(signer: string, file: string) {
  try {
    const key = publicKeyFromProtobuf(CID.parse(signer, base36).multihash.digest);
    if (key.type === 'Ed25519') return key;
  } catch {
    // The line below says it.
  }
  throw new BlockListError('bad-signer', `${file}: the signer is not the name of an Ed25519 key`);
}

async function readSmall(path: string, most: number, missing: 'unreadable' | 'unsigned'): Promise<Buffer> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) throw new BlockListError(missing, `${path} cannot be read`);
  if (facts.size > most) throw new BlockListError('too-large', `${path} is larger than it can be`);
  return readFile(path).catch(() => {
    throw new BlockListError(missing, `${path} cannot be read`);
  });
}
