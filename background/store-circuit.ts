// Stores what happened to circuits, has it put into force, and remembers which names were used. Called by background/circuits.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { nextIdentity, noteUsed } from '../src/core/circuit/circuit-past.ts';
import { circuitsInUse, stepCircuit, type CircuitEvent, type CircuitState } from '../src/core/circuit/circuit-state.ts';
import { circuitCell, circuitPastCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';
import type { SiteCircuits } from './site-circuits.ts';

export type CircuitStoreDeps = {
  cells: Cells;
  clock: Clock;
  sites: SiteCircuits;
  /** Puts what the stored state means into force; resolves when it is. */
  changed: () => Promise<void>;
  /** How long the browser keeps connections and tickets that belong to a proxy's name, ms. */
  namesKeptMs: number;
};

/**
 * Stores what follows from an event, unless the work that it belongs to was ended: then it throws.
 * @param lost a circuit is gone, and the policy with it out of force: until then browsers were still sent to it
 */
export function createCircuitStore(
  { cells, clock, sites, changed, namesKeptMs }: CircuitStoreDeps,
  lost: () => void,
): (event: CircuitEvent, signal: AbortSignal) => Promise<void> {
  /** Before they are in force, and again when they no longer are: a name counts as used from its last use on. */
  const noteUse = async (before: string[], after: string[], event: CircuitEvent): Promise<void> => {
    if (before.join() === after.join()) return;
    const now = clock.now();
    await cells.update(circuitPastCell, (past) => {
      const noted = noteUsed(past, before, now, namesKeptMs);
      // From here on every name that was used belongs to the identity before.
      return noteUsed(event.is === 'checked' && event.alone ? nextIdentity(noted) : noted, after, now, namesKeptMs);
    });
  };

  return async (event, signal) => {
    const before = await cells.read(circuitCell);
    if (!signal.aborted) await noteUse(namesOf(before), namesOf(stepCircuit(before, event)), event);
    const after = await cells.update(circuitCell, (state) => (signal.aborted ? state : stepCircuit(state, event)));
    if (event.is === 'checked' && event.alone && !signal.aborted) await sites.renew();
    await sites.tend(after);
    await changed();
    if (losesAny(event)) lost();
    signal.throwIfAborted();
  };
}

function losesAny(event: CircuitEvent): boolean {
  return event.is === 'lost' || (event.is === 'answered' && event.lost.length > 0);
}

export function namesOf(state: CircuitState): string[] {
  return hostsOf(circuitsInUse(state));
}

export function hostsOf(circuits: readonly Circuit[]): string[] {
  return circuits.map(({ proxyHost }) => proxyHost);
}
