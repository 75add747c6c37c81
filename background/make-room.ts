// A full list of circuits takes no further one: before a person's own wish is built, one that no site goes by gives way. Called by background/change-circuit.ts and choose-exit.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { circuitsInUse, MAX_CIRCUITS, type CircuitEvent } from '../src/core/circuit/circuit-state.ts';
import { circuitCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { SiteCircuits } from './site-circuits.ts';

export type MakeRoomDeps = {
  cells: Cells;
  sites: SiteCircuits;
  store: (event: CircuitEvent, signal: AbortSignal) => Promise<void>;
};

/** False where the list is full, and sites go by all of it. */
export async function makeRoom({ cells, sites, store }: MakeRoomDeps, signal: AbortSignal): Promise<boolean> {
  const circuits: readonly Circuit[] = circuitsInUse(await cells.read(circuitCell));
  if (circuits.length < MAX_CIRCUITS) return true;
  const isInUse = await sites.inUse(circuits);
  const unused = circuits.findLast((circuit) => !isInUse(circuit));
  if (unused !== undefined) await store({ is: 'lost', hosts: [unused.proxyHost] }, signal);
  return unused !== undefined;
}
