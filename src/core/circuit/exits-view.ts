// What the person is shown of exits to choose from: by country, with how many exits and whose, and how many of them their wishes and their entries allow. Counted and bounded: names are
// strangers' words. Pure; asked by background/exits.ts.

import type { LastingChoice } from './exit-choice.ts';
import { guardsFor, type GuardSet } from './guard-set.ts';
import type { IndexedExit, RelayIndex } from './relay-index.ts';
import type { Counted } from './relays-view.ts';
import { fitsEntry, mayFollow, type SelectionWishes } from './select-circuit.ts';

export type ExitPlace = {
  /** ISO 3166-1 alpha-2. */
  region: string;
  /** All that are known there. */
  all: number;
  /** Those of them that can be chosen now. */
  exits: number;
  /** Whose they are, those with the most first. */
  operators: readonly Counted[];
  /** Operators that are left out of that list. */
  moreOperators: number;
};

export type ExitsView = {
  /** What a choice is for: the site of the tab alone, or all private tabs. */
  isForSite: boolean;
  /** The site, where it is for one. */
  site: string | undefined;
  /** Whether the tab is private; otherwise it becomes so with the choice. */
  isPrivate: boolean;
  /** What holds now. */
  choice: LastingChoice | undefined;
  /** Where the tab's traffic leaves now; undefined while there is no circuit. */
  now: { region: string; operator: string } | undefined;
  /** By their code. */
  places: readonly ExitPlace[];
  /** Exits by which a circuit costs nothing. */
  free: number;
  /** Exits that a circuit leads to now, which can be asked how fast they are. */
  standing: number;
  favourites: readonly string[];
  recent: readonly LastingChoice[];
};

export type ExitCounts = Pick<ExitsView, 'places' | 'free'>;

/** More names of one country nobody reads; all of them together stay below some 100 kB. */
export const MAX_OPERATORS_OF_PLACE = 40;
const MAX_OPERATORS = 1000;

/** @param wishes undefined: they cannot be read, so nothing can be chosen */
export function countExits(index: RelayIndex, guards: GuardSet, wishes: SelectionWishes | undefined): ExitCounts {
  const fitting = wishes === undefined ? new Set<IndexedExit>() : exitsByGuards(index, guards, wishes);
  const free = wishes === undefined ? 0 : exitsByGuards(index, guards, { ...wishes, freeOnly: true }).size;
  const regions = new Map<string, IndexedExit[]>();
  for (const exit of index.exits) {
    const there = regions.get(exit.region);
    if (there === undefined) regions.set(exit.region, [exit]);
    else there.push(exit);
  }
  let left = MAX_OPERATORS;
  const places = [...regions]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([region, there]): ExitPlace => {
      const usable = there.filter((exit) => fitting.has(exit));
      const counts = countOperators(usable);
      const operators = counts.slice(0, Math.min(MAX_OPERATORS_OF_PLACE, left));
      left -= operators.length;
      const moreOperators = counts.length - operators.length;
      return { region, all: there.length, exits: usable.length, operators, moreOperators };
    });
  return { places, free };
}

/** Each country once, by its code. */
export function regionsOf(exits: readonly IndexedExit[]): string[] {
  return [...new Set(exits.map(({ region }) => region))].sort();
}

/** Exits that a circuit by one of the guards may lead to: a choice takes in no further entry. Before there are guards, by any entry. */
export function exitsByGuards(index: RelayIndex, guards: GuardSet, wishes: SelectionWishes): Set<IndexedExit> {
  const known = guardsFor(guards, index, () => true);
  const entries = (known.length > 0 ? known : index.entries).filter((entry) => fitsEntry(entry, wishes));
  const exits = new Set<IndexedExit>();
  for (const entry of entries)
    for (const exit of index.exitsOf.get(entry.peer) ?? [])
      if (!exits.has(exit) && mayFollow(entry, exit, wishes)) exits.add(exit);
  return exits;
}

function countOperators(exits: readonly IndexedExit[]): Counted[] {
  const counts = new Map<string, number>();
  for (const { operator } of exits) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts]
    .map(([name, relays]) => ({ name, relays }))
    .sort((one, other) => other.relays - one.relays || (one.name < other.name ? -1 : 1));
}
