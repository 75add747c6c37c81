// What the person decides about extensions that could take the proxy at any moment (docs/decisions/0023). Acts on none that is not in the way at
// this very moment: the popup names the ones that it showed.

import { toleratedCell } from '../src/core/state/cells.ts';
import { MAX_NEIGHBOURS, type Neighbour } from '../src/core/state/neighbour.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Neighbours } from '../src/ports/host.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { Routing } from './routing.ts';

export type Rivals = {
  /** Throws `MessageError` (`cannot-turn-off`) where the browser does not let one be disabled: an administrator's. */
  turnOff: (ids: readonly string[]) => Promise<void>;
  /** `wanted`: private tabs all the same; false: that is taken back. */
  tolerate: (ids: readonly string[], wanted: boolean) => Promise<void>;
  /** Those of which the person has said so, and which are there. */
  tolerated: () => Promise<Neighbour[]>;
};

export type RivalsDeps = { cells: Cells; neighbours: Neighbours; routing: Pick<Routing, 'hold'> };

export function createRivals({ cells, neighbours, routing }: RivalsDeps): Rivals {
  const inTheWay = (ids: readonly string[]): string[] => {
    const hold = routing.hold();
    const present = hold.is === 'lost' ? (hold.rivals ?? []) : [];
    return present.map(({ id }) => id).filter((id) => ids.includes(id));
  };
  return {
    turnOff: async (ids) => {
      for (const id of inTheWay(ids)) {
        await neighbours.turnOff(id).catch((cause: unknown) => {
          throw new MessageError('cannot-turn-off', { cause });
        });
      }
    },

    tolerate: async (ids, wanted) => {
      const news = wanted ? inTheWay(ids) : [];
      await cells.update(toleratedCell, (known) =>
        [...known.filter((id) => !ids.includes(id)), ...news].slice(-MAX_NEIGHBOURS),
      );
    },

    tolerated: async () => {
      const ids = await cells.read(toleratedCell);
      if (ids.length === 0) return [];
      return ((await neighbours.withPermission('proxy')) ?? []).filter(({ id }) => ids.includes(id));
    },
  };
}
