// A directory made ready for choices: built once when the directory changes, so that a choice looks at the exits of one entry and not at
// ten thousand relays. What makes no sense is left out here, relay by relay: one wrong descriptor must not keep the others from use.

import ipaddr from 'ipaddr.js';
import type { PeerLabel } from '../tunnel/circuit-name.ts';
import type { EntryFacts, ExitFacts, RelayFacts } from './relay-facts.ts';

export type IndexedRelay = RelayFacts & {
  /** Lower case. */
  payee: string;
  /** The /16 of each IPv4 address and the /32 of each IPv6 address, as text. Never empty. */
  prefixes: readonly string[];
};
export type IndexedEntry = IndexedRelay & { entry: EntryFacts };
export type IndexedExit = IndexedRelay & { exit: ExitFacts };

export type RelayIndex = {
  relays: ReadonlyMap<PeerLabel, IndexedRelay>;
  entries: readonly IndexedEntry[];
  exits: readonly IndexedExit[];
  /** By entry: the exits that keep a link to it. */
  exitsOf: ReadonlyMap<PeerLabel, readonly IndexedExit[]>;
};

/** Far more than anybody has; a descriptor with more is made to cost time. */
const MAX_ADDRESSES = 16;
const MAX_LINKS = 1000;

/** Of two relays with one peer id the first stands: which is newer is for the directory to know. */
export function indexRelays(facts: readonly RelayFacts[]): RelayIndex {
  const relays = new Map<PeerLabel, IndexedRelay>();
  for (const relay of facts) {
    const indexed = indexRelay(relay);
    if (indexed !== undefined && !relays.has(indexed.peer)) relays.set(indexed.peer, indexed);
  }
  const entries = [...relays.values()].filter(isEntry);
  const exits = [...relays.values()].filter(isExit);
  const exitsOf = new Map<PeerLabel, IndexedExit[]>(entries.map(({ peer }) => [peer, []]));
  for (const exit of exits) for (const peer of new Set(exit.exit.entries)) exitsOf.get(peer)?.push(exit);
  return { relays, entries, exits, exitsOf };
}

/** Undefined for a relay that is of no use, or whose neighbours cannot be told. */
function indexRelay(relay: RelayFacts): IndexedRelay | undefined {
  const { entry, exit, ...rest } = relay;
  const prefixes = prefixesOf(relay.addresses);
  if (prefixes === undefined) return undefined;
  const indexed: IndexedRelay = { ...rest, payee: relay.payee.toLowerCase(), prefixes };
  if (entry !== undefined && isOffer(entry)) indexed.entry = entry;
  if (exit !== undefined && isOffer(exit) && exit.entries.length <= MAX_LINKS && exit.zone.operator !== relay.operator)
    indexed.exit = exit;
  return indexed.entry === undefined && indexed.exit === undefined ? undefined : indexed;
}

function isOffer({ capacity, pricePerMib }: EntryFacts): boolean {
  return Number.isFinite(capacity) && capacity > 0 && pricePerMib >= 0n;
}

/** One address that cannot be read refuses all: it could be the one that two relays share. */
function prefixesOf(addresses: readonly string[]): string[] | undefined {
  if (addresses.length === 0 || addresses.length > MAX_ADDRESSES) return undefined;
  if (!addresses.every((address) => ipaddr.isValid(address))) return undefined;
  return [...new Set(addresses.map(prefixOf))];
}

/** IPv4 inside of IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address that it holds. */
function prefixOf(text: string): string {
  const bytes = ipaddr.process(text).toByteArray();
  return bytes.length === 4 ? `4:${bytes.slice(0, 2).join('.')}` : `6:${bytes.slice(0, 4).join('.')}`;
}

function isEntry(relay: IndexedRelay): relay is IndexedEntry {
  return relay.entry !== undefined;
}

function isExit(relay: IndexedRelay): relay is IndexedExit {
  return relay.exit !== undefined;
}
