// What the person is shown of the relays that there are, to wish among: where they are and whose, counted and bounded, and how many of them the wishes allow. Pure.

import type { IndexedRelay, RelayIndex } from './relay-index.ts';
import { toSelectionWishes, type RelayWishes } from './relay-wishes.ts';
import { fitsEntry, mayFollow, type SelectionWishes } from './select-circuit.ts';

/** How many relays have something in common: the region, or the operator. */
export type Counted = { name: string; relays: number };

export type RelaysView = {
  /** `lost`: they cannot be read, and nothing is private until there are others. */
  wishes: RelayWishes | 'lost';
  /** By their code. */
  exitRegions: readonly Counted[];
  entryRegions: readonly Counted[];
  /** Those with the most relays, and those that are avoided. In the words of the operators themselves: text, of a descriptor's bounds. */
  operators: readonly Counted[];
  /** Operators that are left out of that list. */
  moreOperators: number;
  /** Relays of the circuits that there could be. */
  all: Hops;
  /** Of those without a price. */
  free: Hops;
  /** And of those that the wishes allow. */
  fitting: Hops;
};

export type Hops = { entries: number; exits: number };

/** More rows than that nobody reads, and each is words of a stranger's. */
export const MAX_OPERATORS_SHOWN = 200;

export function relaysView(index: RelayIndex, wishes: RelayWishes | 'lost'): RelaysView {
  const operators = count([...index.relays.values()], ({ operator }) => operator).sort(
    (one, other) => other.relays - one.relays || byName(one, other),
  );
  const avoided = wishes === 'lost' ? [] : wishes.avoid;
  const first = operators.slice(0, MAX_OPERATORS_SHOWN);
  const unlisted = avoided.filter((name) => !first.some((each) => each.name === name));
  const relaysOf = (name: string): number => operators.find((each) => each.name === name)?.relays ?? 0;
  const shown = [...first, ...unlisted.map((name) => ({ name, relays: relaysOf(name) }))];
  return {
    wishes,
    exitRegions: count(index.exits, ({ region }) => region).sort(byName),
    entryRegions: count(index.entries, ({ region }) => region).sort(byName),
    operators: shown.sort(byName),
    moreOperators: operators.length - shown.filter(({ relays }) => relays > 0).length,
    all: hops(index, {}),
    free: hops(index, { freeOnly: true }),
    fitting: wishes === 'lost' ? { entries: 0, exits: 0 } : hops(index, toSelectionWishes(wishes)),
  };
}

function hops(index: RelayIndex, wishes: SelectionWishes): Hops {
  const exits = new Set<string>();
  let entries = 0;
  for (const entry of index.entries) {
    if (!fitsEntry(entry, wishes)) continue;
    let isOfUse = false;
    for (const exit of index.exitsOf.get(entry.peer) ?? []) {
      // What is counted already is not looked at again: of 300,000 links some 10,000 are.
      if ((isOfUse && exits.has(exit.peer)) || !mayFollow(entry, exit, wishes)) continue;
      isOfUse = true;
      exits.add(exit.peer);
    }
    if (isOfUse) entries += 1;
  }
  return { entries, exits: exits.size };
}

function count(relays: readonly IndexedRelay[], nameOf: (relay: IndexedRelay) => string): Counted[] {
  const counts = new Map<string, number>();
  for (const relay of relays) counts.set(nameOf(relay), (counts.get(nameOf(relay)) ?? 0) + 1);
  return [...counts].map(([name, number]) => ({ name, relays: number }));
}

/** By code unit: the same on every machine. */
function byName(one: Counted, other: Counted): number {
  return one.name < other.name ? -1 : Number(one.name > other.name);
}
