// Keeps circuits up: builds one and its spares, asks them again when something failed or is slow, and changes to a spare when the one in use
// does not answer. The stored state says where it stands, so a worker that died starts again from it. Called by background/app.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { noteFailed, noteLast } from '../src/core/circuit/circuit-past.ts';
import {
  circuitsForSites,
  circuitsInUse,
  circuitsOfEntry,
  stepCircuit,
  type CircuitState,
} from '../src/core/circuit/circuit-state.ts';
import type { ExitChoice } from '../src/core/circuit/exit-choice.ts';
import { ASK_AGAIN_MS, BEAT_MS, CHECK_FRESH_MS, SPARE_RETRY_MS } from '../src/core/circuit/durations.ts';
import { circuitCell, circuitPastCell } from '../src/core/state/cells.ts';
import type { Nudges } from '../src/ports/host.ts';
import { askCircuits } from './ask-circuits.ts';
import { createEntryLines } from './entry-lines.ts';
import { createRotation } from './rotate-spares.ts';
import { createExitChooser, type ExitChooserDeps, type Moved } from './choose-exit.ts';
import { createBuilder, wantsBuilding, type BuildDeps } from './build-circuits.ts';
import type { Place } from './exit-places.ts';
import { createChanges } from './change-circuit.ts';
import { createCircuitStore, hostsOf, namesOf } from './store-circuit.ts';

/** `stands`: the one in use answered. `swapped`: a spare took its place. `lost`: there is none. */
export type Standing = 'stands' | 'swapped' | 'lost';

export type Circuits = {
  /**
   * Somebody needs a circuit, or leaves elsewhere than they chose: goes on from the stored state, unless it is at work already. Returns at once.
   * @param missed who leaves elsewhere (exit-places.ts)
   */
  want: (state: CircuitState, missed: readonly Place[]) => void;
  /** Nobody does any more. */
  release: () => Promise<void>;
  /**
   * Something happened that may have ended a circuit: asks them all.
   * @param since ms since the epoch: what failed was begun then. Where a circuit was lost after it, it failed for that one, however the others stand
   */
  ask: (since?: number) => Promise<Standing>;
  /** The same, where many things happen at once: not again when they were asked a moment ago. */
  askIfDue: () => Promise<Standing>;
  /** The line to an entry ended. */
  lineLost: (peer: string) => Promise<void>;
  /** The line to an entry that is used is taken up again after a worker's death, though nobody asks the circuits. */
  holdLine: (peer: string) => Promise<void>;
  /** The entry counts this client's tunnels at another port. */
  leased: (peer: string, port: number) => Promise<void>;
  /** There are other relays to choose from: spares that could not be had may be had now. */
  relaysChanged: () => void;
  /** An entry must not be used any more. */
  abandon: (peer: string) => Promise<void>;
  /** Circuits in use that must not be used any more, and what is being built, are given up; none is built before `then` is through. */
  giveUp: (breaks: (circuit: Circuit) => boolean, then: () => Promise<void>) => Promise<void>;
  /** A new round now, if the last one failed. */
  tryAgain: () => Promise<void>;
  /**
   * Changes to a circuit of another exit: for the site of that host where the browser tells sites apart, else for all. False where there is none; then nothing
   * has changed.
   */
  anotherExit: (host: string | undefined) => Promise<boolean>;
  /** Moves the site, or all private tabs where there is none, to an exit that the person chose. Where none can be had, nothing has changed. */
  chooseExit: (site: string | undefined, choice: ExitChoice) => Promise<Moved>;
  /** Changes to a circuit that no connection of before can be joined with. False where there is none; then nothing has changed. */
  newIdentity: () => Promise<boolean>;
};

export type CircuitsDeps = BuildDeps & {
  listExits: ExitChooserDeps['listExits'];
  nudges: Nudges;
  /** Puts what the stored state means into force; resolves when it is. */
  changed: () => Promise<void>;
  report: (error: unknown) => void;
};

