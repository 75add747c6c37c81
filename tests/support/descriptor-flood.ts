// Descriptors by the thousand, as one hand can make them that has no bond: each with keys, payee, operator and network of its own, or all of one name. And nodes that answer with them.

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import type { Ed25519PrivateKey } from '@libp2p/interface';
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { serveDirectory } from '../../relay/directory/serve.ts';
import { peerLabel } from '../../relay/identity.ts';
import type { RelayNode } from '../../relay/net/node.ts';
import { encodeDescriptor, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import type { Directory, Kept } from '../../src/core/directory/directory.ts';
import type { OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { descriptorOf, sign } from './descriptors.ts';

/**
 * @param name of whom it is: the same numbers of another name are others
 * @param network they are at 127.`network`.0.1, 127.`network`.1.1 and so on
 * @param oneHand all of one payee, operator and network
 */
export async function makeDescriptors(
  name: string,
  count: number,
  network: number,
  { oneHand = false } = {},
): Promise<OpenedDescriptor[]> {
  const made: OpenedDescriptor[] = [];
  for (let number = 0; number < count; number += 1) {
    const seed = (part: string): Uint8Array => createHash('sha256').update(`${name} ${part}`).digest();
    const peerKey: Ed25519PrivateKey = await generateKeyPairFromSeed('Ed25519', seed(`peer ${number}`));
    const payeeKey = new SigningKey(seed(oneHand ? 'payee' : `payee ${number}`));
    const payee = computeAddress(payeeKey.publicKey).toLowerCase() as `0x${string}`;
    const peer = peerLabel(peerIdFromPrivateKey(peerKey));
    const descriptor = { ...entryOf(oneHand ? 0 : number, name, network), ...{ peer, payee } };
    const signed = await sign(descriptor, { peerKey, payeeKey }, encodeDescriptor(descriptor));
    made.push({ descriptor, signed });
  }
  return made;
}

/** In a /24 of its own; on the devnet's chain addresses of this machine may be dialled, and nobody is there. */
function entryOf(number: number, name: string, network: number): RelayDescriptor {
  const { exit: _exit, zone: _zone, entry, ...rest } = descriptorOf({ peer: '', payee: '0x' });
  return {
    ...rest,
    validFrom: Math.floor(Date.now() / 1000) - 60,
    operator: `${name}-${number}`,
    entry: { ...entry!, addresses: [`127.${network + (number >> 8)}.${number & 255}.1`], libp2pPort: 1 },
  };
}

/** Answers with what was added, whoever asks; it has no limits of its own. */
export async function serveAll(node: RelayNode, epoch: `0x${string}`) {
  const kept: Kept[] = [];
  let asked = 0;
  const directory = {
    get mark() {
      return { epoch, version: kept.length };
    },
    since: (mark: { epoch: string; version: number } | undefined) => {
      asked += 1;
      return kept.slice(mark?.epoch === epoch ? mark.version : 0);
    },
  };
  await serveDirectory({
    ...{ node, log: pino({ enabled: false }), now: Date.now },
    directory: directory as unknown as Directory,
  });
  return {
    add: (more: readonly OpenedDescriptor[]): void => {
      for (const each of more) kept.push({ ...each, version: kept.length + 1, vouched: false });
    },
    /** How often somebody asked. */
    asked: () => asked,
  };
}
