// The life of the circuit: which state follows from which event. Pure; background/circuits.ts runs the effects and stores the state.
// It must never reach `verified` but through `checked`, which stands for a signed answer of the exit (invariant I5).

import type { Circuit } from './choose-circuit.ts';
import { RETRY_FIRST_MS, RETRY_LONGEST_MS } from './durations.ts';

/** Why there is no circuit. Words for each: circuit-advice.ts. */
export const CIRCUIT_FAILURES = [
  /** The browser says it has no network. */
  'offline',
  /** The list of relays is empty. */
  'no-relays',
  /** There are relays, and no three operators among them. */
  'no-pair',
  /** libp2p did not reach the entry, or somebody else answered for it. */
  'entry-unreachable',
  /** The check did not come back through the browser's proxy path. */
  'check-unreachable',
  /** Something answered the check, and it was not the exit: wrong form, nonce, peer or signature. */
  'check-refused',
  /** The attempts used up their time. */
  'too-slow',
] as const;
export type CircuitFailure = (typeof CIRCUIT_FAILURES)[number];

export type CircuitState =
  | { at: 'off' }
  /** `reaching`: the entry is dialled and nothing may use the circuit yet. `checking`: the proxy is set and the exit is asked. */
  | { at: 'connecting'; phase: 'choosing'; failures: number }
  | { at: 'connecting'; phase: 'reaching' | 'checking'; circuit: Circuit; failures: number }
  | { at: 'verified'; circuit: Circuit; roundTripMs: number; verifiedAt: number }
  | { at: 'failed'; reason: CircuitFailure; failures: number; retryAt: number };

export type CircuitEvent =
  /** A private tab needs a circuit, or what there was is lost: a new round of attempts starts. */
  | { is: 'wanted' }
  | { is: 'chosen'; circuit: Circuit }
  | { is: 'reached' }
  | { is: 'checked'; roundTripMs: number; now: number }
  /** The round is over without a circuit. */
  | { is: 'given-up'; reason: CircuitFailure; now: number }
  | { is: 'unwanted' };

export const CIRCUIT_OFF: CircuitState = { at: 'off' };

/** The state after an event. An event that does not belong to the state leaves it as it is: it came too late. */
export function stepCircuit(state: CircuitState, event: CircuitEvent): CircuitState {
  switch (event.is) {
    case 'unwanted':
      return CIRCUIT_OFF;
    case 'wanted':
      return { at: 'connecting', phase: 'choosing', failures: failuresOf(state) };
    case 'chosen':
      if (state.at !== 'connecting') return state;
      return { at: 'connecting', phase: 'reaching', circuit: event.circuit, failures: state.failures };
    case 'reached':
      return state.at === 'connecting' && state.phase === 'reaching' ? { ...state, phase: 'checking' } : state;
    case 'checked':
      return verified(state, event.roundTripMs, event.now);
    case 'given-up': {
      if (state.at !== 'connecting') return state;
      const retryAt = event.now + retryDelay(state.failures);
      return { at: 'failed', reason: event.reason, failures: state.failures + 1, retryAt };
    }
  }
}

/** What the browser's proxy is set to: nothing before the entry was reached, and nothing after a failure. */
export function circuitInUse(state: CircuitState): Circuit | undefined {
  if (state.at === 'verified') return state.circuit;
  return state.at === 'connecting' && state.phase === 'checking' ? state.circuit : undefined;
}

/** The circuit whose entry the worker talks to by libp2p, past its own proxy. */
export function circuitDialled(state: CircuitState): Circuit | undefined {
  if (state.at === 'verified') return state.circuit;
  return state.at === 'connecting' && state.phase !== 'choosing' ? state.circuit : undefined;
}

/** How long to wait after a round that failed, when `failures` rounds failed before it. */
export function retryDelay(failures: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** Math.min(failures, 30), RETRY_LONGEST_MS);
}

function verified(state: CircuitState, roundTripMs: number, now: number): CircuitState {
  const checkable = state.at === 'verified' || (state.at === 'connecting' && state.phase === 'checking');
  return checkable ? { at: 'verified', circuit: state.circuit, roundTripMs, verifiedAt: now } : state;
}

function failuresOf(state: CircuitState): number {
  return state.at === 'connecting' || state.at === 'failed' ? state.failures : 0;
}
