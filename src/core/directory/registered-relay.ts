// What the registry says of a relay: that a payee put a bond behind a key, and where to begin with it. A claim, not a proof (contracts/src/interfaces/IRelayRegistry.sol):
// the relay is known by its descriptor, which both keys signed (open-descriptor.ts). Read by src/chain/registry.

import type { PeerLabel } from '../tunnel/circuit-name.ts';
import type { Hex } from '../wire/kinds.ts';
import type { RegistryAddresses } from './registry-addresses.ts';

export type RegisteredRelay = {
  /** The key that is claimed; several payees may claim one. */
  peer: PeerLabel;
  payee: Hex;
  /** Of those that are read, none that leaves at or before the reader's block; undefined while it stays. Seconds since the epoch. */
  leavesAt: number | undefined;
  /** Empty where none is of use. */
  addresses: RegistryAddresses;
};

/**
 * All that any of them says. The registry is only where to begin, and what is begun with is known by its keys: so a server can add what leads nowhere, and cannot
 * take away what another tells. Addresses of both stand; of two times the later one, since a relay that is believed to stay is asked, and one that is gone is not.
 * @param lists of one server each, no relay twice in one
 */
export function uniteRelays(lists: readonly (readonly RegisteredRelay[])[]): {
  relays: RegisteredRelay[];
  /** For each list how many entries others do not have just so. */
  differing: number[];
} {
  const united = new Map<string, RegisteredRelay>();
  const told = new Map<string, number>();
  for (const relay of lists.flat()) {
    const id = idOf(relay);
    const before = united.get(id);
    united.set(id, before === undefined ? relay : both(before, relay));
    const spelt = spell(relay);
    told.set(spelt, (told.get(spelt) ?? 0) + 1);
  }
  const isOdd = (relay: RegisteredRelay): boolean => told.get(spell(relay)) !== lists.length;
  return { relays: [...united.values()], differing: lists.map((list) => list.filter(isOdd).length) };
}

/** An entry of the registry is of payee and key together. */
export function idOf({ payee, peer }: Pick<RegisteredRelay, 'payee' | 'peer'>): string {
  return `${payee} ${peer}`;
}

function both(one: RegisteredRelay, other: RegisteredRelay): RegisteredRelay {
  if (spell(one) === spell(other)) return one;
  const stays = one.leavesAt === undefined || other.leavesAt === undefined;
  return {
    ...one,
    leavesAt: stays ? undefined : Math.max(one.leavesAt ?? 0, other.leavesAt ?? 0),
    addresses: {
      workers: unlike([...one.addresses.workers, ...other.addresses.workers]),
      relays: unlike([...one.addresses.relays, ...other.addresses.relays]),
    },
  };
}

function unlike<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** One spelling for one entry: all are built by the same code. */
function spell(relay: RegisteredRelay): string {
  return JSON.stringify(relay);
}
