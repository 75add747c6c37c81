// One try of one circuit: the entry is reached by libp2p, then the exit is asked through this very circuit. Decides nothing about
// what becomes of it. Called by background/build-circuits.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import type { CircuitEvent, CircuitFailure } from '../src/core/circuit/circuit-state.ts';
import { CHECK_MS, REACH_ENTRY_MS } from '../src/core/circuit/durations.ts';
import type { EntryClient } from '../src/ports/entry-client.ts';
import type { Clock } from '../src/ports/host.ts';
import type { Verify } from './verify.ts';

export type AttemptDeps = {
  entries: EntryClient;
  verify: Verify;
  clock: Clock;
  /** It takes the place of all circuits there are. */
  alone: boolean;
  /** Stores what follows from an event and puts it into force. Throws when the work was ended. */
  store: (event: CircuitEvent) => Promise<void>;
};

/** @param over ends the round: the attempt then fails. Leaves no trial behind, and resolves with why it failed. */
export async function attempt(
  circuit: Circuit,
  over: AbortSignal,
  { entries, verify, clock, alone, store }: AttemptDeps,
): Promise<CircuitFailure | 'verified'> {
  // The entry's name must be let past the proxy before it is dialled.
  await store({ is: 'chosen', circuit });
  const reached = await reach(entries, circuit, AbortSignal.any([over, clock.timeout(REACH_ENTRY_MS)]));
  if (reached === undefined) return await drop('entry-unreachable', store);
  await store({ is: 'reached' });
  const verdict = await verify(circuit, { signal: AbortSignal.any([over, clock.timeout(CHECK_MS)]) });
  if (verdict !== 'verified') return await drop(verdict, store);
  await store({ is: 'checked', roundTripMs: reached.roundTripMs, now: clock.now(), alone });
  return verdict;
}

/** Undefined where the entry does not answer, or somebody else does. */
export function reach(
  entries: EntryClient,
  { entry }: Circuit,
  signal: AbortSignal,
): Promise<{ roundTripMs: number } | undefined> {
  return entries.reach(entry, { signal }).catch(() => undefined);
}

async function drop(reason: CircuitFailure, store: AttemptDeps['store']): Promise<CircuitFailure> {
  await store({ is: 'dropped' });
  return reason;
}
