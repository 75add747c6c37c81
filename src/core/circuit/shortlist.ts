// The few relays of a large directory that this client will use: its guards, some entries in reserve, and exits for each of them. Drawn when the directory changes, so that a choice of
// a circuit looks at hundreds of relays and not at ten thousand, and a worker that starts reads no more than those.

import type { PeerLabel } from '../tunnel/circuit-name.ts';
import { addGuard, MAX_GUARDS, type GuardSet } from './guard-set.ts';
import type { Draw } from './relay-facts.ts';
import type { IndexedEntry, IndexedExit, RelayIndex } from './relay-index.ts';
import { exitsFor, fitsEntry, mayBegin, type SelectionWishes } from './select-circuit.ts';
import { weighExit } from './weigh-exits.ts';
import { drawOne } from './weighted-draw.ts';

/** Enough that the exits of four sites, and of new identities, differ; and few enough to read at each start. */
const EXITS_OF_ENTRY = 24;

/**
 * @param guards tended with this index
 * @param keep relays that are in use
 * @param now ms since the epoch
 * @param wishes lasting ones of the person: all that is drawn is of them. Guards that break one stay in the list, since who is not listed for long is no guard any more
 */
export function drawShortlist(
  index: RelayIndex,
  guards: GuardSet,
  keep: ReadonlySet<PeerLabel>,
  now: number,
  draw: Draw,
  wishes: SelectionWishes = {},
): PeerLabel[] {
  const fits = (entry: IndexedEntry): boolean => mayBegin(index, entry, wishes);
  const entries = withReserve(guards, index, now, draw, fits).map(({ peer }) => peer);
  const exits = entries.flatMap((peer) => drawExits(index, peer, keep, draw, wishes));
  return [...new Set([...entries, ...[...keep].filter((peer) => index.relays.has(peer)), ...exits])];
}

/** A choice of one country or operator is a few circuits: that, and as many to fail. */
const EXITS_OF_CHOICE = 4;

/** For each guard a few exits of what the person chose, since of all exits the list has few. @param wishes with the choice (exit-choice.ts) */
export function drawChosen(index: RelayIndex, guards: GuardSet, draw: Draw, wishes: SelectionWishes): PeerLabel[] {
  const keep = new Set<PeerLabel>();
  return guards.flatMap(({ peer }) => drawExits(index, peer, keep, draw, wishes, EXITS_OF_CHOICE));
}

/** As if all guards failed one after the other: whoever would come next is in the list. */
function withReserve(
  guards: GuardSet,
  index: RelayIndex,
  now: number,
  draw: Draw,
  fits: (entry: IndexedEntry) => boolean,
): GuardSet {
  let set = guards;
  while (set.length < MAX_GUARDS) {
    const more = addGuard(set, index, now, draw, fits);
    if (more === set) break;
    set = more;
  }
  return set;
}

function drawExits(
  index: RelayIndex,
  peer: PeerLabel,
  keep: ReadonlySet<PeerLabel>,
  draw: Draw,
  wishes: SelectionWishes,
  most = EXITS_OF_ENTRY,
): PeerLabel[] {
  const entry = index.entries.find((each) => each.peer === peer);
  if (entry === undefined || !fitsEntry(entry, wishes)) return [];
  let left = exitsFor(index, entry, wishes);
  const drawn: IndexedExit[] = left.filter((exit) => keep.has(exit.peer));
  left = left.filter((exit) => !keep.has(exit.peer));
  while (drawn.length < most) {
    const exit = drawOne(left, weighExit, draw());
    if (exit === undefined) break;
    drawn.push(exit);
    left = left.filter((other) => other !== exit);
  }
  return drawn.map((exit) => exit.peer);
}
