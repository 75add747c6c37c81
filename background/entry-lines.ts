// The lines to the entries of circuits that stand: taken up again with their leases, as a new worker has none yet, and kept for a while when nothing is private any more. Called by
// background/circuits.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import type { CircuitEvent } from '../src/core/circuit/circuit-state.ts';
import { LEASE_MS, LINES_STAY_MS, REACH_ENTRY_MS } from '../src/core/circuit/durations.ts';
import { reach, takeLease, type AttemptDeps } from './attempt.ts';

export type EntryLines = {
  /** A circuit whose entry cannot be reached, or gives no lease, is lost. */
  hold: (circuits: readonly Circuit[], signal: AbortSignal) => Promise<void>;
  /** Somebody needs them. */
  stay: () => void;
  /** Nobody does any more. */
  leaveLater: () => void;
};

export type EntryLinesDeps = Pick<AttemptDeps, 'entries' | 'clock' | 'lease'> & {
  store: (event: CircuitEvent, signal: AbortSignal) => Promise<void>;
  lose: (circuits: readonly Circuit[], signal: AbortSignal) => Promise<void>;
  report: (error: unknown) => void;
};

export function createEntryLines({ entries, clock, lease, store, lose, report }: EntryLinesDeps): EntryLines {
  /** Aborted when somebody needs them after all. */
  let leaving: AbortController | undefined;

  /** The entry may have given the lease to another port meanwhile. */
  const holdOne = async (circuit: Circuit, signal: AbortSignal): Promise<boolean> => {
    const reached = await reach(entries, circuit, AbortSignal.any([signal, clock.timeout(REACH_ENTRY_MS)]));
    if (reached === undefined) return false;
    const leased = await takeLease(circuit, AbortSignal.any([signal, clock.timeout(LEASE_MS)]), lease);
    if ('failed' in leased || (await reached.roundTrip) === undefined) return false;
    if (leased.port !== circuit.proxyPort) {
      await store({ is: 'leased', peer: circuit.entry.peer, port: leased.port }, signal);
    }
    return true;
  };

  return {
    hold: async (circuits, signal) => {
      const held = await Promise.all(circuits.map((circuit) => holdOne(circuit, signal)));
      if (signal.aborted) return;
      await lose(
        circuits.filter((_, index) => held[index] !== true),
        signal,
      );
    },

    stay: () => {
      leaving?.abort();
      leaving = undefined;
    },

    leaveLater: () => {
      if (leaving !== undefined) return;
      const current = new AbortController();
      leaving = current;
      clock.timeout(LINES_STAY_MS).addEventListener('abort', () => {
        if (current.signal.aborted) return;
        leaving = undefined;
        entries.stop().catch(report);
      });
    },
  };
}
