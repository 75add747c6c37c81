// Descriptors of relays, whole and random, and the keys that sign them.

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import fc from 'fast-check';
import { peerLabel } from '../../relay/identity.ts';
import { encodeDescriptor, MAX_VALIDITY_S, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import {
  encodeSigned,
  peerMessage,
  type DescriptorKeys,
  type SignedDescriptor,
} from '../../src/core/directory/open-descriptor.ts';
import { labelOfKey } from '../../src/core/directory/peer-key.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { isOfPayee, signDescriptor } from '../../src/chain/rail/relay-descriptor.ts';
import { peerKeys } from '../../src/net/peer-keys.ts';

export const DEVNET = NETWORKS.devnet;
/** Seconds since the epoch: 2026-12-01. */
export const DAY = 1_796_083_200;

export const KEYS: DescriptorKeys = {
  isOfPeer: (peer, message, signature) => peerKeys.verify(peer, message, signature),
  isOfPayee: (descriptor, bytes, signature) => isOfPayee(DEVNET, descriptor, bytes, signature),
};

/** A relay's two keys, the same for the same number. */
export async function relayKeys(number: number) {
  const peerKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(number));
  const payeeKey = new SigningKey(new Uint8Array(32).fill(number));
  const payee = computeAddress(payeeKey.publicKey).toLowerCase() as `0x${string}`;
  return { peerKey, payeeKey, payee, peer: peerLabel(peerIdFromPrivateKey(peerKey)) };
}

export type RelayKeys = Awaited<ReturnType<typeof relayKeys>>;

export function descriptorOf({ peer, payee }: Pick<RelayKeys, 'peer' | 'payee'>): RelayDescriptor {
  return {
    ...{ peer, payee, chainId: DEVNET.chainId, sequence: 7n, validFrom: DAY, validFor: MAX_VALIDITY_S },
    ...{ operator: 'birch.example', region: 'IS', version: '0.1.0', capacity: 125_000_000n },
    entry: {
      addresses: ['192.0.2.7', '2001:db8::7'],
      ...{ tunnelPort: 443, libp2pPort: 4001, zone: 'zone.example', pricePerMiB: 100n },
    },
    exit: {
      zone: 'other.example',
      fingerprints: [`0x${'ab'.repeat(16)}`],
      entries: ['0x0909090909090909'],
      refusedPorts: [{ from: 25, to: 25 }],
      pricePerMiB: 150n,
      addresses: ['198.51.100.7'],
      zoneRelay: '0x0808080808080808',
    },
    zone: { name: 'served.example', addresses: ['192.0.2.8'] },
  };
}

export async function signed(descriptor: RelayDescriptor, keys: RelayKeys): Promise<Uint8Array> {
  return encodeSigned(await sign(descriptor, keys));
}

/** @param bytes what is signed as the descriptor, whatever it is */
export async function sign(
  descriptor: RelayDescriptor,
  { peerKey, payeeKey }: Pick<RelayKeys, 'peerKey' | 'payeeKey'>,
  bytes: Uint8Array = encodeDescriptor(descriptor),
): Promise<SignedDescriptor> {
  const peerSignature = Buffer.from(await peerKey.sign(peerMessage(bytes))).toString('hex');
  return {
    descriptor: bytes,
    peerSignature: `0x${peerSignature}`,
    payeeSignature: signDescriptor(DEVNET, descriptor, bytes, payeeKey),
  };
}

const hex = (length: number): fc.Arbitrary<`0x${string}`> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const);
const word = (maxLength: number): fc.Arbitrary<string> => fc.stringMatching(/^[\x21-\x7e]+$/, { maxLength });
const zone = fc.stringMatching(/^[a-z0-9]{1,20}\.[a-z]{2,9}$/);
const port = fc.integer({ min: 1, max: 65_535 });
const price = fc.bigInt({ min: 0n, max: 1_000_000_000n });
/** As above. */
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 31n - 1n }),
  fc.bigInt({ min: 2n ** 32n, max: 2n ** 64n - 1n }),
);
const peer = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(labelOfKey);
const ip = fc.oneof(
  fc.ipV4(),
  fc.uint16Array({ minLength: 8, maxLength: 8 }).map((words) => {
    // None of the two has a spelling of its own: no zeros to shorten.
    const parts = [0x2001, ...words.slice(1)].map((part) => (part | 1).toString(16));
    return parts.join(':');
  }),
);
const range = fc.tuple(port, port).map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }));

export const anyDescriptor: fc.Arbitrary<RelayDescriptor> = fc
  .record({
    peer,
    payee: hex(20),
    chainId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    sequence: uint64,
    // protons-runtime 7.1.2 misspells numbers from 2^31 to 2^32 - 1.
    validFrom: fc.integer({ min: 1, max: 2 ** 31 - 2 - MAX_VALIDITY_S }),
    validFor: fc.integer({ min: 1, max: MAX_VALIDITY_S }),
    ...{ operator: word(100), region: fc.stringMatching(/^[A-Z]{2}$/), version: word(40), capacity: uint64 },
    entry: fc.record({
      addresses: fc.array(ip, { minLength: 1, maxLength: 8 }),
      ...{ tunnelPort: port, libp2pPort: port, zone, pricePerMiB: price },
    }),
    exit: fc.record({
      zone,
      fingerprints: fc.array(hex(16), { maxLength: 8 }),
      entries: fc.array(hex(8), { maxLength: 64 }),
      refusedPorts: fc.array(range, { maxLength: 32 }),
      pricePerMiB: price,
      addresses: fc.array(ip, { minLength: 1, maxLength: 8 }),
      zoneRelay: hex(8),
    }),
    zone: fc.record({ name: zone, addresses: fc.array(ip, { minLength: 1, maxLength: 8 }) }),
    roles: fc.integer({ min: 1, max: 7 }),
  })
  .map(({ roles, entry, exit, zone: served, ...rest }) => ({
    ...rest,
    ...((roles & 1) === 0 ? {} : { entry }),
    ...((roles & 2) === 0 ? {} : { exit }),
    ...((roles & 4) === 0 ? {} : { zone: served }),
  }));
