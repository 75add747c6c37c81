// Where relays that are known, or were once, can be asked for others. None that the person avoids: who is asked learns that somebody here uses the network.

import { toSelectionWishes } from '../../src/core/circuit/relay-wishes.ts';
import type { SelectionWishes } from '../../src/core/circuit/select-circuit.ts';
import { drawSome } from '../../src/core/directory/draw-some.ts';
import { isReachableRelay } from '../../src/core/directory/reachable.ts';
import type { StoredDirectory } from '../../src/core/directory/stored-directory.ts';
import { relaysCell, wishesCell } from '../../src/core/state/cells.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { EntryAddress } from '../../src/ports/entry-client.ts';
import { MAX_VISITS, placesOf } from './ask-relays.ts';
import { fromPages } from './pages.ts';

/** What the person wishes. Nothing is built while that is lost, so a list that is drawn without is no harm. */
export async function wishesNow(cells: Cells): Promise<SelectionWishes> {
  const wishes = await cells.read(wishesCell);
  return wishes === 'lost' ? {} : toSelectionWishes(wishes);
}

/** Of the short list. */
export async function knownPlaces(cells: Cells): Promise<EntryAddress[]> {
  const { avoid } = await wishesNow(cells);
  const relays = (await cells.read(relaysCell)) ?? [];
  return placesOf(relays.filter(({ peer, operator }) => avoid?.has(peer) !== true && avoid?.has(operator) !== true));
}

/** Also of relays whose descriptors are over, after weeks offline: their addresses may hold. */
export async function placesOnceKnown(
  cells: Cells,
  { pages }: StoredDirectory,
  draw: () => number,
): Promise<EntryAddress[]> {
  const { avoid } = await wishesNow(cells);
  const once = (await fromPages(pages))
    .map(({ descriptor }) => descriptor)
    .filter((each) => isReachableRelay(each) && avoid?.has(each.operator) !== true)
    .flatMap(({ peer, entry }) =>
      entry === undefined ? [] : [{ peer, entry: { ...entry, port: entry.tunnelPort, pricePerMib: 0 } }],
    );
  const listed = await knownPlaces(cells);
  const others = placesOf(once).filter(({ peer }) => !listed.some((each) => each.peer === peer));
  // As many of both: one short list may be of relays that died together.
  return [...drawSome(listed, MAX_VISITS, draw), ...drawSome(others, MAX_VISITS, draw)];
}
