// Builds circuits: one when there is none, then spares beside it. Runs one attempt at a time, on the stored state, so that a worker that died
// goes on where it was. Called by background/circuits.ts.

import { chooseCircuit, possibleCircuits, readyRelays, type Circuit } from '../src/core/circuit/choose-circuit.ts';
import { doubted, failedOfLate, noteUnproven, usedByOthers } from '../src/core/circuit/circuit-past.ts';
import {
  circuitsForSites,
  circuitsInUse,
  exitsApart,
  hasSparesApart,
  isApart,
  isSamePair,
  type CircuitEvent,
  type CircuitFailure,
  type CircuitState,
} from '../src/core/circuit/circuit-state.ts';
import { unusable } from '../src/core/directory/relay-faults.ts';
import { FAILED_MS, ROUND_MS, SPARE_RETRY_MS } from '../src/core/circuit/durations.ts';
import { toSelectionWishes } from '../src/core/circuit/relay-wishes.ts';
import {
  circuitCell,
  circuitPastCell,
  guardsCell,
  relayFaultsCell,
  relaysCell,
  wishesCell,
} from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Chance, Network } from '../src/ports/host.ts';
import { attempt, type AttemptDeps } from './attempt.ts';
import type { Blame } from './blame.ts';
import type { ExitPlaces } from './exit-places.ts';
import type { SiteCircuits } from './site-circuits.ts';

/** The one in use and one that the browser can fall over to. */
const WANTED_CIRCUITS = 2;

/** After these no other circuit through the same entry fares better. */
const OF_THE_ENTRY: readonly (CircuitFailure | 'verified')[] = ['entry-unreachable', 'entry-refused', 'payment-needed'];

export type BuildDeps = Omit<AttemptDeps, 'store' | 'alone'> & {
  cells: Cells;
  chance: Chance;
  network: Network;
  /** Holds it against relays that misled. */
  blame: Blame;
  /** None that is known will do: looks for relays elsewhere. True where there are others now. `unreached`: entries that did not answer just now. */
  findRelays: (signal: AbortSignal, unreached: ReadonlySet<string>) => Promise<boolean>;
  /** How long the browser keeps connections and tickets that belong to a proxy's name, ms. */
  namesKeptMs: number;
  sites: SiteCircuits;
  places: ExitPlaces;
};

export type Builder = {
  /** Until there is a circuit, or none can be had: then the state says why. */
  round: (signal: AbortSignal) => Promise<void>;
  /** Spares until there are enough, one of them without a relay of the one in use. False where another one was wanted and none could be had. */
  spares: (signal: AbortSignal) => Promise<boolean>;
  /**
   * One more circuit that fits, beside those there are; for a new identity, in their place. Undefined where none could be had; then there are
   * those that were.
   */
  another: (
    fits: (circuit: Circuit) => boolean,
    options: { newIdentity: boolean; keepsGuards?: boolean; signal: AbortSignal },
  ) => Promise<Circuit | undefined>;
};

