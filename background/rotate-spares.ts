// Puts another spare in the place of one that no site goes by, at times that are drawn: so the names of exits are resolved when nobody has done anything, and a lookup says little of when somebody
// has. It is a probe of relays that were not used, too. Called by background/circuits.ts on its beat.

import { possibleCircuits, type Circuit } from '../src/core/circuit/choose-circuit.ts';
import { circuitsInUse, hasSparesApart, MAX_CIRCUITS, type CircuitEvent } from '../src/core/circuit/circuit-state.ts';
import { ROTATE_MS } from '../src/core/circuit/durations.ts';
import { toSelectionWishes } from '../src/core/circuit/relay-wishes.ts';
import { circuitCell, circuitPastCell, guardsCell, relaysCell, wishesCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Chance, Clock } from '../src/ports/host.ts';
import type { Builder } from './build-circuits.ts';
import type { SiteCircuits } from './site-circuits.ts';

export type Rotation = {
  /** Whether its time has come; draws the next time if so. */
  isDue: () => boolean;
  run: (signal: AbortSignal) => Promise<void>;
  /** Nothing is private any more. */
  end: () => void;
};

export type RotationDeps = {
  cells: Cells;
  builder: Builder;
  sites: SiteCircuits;
  clock: Clock;
  chance: Chance;
  store: (event: CircuitEvent, signal: AbortSignal) => Promise<void>;
};

/** Names that were not used yet by any identity: a new identity needs some, and a small network has few. */
const LEAST_FRESH = 12;

export function createRotation({ cells, builder, sites, clock, chance, store }: RotationDeps): Rotation {
  let due: number | undefined;
  /** Exponential: that nothing came for long says nothing of when the next comes. */
  const drawDue = (): number => clock.now() - Math.log(1 - chance.draw()) * ROTATE_MS;

  const fresh = async (): Promise<Circuit[]> => {
    const guards = new Set((await cells.read(guardsCell)).map(({ peer }) => peer));
    const { used } = await cells.read(circuitPastCell);
    const wishes = await cells.read(wishesCell);
    if (wishes === 'lost') return [];
    return possibleCircuits((await cells.read(relaysCell)) ?? [], toSelectionWishes(wishes)).filter(
      ({ entry, proxyHost }) => guards.has(entry.peer) && used[proxyHost] === undefined,
    );
  };

  const listed = async (): Promise<Circuit[]> => circuitsInUse(await cells.read(circuitCell));

  return {
    isDue: () => {
      due ??= drawDue();
      if (clock.now() < due) return false;
      due = drawDue();
      return true;
    },

    run: async (signal) => {
      const names = new Set((await fresh()).map(({ proxyHost }) => proxyHost));
      if (names.size < LEAST_FRESH) return;
      const before = await listed();
      if (before.length === 0 || before.length >= MAX_CIRCUITS) return;
      const fits = ({ proxyHost }: Circuit): boolean => names.has(proxyHost);
      if ((await builder.another(fits, { newIdentity: false, signal })) === undefined) return;
      const isInUse = await sites.inUse(before);
      const now = await listed();
      const without = (gone: Circuit): Circuit[] => now.filter(({ proxyHost }) => proxyHost !== gone.proxyHost);
      // What the browser falls over to stays until there is another one.
      const old = before.find((circuit) => !isInUse(circuit) && hasSparesApart(without(circuit)));
      if (old !== undefined) await store({ is: 'lost', hosts: [old.proxyHost] }, signal);
    },

    end: () => {
      due = undefined;
    },
  };
}
