// Relays of a directory as circuits are made of them: those that are wanted, each with what a circuit needs to know. From descriptors that both keys signed, and no others.

import type { PeerLabel } from '../tunnel/circuit-name.ts';
import type { RelayDescriptor } from './descriptor.ts';
import type { RelayRecord } from './relay-record.ts';
import { relayFactsOf } from './relay-facts-of.ts';

/** @param wanted in the order in which they come back; those that are not there, or are neither entry nor exit, are left out */
export function recordsOf(descriptors: readonly RelayDescriptor[], wanted: readonly PeerLabel[]): RelayRecord[] {
  const known = new Map(descriptors.map((descriptor) => [descriptor.peer, descriptor]));
  const facts = new Map(relayFactsOf(descriptors).map((each) => [each.peer, each]));
  const listed = new Set(wanted);
  return [...listed].flatMap((peer) => {
    const descriptor = known.get(peer);
    const { entry, exit } = facts.get(peer) ?? {};
    if (descriptor === undefined || (entry === undefined && exit === undefined)) return [];
    const record: RelayRecord = {
      ...{ peer, operator: descriptor.operator, region: descriptor.region, payee: descriptor.payee },
      capacity: Number(descriptor.capacity),
    };
    if (descriptor.entry !== undefined && entry !== undefined) {
      const { addresses, tunnelPort, zone } = descriptor.entry;
      record.entry = { addresses, port: tunnelPort, zone, pricePerMib: Number(entry.pricePerMib) };
    }
    if (descriptor.exit !== undefined && exit !== undefined) {
      record.exit = {
        addresses: descriptor.exit.addresses,
        zone: exit.zone,
        entries: exit.entries.filter((each) => listed.has(each)),
        pricePerMib: Number(exit.pricePerMib),
      };
    }
    return [record];
  });
}
