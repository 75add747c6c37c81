// What the choice of a circuit knows of one relay. A signed descriptor says most of it, this client's own measurements the rest; whoever
// reads descriptors maps them onto this. Nothing here is believed further than relay-index.ts says.

import type { Zone } from '../directory/relay-record.ts';
import type { PeerLabel } from '../tunnel/circuit-name.ts';

export type RelayFacts = {
  peer: PeerLabel;
  /** Ethereum address that is paid, in any letter case. */
  payee: string;
  /** The operator's family. */
  operator: string;
  /** ISO 3166-1 alpha-2, upper case. */
  region: string;
  /** Every address it is known under, IPv4 or IPv6: one of them is enough to tell that two relays are neighbours. */
  addresses: readonly string[];
  entry?: EntryFacts;
  exit?: ExitFacts;
  /** Round trip that this client measured; undefined where it never asked. Milliseconds. */
  latencyMs?: number;
};

export type EntryFacts = {
  /** Bytes per second that the relay says it carries in this role. */
  capacity: number;
  /** USDC base units for 2^20 bytes of this hop; 0 is free. A client pays the prices of both hops to its entry. */
  pricePerMib: bigint;
};

export type ExitFacts = EntryFacts & {
  /** The zone of its certificate, which names of circuits through it stand in. */
  zone: Zone;
  /** The entries that it dials and keeps a link to. */
  entries: readonly PeerLabel[];
};

/** A fresh random number each time, 0 <= n < 1. From `crypto` in the extension, from a seed in tests and in the simulation. */
export type Draw = () => number;
