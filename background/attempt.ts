// One try of one circuit: the entry is reached by libp2p and gives a lease, then the exit is asked through this very circuit. Decides nothing about
// what becomes of it. Called by background/build-circuits.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import type { CircuitEvent, CircuitFailure } from '../src/core/circuit/circuit-state.ts';
import { CHECK_MS, LEASE_MS, REACH_ENTRY_MS } from '../src/core/circuit/durations.ts';
import { PaymentError } from '../src/core/payment/payment-error.ts';
import type { EntryClient } from '../src/ports/entry-client.ts';
import type { Clock } from '../src/ports/host.ts';
import type { Verify } from './verify.ts';

export type AttemptDeps = {
  entries: EntryClient;
  verify: Verify;
  clock: Clock;
  /** It takes the place of all circuits there are. */
  alone: boolean;
  /** The port at which the entry counts this client; undefined: it counts nobody. Throws where it serves only for what is not there. */
  lease: (entry: Circuit['entry'], options: { signal: AbortSignal }) => Promise<number | undefined>;
  /** Stores what follows from an event and puts it into force. Throws when the work was ended. */
  store: (event: CircuitEvent) => Promise<void>;
};

/** @param over ends the round: the attempt then fails. Leaves no trial behind, and resolves with why it failed. */
export async function attempt(
  circuit: Circuit,
  over: AbortSignal,
  { entries, verify, clock, alone, lease, store }: AttemptDeps,
): Promise<CircuitFailure | 'verified'> {
  // The entry's name must be let past the proxy before it is dialled.
  await store({ is: 'chosen', circuit });
  const reached = await reach(entries, circuit, AbortSignal.any([over, clock.timeout(REACH_ENTRY_MS)]));
  if (reached === undefined) return await drop('entry-unreachable', store);
  const leased = await takeLease(circuit, AbortSignal.any([over, clock.timeout(LEASE_MS)]), lease);
  if ('failed' in leased) return await drop(leased.failed, store);
  await store({ is: 'reached', port: leased.port });
  const verdict = await verify(circuit, { signal: AbortSignal.any([over, clock.timeout(CHECK_MS)]) });
  if (verdict !== 'verified') return await drop(verdict, store);
  // On its way since the entry was reached: nobody has waited for it.
  const roundTripMs = await reached.roundTrip;
  if (roundTripMs === undefined) return await drop('entry-unreachable', store);
  await store({ is: 'checked', roundTripMs, now: clock.now(), alone });
  return verdict;
}

/** Undefined where the entry does not answer, or somebody else does. */
export function reach(
  entries: EntryClient,
  { entry }: Circuit,
  signal: AbortSignal,
): Promise<{ roundTrip: Promise<number | undefined> } | undefined> {
  return entries.reach(entry, { signal }).catch(() => undefined);
}

/** The port for the circuit's tunnels, or why there is none. */
export async function takeLease(
  { entry, proxyPort }: Circuit,
  signal: AbortSignal,
  lease: AttemptDeps['lease'],
): Promise<{ port: number } | { failed: CircuitFailure }> {
  try {
    return { port: (await lease(entry, { signal })) ?? proxyPort };
  } catch (error) {
    const needed = error instanceof PaymentError && error.code === 'no_free_quota';
    return { failed: needed ? 'payment-needed' : 'entry-refused' };
  }
}

async function drop(reason: CircuitFailure, store: AttemptDeps['store']): Promise<CircuitFailure> {
  await store({ is: 'dropped' });
  return reason;
}
