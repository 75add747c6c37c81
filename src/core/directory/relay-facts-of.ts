// What the choice of circuits is told of the relays of a directory. Keys are named by their first bytes there; one that is nobody's, or that two have, is nobody. An
// exit whose zone's relay is not known, or says of no such zone, is none: who could mint certificates for its names would be anybody.

import type { RelayFacts } from '../circuit/relay-facts.ts';
import type { Hex } from '../wire/kinds.ts';
import type { RelayDescriptor } from './descriptor.ts';
import { keyPrefixOf } from './peer-key.ts';

export function relayFactsOf(descriptors: readonly RelayDescriptor[]): RelayFacts[] {
  const relays = byKeyPrefix(descriptors);
  return descriptors.map((descriptor) => factsOf(descriptor, relays));
}

type Relays = ReadonlyMap<Hex, RelayDescriptor | undefined>;

/** Undefined where two relays have it. */
function byKeyPrefix(descriptors: readonly RelayDescriptor[]): Relays {
  const relays = new Map<Hex, RelayDescriptor | undefined>();
  for (const descriptor of descriptors) {
    const prefix = keyPrefixOf(descriptor.peer);
    if (prefix !== undefined) relays.set(prefix, relays.has(prefix) ? undefined : descriptor);
  }
  return relays;
}

function factsOf(descriptor: RelayDescriptor, relays: Relays): RelayFacts {
  const { peer, payee, operator, region, entry, exit } = descriptor;
  const capacity = Number(descriptor.capacity);
  const zone = exit && zoneOf(exit, relays);
  return {
    ...{ peer, payee, operator, region },
    addresses: [...(entry?.addresses ?? []), ...(exit?.addresses ?? [])],
    ...(entry === undefined ? {} : { entry: { capacity, pricePerMib: entry.pricePerMiB } }),
    ...(exit === undefined || zone === undefined
      ? {}
      : { exit: { capacity, pricePerMib: exit.pricePerMiB, zone, entries: entriesOf(exit, relays) } }),
  };
}

type Exit = NonNullable<RelayDescriptor['exit']>;

function zoneOf({ zone, zoneRelay }: Exit, relays: Relays): { name: string; operator: string } | undefined {
  const relay = relays.get(zoneRelay);
  return relay?.zone?.name === zone ? { name: zone, operator: relay.operator } : undefined;
}

function entriesOf({ entries }: Exit, relays: Relays): string[] {
  return entries.flatMap((prefix) => {
    const relay = relays.get(prefix);
    return relay?.entry === undefined ? [] : [relay.peer];
  });
}
