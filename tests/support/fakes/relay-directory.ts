// Relays with both of their keys, and what they say of themselves: a directory that a client can open.

import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { peerLabel } from '../../../relay/identity.ts';
import type { RelayDescriptor } from '../../../src/core/directory/descriptor.ts';
import type { SignedDescriptor } from '../../../src/core/directory/open-descriptor.ts';
import { keyPrefixOf } from '../../../src/core/directory/peer-key.ts';
import { DEVNET, sign } from '../descriptors.ts';

export type ListedRelay = {
  label: string;
  key: Ed25519PrivateKey;
  descriptor: RelayDescriptor;
  signed: SignedDescriptor;
  /** With something else in it, and a higher number. */
  change(change: Partial<RelayDescriptor>): Promise<SignedDescriptor>;
};

export type ListedNetwork = { zone: ListedRelay; entries: ListedRelay[]; exits: ListedRelay[]; all: ListedRelay[] };

const ZONE = 'zone.test';

/** Each relay of an operator, payee and network of its own. @param now ms since the epoch */
export async function createListedNetwork(entries: number, exits: number, now: number): Promise<ListedNetwork> {
  let count = 0;
  const create = async (roles: (number: number) => Partial<RelayDescriptor>): Promise<ListedRelay> => {
    const number = (count += 1);
    const peerKey = await generateKeyPair('Ed25519');
    const payeeKey = new SigningKey(new Uint8Array(32).fill(number));
    const label = peerLabel(peerIdFromPrivateKey(peerKey));
    const descriptor: RelayDescriptor = {
      ...{ peer: label, payee: computeAddress(payeeKey).toLowerCase() as `0x${string}`, chainId: DEVNET.chainId },
      ...{ sequence: 1n, validFrom: Math.floor(now / 1000), validFor: 86_400 },
      ...{ operator: `family-${number}`, region: 'DE', version: '0.1.0', capacity: 1_000_000n },
      ...roles(number),
    };
    const keys = { peerKey, payeeKey };
    return {
      ...{ label, key: peerKey, descriptor, signed: await sign(descriptor, keys) },
      change: (change) => sign({ ...descriptor, sequence: 2n, ...change }, keys),
    };
  };
  const zone = await create(() => ({ zone: { name: ZONE, addresses: ['10.0.0.1'] } }));
  const entryRelays = await inTurn(entries, () =>
    create((number) => ({
      entry: {
        addresses: [`10.${number}.0.1`],
        ...{ tunnelPort: 443, libp2pPort: 7401, zone: ZONE, pricePerMiB: 32n },
      },
    })),
  );
  const prefix = (label: string) => keyPrefixOf(label) ?? '0x0000000000000000';
  const exitRelays = await inTurn(exits, () =>
    create((number) => ({
      exit: {
        ...{ zone: ZONE, fingerprints: [], refusedPorts: [], pricePerMiB: 73n },
        entries: entryRelays.map(({ label }) => prefix(label)),
        addresses: [`10.${number}.0.1`],
        zoneRelay: prefix(zone.label),
      },
    })),
  );
  return { zone, entries: entryRelays, exits: exitRelays, all: [zone, ...entryRelays, ...exitRelays] };
}

async function inTurn<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(await make());
  return made;
}
