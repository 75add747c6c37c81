// One circuit out of a large directory: an entry of the client's guards, and an exit with a link to it, by weight. The rules of pairing.ts
// never bend; wishes only narrow the choice further. Nothing that fits is an answer too, and says what is missing.

import type { PeerLabel } from '../tunnel/circuit-name.ts';
import { GUARDS_IN_USE, guardsFor, type GuardSet } from './guard-set.ts';
import { mayPair } from './pairing.ts';
import type { Draw } from './relay-facts.ts';
import type { IndexedEntry, IndexedExit, IndexedRelay, RelayIndex } from './relay-index.ts';
import { weighExit } from './weigh-exits.ts';
import { drawOne } from './weighted-draw.ts';

export type SelectionWishes = {
  /** ISO 3166-1 alpha-2; undefined is anywhere. */
  entryRegions?: ReadonlySet<string>;
  exitRegions?: ReadonlySet<string>;
  /** Undefined is anybody's. */
  exitOperators?: ReadonlySet<string>;
  /** USDC base units for 2^20 bytes, both hops together. */
  maxPricePerMib?: bigint;
  /** Only relays that ask for no money at all. */
  freeOnly?: boolean;
  /** Peers and operators that the person does not want. */
  avoid?: ReadonlySet<string>;
  /** Peers that did not answer of late: passed over, and asked again once they are left out of this. */
  down?: ReadonlySet<PeerLabel>;
  /** Exits that must not be taken: of another identity, or of the other circuits of this one (site-exits.ts). */
  otherExits?: ReadonlySet<PeerLabel>;
};

export type Selection = { entry: IndexedEntry; exit: IndexedExit };

/**
 * `no-guard`: none of the guards will do, and `addGuard` may find another with `fitsEntry`; `no-exit`: none of their exits will.
 */
export type NoSelection = 'no-guard' | 'no-exit';

/** The guards in use are tried in a drawn order, the others of the set in theirs. */
export function selectCircuit(
  index: RelayIndex,
  guards: GuardSet,
  wishes: SelectionWishes,
  draw: Draw,
): Selection | NoSelection {
  const usable = guardsFor(guards, index, (entry) => fitsEntry(entry, wishes));
  if (usable.length === 0) return 'no-guard';
  const inUse = usable.slice(0, GUARDS_IN_USE);
  const first = inUse[Math.floor(draw() * inUse.length)];
  const exitDraw = draw();
  for (const entry of [first, ...usable.filter((guard) => guard !== first)]) {
    if (entry === undefined) continue;
    const exit = drawOne(exitsFor(index, entry, wishes), weighExit, exitDraw);
    if (exit !== undefined) return { entry, exit };
  }
  return 'no-exit';
}

/** Every exit that may follow this entry. */
export function exitsFor(index: RelayIndex, entry: IndexedEntry, wishes: SelectionWishes): IndexedExit[] {
  return (index.exitsOf.get(entry.peer) ?? []).filter((exit) => mayFollow(entry, exit, wishes));
}

/** Whether an exit with a link to the entry makes a circuit with it that fits. The cheap looks first: a directory has a million links. */
export function mayFollow(entry: IndexedEntry, exit: IndexedExit, wishes: SelectionWishes): boolean {
  return fitsExit(exit, wishes) && fitsPrice(entry, exit, wishes) && mayPair(entry, exit);
}

/** Whether a circuit that fits begins with this entry: a guard of which none does would only use up the set. */
export function mayBegin(index: RelayIndex, entry: IndexedEntry, wishes: SelectionWishes): boolean {
  const exits = index.exitsOf.get(entry.peer) ?? [];
  return fitsEntry(entry, wishes) && exits.some((exit) => mayFollow(entry, exit, wishes));
}

/** What is wished of an entry by itself; dearer than the whole circuit may be is too dear whatever the exit asks. */
export function fitsEntry(entry: IndexedEntry, wishes: SelectionWishes): boolean {
  const { pricePerMib } = entry.entry;
  return (
    isWanted(entry, wishes, wishes.entryRegions) &&
    (wishes.freeOnly !== true || pricePerMib === 0n) &&
    (wishes.maxPricePerMib === undefined || pricePerMib <= wishes.maxPricePerMib)
  );
}

function fitsExit(exit: IndexedExit, wishes: SelectionWishes): boolean {
  return (
    isWanted(exit, wishes, wishes.exitRegions) &&
    wishes.exitOperators?.has(exit.operator) !== false &&
    wishes.otherExits?.has(exit.peer) !== true &&
    // Who runs the zone sees which entry is used with which exit, so somebody to avoid is to be avoided there too.
    wishes.avoid?.has(exit.exit.zone.operator) !== true
  );
}

function isWanted(relay: IndexedRelay, { avoid, down }: SelectionWishes, regions?: ReadonlySet<string>): boolean {
  return (
    avoid?.has(relay.peer) !== true &&
    avoid?.has(relay.operator) !== true &&
    down?.has(relay.peer) !== true &&
    regions?.has(relay.region) !== false
  );
}

function fitsPrice({ entry }: IndexedEntry, { exit }: IndexedExit, wishes: SelectionWishes): boolean {
  const price = entry.pricePerMib + exit.pricePerMib;
  if (wishes.freeOnly === true && price !== 0n) return false;
  return wishes.maxPricePerMib === undefined || price <= wishes.maxPricePerMib;
}