/** @param store stores what follows from an event and puts it into force; throws when the work was ended */
export function createBuilder(
  { cells, chance, network, clock, namesKeptMs, findRelays, blame, sites, places, ...rest }: BuildDeps,
  store: (event: CircuitEvent, signal: AbortSignal) => Promise<void>,
): Builder {
  const tryOne = (
    circuit: Circuit,
    over: AbortSignal,
    { alone, signal }: { alone: boolean; signal: AbortSignal },
  ): ReturnType<typeof attempt> =>
    attempt(circuit, over, { ...rest, clock, alone, store: (event) => store(event, signal) });

  const identityNow = async (): Promise<number> => (await cells.read(circuitPastCell)).identity;

  const listed = async (): Promise<Circuit[]> => circuitsInUse(await cells.read(circuitCell));

  /** The next circuit to try. Whoever was drawn as a guard for it is on disk first. */
  const next = async (
    tried: ReadonlySet<string>,
    identity: number,
    { fits, keepsGuards = false }: { fits: (circuit: Circuit) => boolean; keepsGuards?: boolean | undefined },
  ): Promise<Circuit | undefined> => {
    const wished = await cells.read(wishesCell);
    if (wished === 'lost') return undefined;
    const relays = readyRelays((await cells.read(relaysCell)) ?? []);
    const past = await cells.read(circuitPastCell);
    const beside = await listed();
    const never = new Set([
      ...tried,
      ...usedByOthers(past, identity, clock.now(), namesKeptMs),
      ...beside.map(({ proxyHost }) => proxyHost),
    ]);
    const isNew = (circuit: Circuit): boolean => !beside.some((other) => isSamePair(other, circuit)) && fits(circuit);
    const unfit = unusable(await cells.read(relayFaultsCell), clock.now());
    const ofRelays = { ...toSelectionWishes(wished), down: unfit };
    const wishes = {
      relays: ofRelays,
      avoid: failedOfLate(past, clock.now()),
      never,
      prefer: past.last,
      beside,
      rather: await places.rather(beside),
      fits: isNew,
      keepsGuards,
    };
    let circuit: Circuit | undefined;
    await cells.update(guardsCell, (guards) => {
      const choice = chooseCircuit(relays, guards, clock.now(), () => chance.draw(), wishes);
      ({ circuit } = choice);
      return choice.guards;
    });
    return circuit;
  };

  const whyNone = async (): Promise<CircuitFailure> => {
    const wished = await cells.read(wishesCell);
    if (wished === 'lost') return 'wishes-lost';
    const relays = (await cells.read(relaysCell)) ?? [];
    if (relays.length === 0) return 'no-relays';
    const all = possibleCircuits(relays);
    if (all.length === 0) return 'no-pair';
    const fitting = possibleCircuits(relays, toSelectionWishes(wished));
    const used = usedByOthers(await cells.read(circuitPastCell), await identityNow(), clock.now(), namesKeptMs);
    // Some fit and none was used: the guards have no room for their entries (src/core/circuit/guard-set.ts).
    const isNarrowed = fitting.length < all.length && !fitting.some(({ proxyHost }) => used.has(proxyHost));
    return isNarrowed ? 'no-wish' : 'none-fresh';
  };

  /** Whose fault it is that somebody answered for an exit without its certificate: the entry's, where the exit proves itself by another one all the while. */
  const learn = async (circuit: Circuit, outcome: CircuitFailure | 'verified'): Promise<void> => {
    if (outcome !== 'check-certificate') return;
    await cells.update(circuitPastCell, (past) => noteUnproven(past, circuit, clock.now()));
    // Circuits in use are asked all the time: what stands in one proves itself.
    const stands = (await listed()).some(
      ({ entry, exit }) => exit.peer === circuit.exit.peer && entry.peer !== circuit.entry.peer,
    );
    if (stands) await blame([circuit.entry.peer], 'misleads');
  };

  /** Circuits one after the other, none twice, and of an entry that does not serve none further; until one stands. */
  const tryAll = async (
    identity: number,
    over: AbortSignal,
    options: {
      fits: (circuit: Circuit) => boolean;
      alone: boolean;
      keepsGuards?: boolean | undefined;
      signal: AbortSignal;
    },
  ): Promise<{ circuit: Circuit | undefined; reason: CircuitFailure | undefined; unreached: Set<string> }> => {
    const { fits, alone, keepsGuards, signal } = options;
    const tried = new Set<string>();
    const unreached = new Set<string>();
    const closed = new Set<string>();
    let reason: CircuitFailure | undefined;
    const isLeft = (circuit: Circuit): boolean => !closed.has(circuit.entry.host) && fits(circuit);
    /** An exit that did not prove itself: by another entry it may, and then it is known who is at fault. */
    let unclear: Circuit | undefined;
    const clearsUp = (circuit: Circuit): boolean =>
      circuit.exit.peer === unclear?.exit.peer && circuit.entry.peer !== unclear.entry.peer && isLeft(circuit);
    while (network.isOnline() && !over.aborted) {
      const clearing = unclear === undefined ? undefined : await next(tried, identity, { fits: clearsUp, keepsGuards });
      const circuit = clearing ?? (await next(tried, identity, { fits: isLeft, keepsGuards }));
      if (circuit === undefined) break;
      tried.add(circuit.proxyHost);
      const outcome = await tryOne(circuit, over, { alone, signal });
      await learn(circuit, outcome);
      if (outcome === 'verified') return { circuit, reason: undefined, unreached };
      unclear = outcome === 'check-certificate' ? circuit : undefined;
      if (OF_THE_ENTRY.includes(outcome)) closed.add(circuit.entry.host);
      if (outcome === 'entry-unreachable') unreached.add(circuit.entry.peer);
      reason = outcome;
    }
    return { circuit: undefined, reason, unreached };
  };

  const another: Builder['another'] = async (fits, { newIdentity, keepsGuards, signal }) => {
    const identity = (await identityNow()) + (newIdentity ? 1 : 0);
    const over = AbortSignal.any([signal, clock.timeout(ROUND_MS)]);
    const { circuit } = await tryAll(identity, over, { fits, alone: newIdentity, keepsGuards, signal });
    // A list that is full takes no more.
    return (await listed()).find(({ proxyHost }) => proxyHost === circuit?.proxyHost);
  };

  /** One of each exit that sites went by before, where it can be had by the entry in use, and then of others. False where there are not enough. */
  const exitsOfSites = async (signal: AbortSignal): Promise<boolean> => {
    const options = { newIdentity: false, signal };
    const there = async (): Promise<Circuit[]> => circuitsForSites(await listed());
    const byEntry = (circuits: readonly Circuit[], { entry }: Circuit): boolean =>
      entry.peer === circuits[0]?.entry.peer;
    for (const exit of await sites.missing(await there())) {
      const circuits = await there();
      const fits = (circuit: Circuit): boolean => circuit.exit.peer === exit && byEntry(circuits, circuit);
      if ((await another(fits, options)) === undefined) await sites.drop(exit);
    }
    for (;;) {
      const circuits = await there();
      const exits = exitsOf(circuits);
      if (exits.size >= sites.exits) return true;
      const past = await sites.past();
      const isOther = (circuit: Circuit): boolean => byEntry(circuits, circuit) && !exits.has(circuit.exit.peer);
      const found =
        (await another((circuit) => isOther(circuit) && !past.has(circuit.exit.peer), options)) ??
        (past.size > 0 ? await another(isOther, options) : undefined);
      if (found === undefined) return false;
    }
  };

  return {
    another,

    round: async (signal) => {
      const over = AbortSignal.any([signal, clock.timeout(ROUND_MS)]);
      await store({ is: 'wanted' }, signal);
      const options = { fits: () => true, alone: false, signal };
      const { unreached, ...first } = await tryAll(await identityNow(), over, options);
      let { circuit, reason } = first;
      if (circuit === undefined && network.isOnline() && !over.aborted && (await findRelays(over, unreached)))
        ({ circuit, reason } = await tryAll(await identityNow(), over, options));
      signal.throwIfAborted();
      if (circuit !== undefined) return;
      if (over.aborted) reason = 'too-slow';
      else if (!network.isOnline()) reason = 'offline';
      await store({ is: 'given-up', reason: reason ?? (await whyNone()), now: clock.now() }, signal);
    },

    spares: async (signal) => {
      const options = { newIdentity: false, signal };
      // Who was at fault for an exit that did not prove itself is seen now: as a spare it is as good as another.
      const again = doubted(await cells.read(circuitPastCell), await listed(), clock.now());
      if (again.size > 0) await another(({ proxyHost }) => again.has(proxyHost), options);
      const some = async (): Promise<boolean> => (await listed()).length >= WANTED_CIRCUITS;
      while (!(await some())) {
        if ((await another(() => true, options)) === undefined) return false;
      }
      // What there is falls with a relay of the circuit in use: it stays until there are some that do not.
      const apart = async (): Promise<boolean> => {
        for (;;) {
          const now = await listed();
          if (hasSparesApart(now)) return true;
          const exits = exitsApart(now);
          const failed = [...failedOfLate(await cells.read(circuitPastCell), clock.now() + FAILED_MS - SPARE_RETRY_MS)];
          // One that has just failed, or that the person has just left, is better than none, and no more than that.
          const isWorth = ({ exit: { peer } }: Circuit): boolean =>
            exits.size === 0 || !(exits.has(peer) || failed.some((host) => host.includes(peer)));
          const fits = (circuit: Circuit): boolean =>
            now[0] !== undefined && isApart(now[0], circuit) && isWorth(circuit);
          if ((await another(fits, options)) === undefined) return false;
        }
      };
      const isSafe = await apart();
      return (await exitsOfSites(signal)) && isSafe;
    },
  };
}

/** Whether the builder has anything to do for the state. @param exits that sites are to be spread over */
export function wantsBuilding(state: CircuitState, exits: number): boolean {
  const circuits = circuitsInUse(state);
  return state.at !== 'verified' || !hasSparesApart(circuits) || exitsOf(circuitsForSites(circuits)).size < exits;
}

function exitsOf(circuits: readonly Circuit[]): Set<string> {
  return new Set(circuits.map(({ exit }) => exit.peer));
}
