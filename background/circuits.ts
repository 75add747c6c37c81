// Brings a circuit up and keeps it: choose, reach the entry by libp2p, steer, check; another one when that fails.
// The stored state says where it stands, so a worker that died starts again from it. Called by background/app.ts.

import { chooseCircuit, possibleCircuits, type Circuit } from '../src/core/circuit/choose-circuit.ts';
import {
  stepCircuit,
  type CircuitEvent,
  type CircuitFailure,
  type CircuitState,
} from '../src/core/circuit/circuit-state.ts';
import { CHECK_FRESH_MS, CHECK_MS, REACH_ENTRY_MS, ROUND_MS } from '../src/core/circuit/durations.ts';
import { circuitCell, relaysCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { EntryClient } from '../src/ports/entry-client.ts';
import type { Chance, Clock, Network, Nudges } from '../src/ports/host.ts';
import type { Verify } from './verify.ts';

export type Circuits = {
  /** Somebody needs a circuit: goes on from the stored state, unless it is at work already. Returns at once. */
  want: (state: CircuitState) => void;
  /** Nobody does any more. */
  release: () => Promise<void>;
  /** Something happened that may have ended the circuit. Resolves with whether it still stands. */
  recheck: () => Promise<boolean>;
  /** A new round now, if the last one failed. */
  tryAgain: () => Promise<void>;
};

export type CircuitsDeps = {
  cells: Cells;
  entries: EntryClient;
  verify: Verify;
  clock: Clock;
  chance: Chance;
  network: Network;
  nudges: Nudges;
  /** Puts what the stored state means into force; resolves when it is. */
  changed: () => Promise<void>;
  report: (error: unknown) => void;
};

/** What is being done, how to end it, and whether the circuit stood the check that it began with. */
type Work = { standing: Promise<boolean>; abort: AbortController };
type Task = (signal: AbortSignal, decide: (standing: boolean) => void) => Promise<void>;

export function createCircuits(deps: CircuitsDeps): Circuits {
  const { cells, entries, verify, clock, chance, network, nudges, changed, report } = deps;
  let work: Work | undefined;

  const start = (task: Task): Work => {
    const abort = new AbortController();
    const { promise: standing, resolve: decide } = Promise.withResolvers<boolean>();
    const current: Work = { standing, abort };
    work = current;
    task(abort.signal, decide)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) report(error);
      })
      .finally(() => {
        decide(false);
        if (work === current) work = undefined;
      });
    return current;
  };

  /** Stores what follows from an event, unless the work that it belongs to was ended. */
  const store = async (event: CircuitEvent, signal: AbortSignal): Promise<void> => {
    await cells.update(circuitCell, (state) => (signal.aborted ? state : stepCircuit(state, event)));
    await changed();
    signal.throwIfAborted();
  };

  const reach = (circuit: Circuit, signal: AbortSignal): Promise<{ roundTripMs: number } | undefined> =>
    entries
      .reach(circuit.entry, { signal: AbortSignal.any([signal, clock.timeout(REACH_ENTRY_MS)]) })
      .catch(() => undefined);

  const check = (circuit: Circuit, signal: AbortSignal): ReturnType<Verify> =>
    verify(circuit, { signal: AbortSignal.any([signal, clock.timeout(CHECK_MS)]) });

  /** One circuit from choice to check. `over` ends the round, `signal` the work. */
  const attempt = async (
    circuit: Circuit,
    over: AbortSignal,
    signal: AbortSignal,
  ): Promise<CircuitFailure | 'verified'> => {
    // The entry's name must be let past the proxy before it is dialled.
    await store({ is: 'chosen', circuit }, signal);
    const reached = await reach(circuit, over);
    if (reached === undefined) return 'entry-unreachable';
    await store({ is: 'reached' }, signal);
    const verdict = await check(circuit, over);
    if (verdict === 'verified') {
      await store({ is: 'checked', roundTripMs: reached.roundTripMs, now: clock.now() }, signal);
    }
    return verdict;
  };

  const round = async (signal: AbortSignal, avoid: ReadonlySet<string> = new Set()): Promise<void> => {
    const over = AbortSignal.any([signal, clock.timeout(ROUND_MS)]);
    await store({ is: 'wanted' }, signal);
    const relays = (await cells.read(relaysCell)) ?? [];
    const tried = new Set<string>();
    let reason: CircuitFailure = relays.length === 0 ? 'no-relays' : 'no-pair';
    while (tried.size < possibleCircuits(relays).length) {
      if (!network.isOnline()) reason = 'offline';
      const circuit = network.isOnline() ? chooseCircuit(relays, chance.draw(), { avoid, tried }) : undefined;
      if (circuit === undefined) break;
      tried.add(circuit.proxyHost);
      const outcome = await attempt(circuit, over, signal);
      signal.throwIfAborted();
      if (outcome === 'verified') return;
      reason = over.aborted ? 'too-slow' : outcome;
      if (over.aborted) break;
    }
    await store({ is: 'given-up', reason, now: clock.now() }, signal);
  };

  const checkAgain =
    (circuit: Circuit): Task =>
    async (signal, decide) => {
      const reached = network.isOnline() ? await reach(circuit, signal) : undefined;
      signal.throwIfAborted();
      const verdict = reached === undefined ? 'entry-unreachable' : await check(circuit, signal);
      signal.throwIfAborted();
      if (reached !== undefined && verdict === 'verified') {
        await store({ is: 'checked', roundTripMs: reached.roundTripMs, now: clock.now() }, signal);
        decide(true);
        return;
      }
      decide(false);
      await round(signal, new Set([circuit.proxyHost]));
    };

  return {
    want: (state) => {
      // Also at the end of a round that has just stored its failure, and is not over by a few steps.
      if (state.at === 'failed' && clock.now() < state.retryAt) nudges.at('retry-circuit', state.retryAt);
      if (work !== undefined) return;
      switch (state.at) {
        case 'off':
        case 'connecting':
          start((signal) => round(signal));
          return;
        case 'verified':
          if (clock.now() - state.verifiedAt > CHECK_FRESH_MS) start(checkAgain(state.circuit));
          return;
        case 'failed':
          if (clock.now() >= state.retryAt) start((signal) => round(signal));
          return;
      }
    },

    release: async () => {
      nudges.cancel('retry-circuit');
      work?.abort.abort();
      work = undefined;
      await cells.update(circuitCell, (state) => (state.at === 'off' ? state : stepCircuit(state, { is: 'unwanted' })));
      await entries.stop();
    },

    recheck: async () => {
      const state = await cells.read(circuitCell);
      if (work !== undefined) return work.standing;
      return state.at === 'verified' ? start(checkAgain(state.circuit)).standing : false;
    },

    tryAgain: async () => {
      const state = await cells.read(circuitCell);
      if (state.at !== 'failed') return;
      work?.abort.abort();
      start((signal) => round(signal));
    },
  };
}
