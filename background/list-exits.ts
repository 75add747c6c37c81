// Sees to it that circuits can be made to where somebody wants to leave: the few relays that circuits are made of (background/directory) may have no exit there though some are known. Called by
// background/exits.ts before a choice, and by choose-exit.ts for countries that rules for sites name.

import { exitsByGuards } from '../src/core/circuit/exits-view.ts';
import { DIRECTORY_FRESH_MS } from '../src/core/circuit/durations.ts';
import { narrow, type LastingChoice } from '../src/core/circuit/exit-choice.ts';
import type { IndexedExit, RelayIndex } from '../src/core/circuit/relay-index.ts';
import { toSelectionWishes } from '../src/core/circuit/relay-wishes.ts';
import { guardsCell, relaysCell, wishesCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';
import type { DirectorySync } from './directory/directory-sync.ts';

export type ExitLister = {
  /** @param index of all that is known */
  include: (index: RelayIndex, choice: LastingChoice) => Promise<void>;
  /** The same for what nobody waits for, where an entry leads there. Once in an hour for each: to read all relays takes seconds, and they are drawn anew in as long anyway. */
  tend: (choice: LastingChoice) => Promise<void>;
};

export type ExitListerDeps = { cells: Cells; clock: Clock; directory: () => Pick<DirectorySync, 'known' | 'include'> };

export function createExitLister({ cells, clock, directory }: ExitListerDeps): ExitLister {
  const tended = new Map<string, number>();

  /** Whether the short list has an exit of the choice that a guard leads to. */
  const isListed = async ({ relays }: RelayIndex, choice: LastingChoice): Promise<boolean> => {
    const records = (await cells.read(relaysCell)) ?? [];
    const guards = new Set((await cells.read(guardsCell)).map(({ peer }) => peer));
    const free = new Set(records.filter(({ exit }) => exit?.pricePerMib === 0));
    return records.some(
      (record) =>
        relays.has(record.peer) &&
        (choice.kind === 'free' ? free.has(record) : isOf(record, choice)) &&
        record.exit?.entries.some((peer) => guards.size === 0 || guards.has(peer)) === true,
    );
  };

  const include: ExitLister['include'] = async (index, choice) => {
    if (!(await isListed(index, choice))) await directory().include(choice);
  };

  return {
    include,

    tend: async (choice) => {
      const [key, now] = [JSON.stringify(choice), clock.now()];
      const wished = await cells.read(wishesCell);
      if (wished === 'lost' || now - (tended.get(key) ?? -Infinity) < DIRECTORY_FRESH_MS) return;
      tended.set(key, now);
      const index = await directory().known();
      const narrowed = narrow(toSelectionWishes(wished), choice);
      if (exitsByGuards(index, await cells.read(guardsCell), narrowed).size > 0) await include(index, choice);
    },
  };
}

export function isOf({ region, operator }: Pick<IndexedExit, 'region' | 'operator'>, choice: LastingChoice): boolean {
  if (choice.kind === 'free') return false;
  return region === choice.region && (choice.kind === 'region' || operator === choice.operator);
}