export function createCircuits(deps: CircuitsDeps): Circuits {
  const { cells, entries, clock, network, nudges, sites, places, changed, report } = deps;
  /** Ends the attempts that are under way. */
  let building: AbortController | undefined;
  /** Ends the questions that are under way. */
  let life = new AbortController();
  let asking: Promise<Standing> | undefined;
  let last: { at: number; standing: Standing } | undefined;
  let spareRetryAt = 0;
  /** Until then nothing is built by itself: something broke that is none of a relay's. */
  let brokenUntil = 0;
  /** When a circuit was last known to be gone, and then when the policy with it was out of force: ms since the epoch. */
  let lostAt = 0;
  let beating = false;
  /** Who left elsewhere when that was last to be mended. */
  let missedThen = new Set<string>();

  const store = createCircuitStore(deps, () => (lostAt = clock.now()));
  const builder = createBuilder(deps, store);

  /** Runs one piece of building, in the place of what was being built. Rejects when it was ended. */
  const build = async <T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    building?.abort();
    const current = new AbortController();
    building = current;
    try {
      // What an attempt left behind that was ended, or died with the worker before.
      await cells.update(circuitCell, (state) => stepCircuit(state, { is: 'dropped' }));
      return await task(current.signal);
    } finally {
      if (building === current) building = undefined;
    }
  };

  /** The same for what nobody waits for. */
  const buildUnseen = (task: (signal: AbortSignal) => Promise<void>): void => {
    const running = build(async (signal) => {
      await task(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    });
    const broke = (error: unknown): void => {
      // Not by the next pass, which comes at once: a disk that is full stays so for a while.
      brokenUntil = clock.now() + SPARE_RETRY_MS;
      nudges.at('retry-circuit', brokenUntil);
      report(error);
    };
    running.then(changed, broke).catch(report);
  };

  const fill = async (signal: AbortSignal): Promise<void> => {
    if ((await cells.read(circuitCell)).at !== 'verified') await builder.round(signal);
    if ((await cells.read(circuitCell)).at !== 'verified') return;
    const isPlaced = await chooser.restore(signal);
    const isSpared = await builder.spares(signal);
    if (!(isPlaced && isSpared)) spareRetryAt = clock.now() + SPARE_RETRY_MS;
  };

  const noteLost = async (hosts: readonly string[]): Promise<void> => {
    if (hosts.length === 0) return;
    await cells.update(circuitPastCell, (past) => noteFailed(past, hosts, clock.now()));
    spareRetryAt = 0;
    lostAt = clock.now();
  };

  const lose = async (circuits: readonly Circuit[], signal: AbortSignal): Promise<void> => {
    if (circuits.length === 0) return;
    const hosts = hostsOf(circuits);
    await noteLost(hosts);
    await store({ is: 'lost', hosts }, signal);
  };

  const askNow = async (signal: AbortSignal): Promise<Standing> => {
    const circuits = circuitsInUse(await cells.read(circuitCell));
    if (circuits.length === 0) return 'lost';
    if (!network.isOnline()) {
      await store({ is: 'lost', hosts: hostsOf(circuits) }, signal);
      return 'lost';
    }
    const isInUse = await sites.inUse(circuits);
    const { stood, took, gone, end } = await askCircuits(circuits, isInUse, signal, deps);
    signal.throwIfAborted();
    const standing = circuits.filter((_, index) => stood.has(index));
    // Where the person wants to leave, and then where their money and free data are.
    const isThere = await places.within(undefined);
    const byEntry = circuitsForSites(circuits).filter((each) => standing.includes(each));
    const [chosen] = [...byEntry.filter(isThere), ...standing.filter(isThere), ...byEntry, ...standing];
    const lost = circuits.filter((_, index) => gone.has(index));
    await noteLost(hostsOf(lost));
    // At once: with many tabs each step takes a while to be in force, and pages of theirs wait for it.
    const [hosts, first, now] = [hostsOf(standing), chosen?.proxyHost, clock.now()];
    await store({ is: 'answered', stood: hosts, lost: hostsOf(lost), first, now, took }, signal);
    // Spares that fail later are nobody's wait.
    end
      .then((late) =>
        lose(
          circuits.filter((_, index) => !gone.has(index) && late.has(index)),
          signal,
        ),
      )
      .catch((error: unknown) => {
        if (!signal.aborted) report(error);
      });
    return chosen === undefined ? 'lost' : lost.some(isInUse) ? 'swapped' : 'stands';
  };

  const ask = (): Promise<Standing> => {
    asking ??= askNow(life.signal)
      .catch((error: unknown): Standing => {
        if (!life.signal.aborted) report(error);
        return 'lost';
      })
      .then((standing) => {
        last = { at: clock.now(), standing };
        return standing;
      })
      .finally(() => (asking = undefined));
    return asking;
  };

  const lines = createEntryLines({ ...deps, store, lose });

  const refresh = async (): Promise<void> => {
    const { signal } = life;
    if ((await ask()) !== 'lost') await lines.hold(circuitsInUse(await cells.read(circuitCell)), signal);
  };

  const startBeat = (): void => {
    if (beating) return;
    beating = true;
    const { signal } = life;
    clock.timeout(BEAT_MS).addEventListener('abort', () => {
      beating = false;
      if (signal.aborted) return;
      ask().then(changed).catch(report);
      if (building === undefined && rotation.isDue()) buildUnseen(rotation.run);
    });
  };

  const changes = createChanges({ cells, builder, sites, places, store, lose, changed });
  const chooser = createExitChooser({
    ...{ cells, builder, sites, places, clock, store, changed },
    ...{ verify: deps.verify, listExits: deps.listExits },
  });
  const rotation = createRotation({ cells, builder, sites, clock, chance: deps.chance, store });

  return {
    ask: async (since = Infinity) => (lostAt >= since ? 'swapped' : await ask()),

    want: (state, missed) => {
      lines.stay();
      // Also at the end of a round that has just stored its failure, and is not over by a few steps.
      if (state.at === 'failed' && clock.now() < state.retryAt) nudges.at('retry-circuit', state.retryAt);
      if (state.at === 'verified') {
        startBeat();
        if (clock.now() - state.circuits[0].verifiedAt > CHECK_FRESH_MS && asking === undefined) {
          refresh().then(changed).catch(report);
        }
      }
      if (building !== undefined || !(wantsBuilding(state, sites.exits) || missed.length > 0)) return;
      const keys = missed.map((place) => JSON.stringify(place));
      // Somebody new waits for nothing that could not be had for others.
      const spareAt = keys.every((key) => missedThen.has(key)) ? spareRetryAt : 0;
      const waits = state.at === 'failed' ? state.retryAt : state.at === 'verified' ? spareAt : 0;
      if (clock.now() < Math.max(waits, brokenUntil)) return;
      missedThen = new Set(keys);
      buildUnseen(fill);
    },

    release: async () => {
      nudges.cancel('retry-circuit');
      building?.abort();
      building = undefined;
      life.abort();
      life = new AbortController();
      asking = undefined;
      last = undefined;
      spareRetryAt = 0;
      brokenUntil = 0;
      beating = false;
      rotation.end();
      const [inUse] = namesOf(await cells.read(circuitCell));
      await cells.update(circuitPastCell, (past) => noteLast(past, inUse));
      await cells.update(circuitCell, (state) => (state.at === 'off' ? state : stepCircuit(state, { is: 'unwanted' })));
      lines.leaveLater();
    },

    askIfDue: async () => (last !== undefined && clock.now() - last.at < ASK_AGAIN_MS ? last.standing : await ask()),

    holdLine: async (peer) => {
      await lines.hold(circuitsOfEntry(peer, await cells.read(circuitCell)), life.signal);
    },

    leased: async (peer, port) => {
      await store({ is: 'leased', peer, port }, life.signal);
    },

    relaysChanged: () => {
      spareRetryAt = 0;
    },

    abandon: async (peer) => {
      await lose(circuitsOfEntry(peer, await cells.read(circuitCell)), life.signal);
    },

    giveUp: (breaks, then) =>
      build(async (signal) => {
        const gone = circuitsInUse(await cells.read(circuitCell)).filter(breaks);
        spareRetryAt = 0;
        // At no fault of theirs: they do not count as failed.
        if (gone.length > 0) await store({ is: 'lost', hosts: hostsOf(gone) }, signal);
        const kept = circuitsInUse(await cells.read(circuitCell)).map(({ entry }) => entry.peer);
        const left = gone.map(({ entry }) => entry.peer).filter((peer) => !kept.includes(peer));
        await Promise.all([...new Set(left)].map((peer) => entries.leave(peer)));
        await then();
      }).finally(() => void changed()),

    lineLost: async (peer) => {
      if (circuitsOfEntry(peer, await cells.read(circuitCell)).length === 0) return;
      const { signal } = life;
      await ask();
      await lines.hold(circuitsOfEntry(peer, await cells.read(circuitCell)), signal);
    },

    tryAgain: async () => {
      brokenUntil = 0;
      if ((await cells.read(circuitCell)).at === 'failed') buildUnseen(fill);
    },

    anotherExit: (host) => build((signal) => changes.exit(host, signal)).finally(() => void changed()),

    chooseExit: (site, choice) => build((signal) => chooser.choose(site, choice, signal)).finally(() => void changed()),

    newIdentity: () => {
      // Whoever chose an exit is brought back to it at once.
      spareRetryAt = 0;
      return build(changes.identity).finally(() => void changed());
    },
  };
}
