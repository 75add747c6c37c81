// The life of the circuits: which state follows from which event. Pure; background/circuits.ts runs the effects and stores the state.
// A circuit must never get among `circuits` but through `checked`, which stands for a signed answer of its exit (invariant I5).

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
  /** There are circuits, and none that the person's wishes allow. */
  'no-wish',
  /** What the person wishes cannot be read: whom they wanted to avoid is not known. */
  'wishes-lost',
  /** There are circuits, and all of them were used before the last "new identity". */
  'none-fresh',
  /** libp2p did not reach the entry, or somebody else answered for it. */
  'entry-unreachable',
  /** The entry wants to be paid: the free data is used up, and there is no deposit with it. */
  'payment-needed',
  /** The entry gave no lease for another reason, or asks for what is never signed. */
  'entry-refused',
  /** The check did not come back through the browser's proxy path. */
  'check-unreachable',
  /** Whoever answered for the exit does not hold its certificate: the entry led elsewhere, or the certificate is over. */
  'check-certificate',
  /** The exit answered, by another entry than the chosen one: whoever resolves names, or the network, led elsewhere. */
  'check-entry',
  /** Something answered the check, and it was not the exit: wrong form, nonce, peer or signature. */
  'check-refused',
  /** The attempts used up their time. */
  'too-slow',
] as const;
export type CircuitFailure = (typeof CIRCUIT_FAILURES)[number];

/** By another entry and other exits than the circuit in use. Where half of the relays end at once one exit is as likely gone as not: of two spares one mostly stands, and no page waits for a new circuit. */
const SPARES_APART = 2;

/** One for each exit that sites are spread over (site-exits.ts), for two sites that were moved to another, and those by another entry: more would only cost checks. Two more for sites whose country was chosen. */
export const MAX_CIRCUITS = 8 + SPARES_APART;

/** A circuit whose exit has proved itself. Times in ms, `verifiedAt` since the epoch. */
export type Standing = {
  circuit: Circuit;
  /** A ping to the entry and back, when its line was last dialled for this circuit. */
  roundTripMs: number;
  /** A question to the exit and its answer, by a connection that was there: undefined until it was asked a second time. */
  exitMs?: number | undefined;
  verifiedAt: number;
};

/** `reaching`: the entry is dialled. `checking`: the exit is asked, through this very circuit. Nothing else may use it yet. */
export type Trial = { circuit: Circuit; phase: 'reaching' | 'checking' };

export type CircuitState =
  | { at: 'off' }
  | { at: 'connecting'; trial: Trial | undefined; failures: number }
  /** The first is in use, the others are its spares, or in use for other sites; `trial` may become another of them. */
  | { at: 'verified'; circuits: Standings; trial: Trial | undefined }
  | { at: 'failed'; reason: CircuitFailure; failures: number; retryAt: number };

export type Standings = readonly [Standing, ...Standing[]];

export type CircuitEvent =
  /** A private tab needs a circuit: a new round of attempts starts. */
  | { is: 'wanted' }
  | { is: 'chosen'; circuit: Circuit }
  /** The entry answers; it counts this client's tunnels at that port. */
  | { is: 'reached'; port: number }
  /** The entry counts this client's tunnels at another port: from now on they go there. */
  | { is: 'leased'; peer: string; port: number }
  /** The trial stood its check. `alone`: it takes the place of all there were, for a new identity. */
  | { is: 'checked'; roundTripMs: number; now: number; alone: boolean }
  /** The trial did not. */
  | { is: 'dropped' }
  /** Circuits of the list were asked again: `stood` proved themselves, `lost` are not to be used any more, `first` is to be used from now on. By proxy host. */
  | {
      is: 'answered';
      stood: readonly string[];
      lost: readonly string[];
      first: string | undefined;
      now: number;
      /** How long the answer of each took, ms. */
      took?: ReadonlyMap<string, number>;
    }
  /** One of the list is to be used from now on. `next`: what the browser falls over to first. */
  | { is: 'preferred'; host: string; next?: string | undefined }
  /** Circuits of the list are not to be used any more. */
  | { is: 'lost'; hosts: readonly string[] }
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
      return state.at === 'verified' ? state : { at: 'connecting', trial: undefined, failures: failuresOf(state) };
    case 'chosen':
      return withTrial(state, { circuit: event.circuit, phase: 'reaching' });
    case 'reached':
      return reached(state, event);
    case 'leased':
      return leased(state, event);
    case 'checked':
      return checked(state, event);
    case 'dropped':
      return withTrial(state, undefined);
    case 'answered':
      return changeList(state, (list) =>
        ahead(list, event.first)
          .filter((each) => !event.lost.includes(hostOf(each)))
          .map((each) =>
            event.stood.includes(hostOf(each))
              ? { ...each, verifiedAt: event.now, exitMs: event.took?.get(hostOf(each)) ?? each.exitMs }
              : each,
          ),
      );
    case 'preferred':
      return changeList(state, (list) => ahead(ahead(list, event.next), event.host));
    case 'lost':
      return changeList(state, (list) => list.filter((each) => !event.hosts.includes(hostOf(each))));
    case 'given-up': {
      if (state.at !== 'connecting') return withTrial(state, undefined);
      const retryAt = event.now + retryDelay(state.failures);
      return { at: 'failed', reason: event.reason, failures: state.failures + 1, retryAt };
    }
  }
}

/** What private traffic may use, the first one first. Empty before the first check and after the last loss. */
export function circuitsInUse(state: CircuitState): Circuit[] {
  return state.at === 'verified' ? state.circuits.map(({ circuit }) => circuit) : [];
}

/** Those that sites are spread over: by the entry of the first, so that one entry at a time is paid and sees how much the person does. The others are there for its end. */
export function circuitsForSites(circuits: readonly Circuit[]): Circuit[] {
  return circuits.filter(({ entry }) => entry.peer === circuits[0]?.entry.peer);
}

export function circuitsOfEntry(peer: string, state: CircuitState): Circuit[] {
  return circuitsInUse(state).filter(({ entry }) => entry.peer === peer);
}

/** Circuits that the worker may ask who they are. */
export function circuitsChecked(state: CircuitState): Circuit[] {
  const trial = trialOf(state);
  return [...circuitsInUse(state), ...(trial?.phase === 'checking' ? [trial.circuit] : [])];
}

/** Those in use, and the one that may become another of them. */
export function circuitsTried(state: CircuitState): Circuit[] {
  const trial = trialOf(state);
  return [...circuitsInUse(state), ...(trial === undefined ? [] : [trial.circuit])];
}

/** Names of the entries that the worker talks to by libp2p, past its own proxy. */
export function entriesDialled(state: CircuitState): string[] {
  return circuitsTried(state).map(({ entry }) => entry.host);
}

export function trialOf(state: CircuitState): Trial | undefined {
  return state.at === 'connecting' || state.at === 'verified' ? state.trial : undefined;
}

/** How long to wait after a round that failed, when `failures` rounds failed before it. */
export function retryDelay(failures: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** Math.min(failures, 30), RETRY_LONGEST_MS);
}

export function isSamePair(a: Circuit, b: Circuit): boolean {
  return a.entry.peer === b.entry.peer && a.exit.peer === b.exit.peer;
}

/** No relay of one is a relay of the other: whichever dies, one of the two stands. */
export function isApart(a: Circuit, b: Circuit): boolean {
  return a.entry.peer !== b.entry.peer && a.exit.peer !== b.exit.peer;
}

/** Exits of the spares that outlive any one relay of the circuit in use. */
export function exitsApart([first, ...spares]: readonly Circuit[]): Set<string> {
  return new Set(spares.flatMap((spare) => (first !== undefined && isApart(first, spare) ? spare.exit.peer : [])));
}

export function hasSparesApart(circuits: readonly Circuit[]): boolean {
  return exitsApart(circuits).size >= SPARES_APART;
}

function checked(
  state: CircuitState,
  { roundTripMs, now, alone }: Extract<CircuitEvent, { is: 'checked' }>,
): CircuitState {
  const trial = trialOf(state);
  if (trial?.phase !== 'checking') return state;
  const standing: Standing = { circuit: trial.circuit, roundTripMs, verifiedAt: now };
  if (state.at !== 'verified' || alone) return { at: 'verified', circuits: [standing], trial: undefined };
  const [first, ...spares] = state.circuits;
  const known = state.circuits.some(({ circuit }) => isSamePair(circuit, trial.circuit));
  const outlives = ({ circuit }: Standing): boolean => isApart(first.circuit, circuit);
  // A spare by the exit of the one in use was the best there was; now there is a better one.
  const kept = outlives(standing)
    ? spares.filter(({ circuit }) => circuit.exit.peer !== first.circuit.exit.peer)
    : spares;
  if (known || 1 + kept.length >= MAX_CIRCUITS) return { ...state, trial: undefined };
  const list = [...kept, standing];
  // The browser tries them in this order: first those that do not fall with a relay of the one in use.
  return {
    ...state,
    circuits: [first, ...list.filter(outlives), ...list.filter((each) => !outlives(each))],
    trial: undefined,
  };
}

function reached(state: CircuitState, { port }: Extract<CircuitEvent, { is: 'reached' }>): CircuitState {
  const trial = trialOf(state);
  if (trial?.phase !== 'reaching') return state;
  const moved = leased(state, { is: 'leased', peer: trial.circuit.entry.peer, port });
  return withTrial(moved, { ...trialOf(moved), phase: 'checking' });
}

function leased(state: CircuitState, { peer, port }: Extract<CircuitEvent, { is: 'leased' }>): CircuitState {
  const move = <T extends { circuit: Circuit }>(each: T): T =>
    each.circuit.entry.peer === peer ? { ...each, circuit: { ...each.circuit, proxyPort: port } } : each;
  const trial = trialOf(state);
  const moved = trial === undefined ? state : withTrial(state, move(trial));
  return changeList(moved, (list) => list.map(move));
}

function withTrial(state: CircuitState, trial: { circuit?: Circuit; phase: Trial['phase'] } | undefined): CircuitState {
  if (state.at !== 'connecting' && state.at !== 'verified') return state;
  if (trial === undefined) return state.trial === undefined ? state : { ...state, trial };
  return trial.circuit === undefined ? state : { ...state, trial: { circuit: trial.circuit, phase: trial.phase } };
}

/** What is not in the list before cannot be after: `change` only orders, dates and leaves out. */
function changeList(state: CircuitState, change: (list: readonly Standing[]) => Standing[]): CircuitState {
  if (state.at !== 'verified') return state;
  const [first, ...rest] = change(state.circuits);
  if (first === undefined) return { at: 'connecting', trial: state.trial, failures: 0 };
  return { ...state, circuits: [first, ...rest] };
}

function ahead(list: readonly Standing[], host: string | undefined): Standing[] {
  return [...list.filter((each) => hostOf(each) === host), ...list.filter((each) => hostOf(each) !== host)];
}

function hostOf({ circuit }: Standing): string {
  return circuit.proxyHost;
}

function failuresOf(state: CircuitState): number {
  return state.at === 'connecting' || state.at === 'failed' ? state.failures : 0;
}
