// Moves a site, or all private tabs, to an exit that the person chose, and brings them back there when it was lost. It builds by the rules and wishes of every circuit; where none can be had, everybody
// stays on the exit that they have. Called by background/circuits.ts, which runs one piece of building at a time.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { circuitsForSites, circuitsInUse, isApart, type CircuitEvent } from '../src/core/circuit/circuit-state.ts';
import { isLasting, noteChoice, type ExitChoice, type LastingChoice } from '../src/core/circuit/exit-choice.ts';
import { circuitCell, exitChoicesCell } from '../src/core/state/cells.ts';
import { FASTEST_MS } from '../src/core/circuit/durations.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';
import type { Builder } from './build-circuits.ts';
import type { ExitPlaces } from './exit-places.ts';
import { makeRoom } from './make-room.ts';
import type { SiteCircuits } from './site-circuits.ts';
import type { Verify } from './verify.ts';

/** `stays`: it was there already. `none`: no such circuit can be had. `full`: none more can, while sites go by all there are. */
export type Moved = 'moved' | 'stays' | 'none' | 'full';

export type ExitChooser = {
  /**
   * Whatever comes of it but `none` and `full`, the choice holds when this resolves.
   * @param site undefined: all private tabs
   */
  choose: (site: string | undefined, choice: ExitChoice, signal: AbortSignal) => Promise<Moved>;
  /**
   * Whoever leaves elsewhere than they chose is moved back, and where all private tabs leave in one place the browser gets a spare there to fall over to. False where somebody could not be
   * moved.
   */
  restore: (signal: AbortSignal) => Promise<boolean>;
};

export type ExitChooserDeps = {
  cells: Cells;
  builder: Builder;
  sites: SiteCircuits;
  places: ExitPlaces;
  verify: Verify;
  clock: Clock;
  store: (event: CircuitEvent, signal: AbortSignal) => Promise<void>;
  changed: () => Promise<void>;
  /** Sees to it that there are relays to build a circuit there of. */
  listExits: (choice: LastingChoice) => Promise<void>;
};

const OPTIONS = { newIdentity: false, keepsGuards: true } as const;

export function createExitChooser(deps: ExitChooserDeps): ExitChooser {
  const { cells, builder, sites, places, verify, clock, store, changed } = deps;
  const listed = async (): Promise<Circuit[]> => circuitsInUse(await cells.read(circuitCell));

  /** One of the list, or a new one; of the first predicate for which there is one. */
  const have = async (
    wanted: readonly ((circuit: Circuit) => boolean)[],
    signal: AbortSignal,
  ): Promise<Circuit | 'none' | 'full'> => {
    for (const fits of wanted) {
      const found = (await listed()).find(fits);
      if (found !== undefined) return found;
      if (!(await makeRoom(deps, signal))) return 'full';
      const built = await builder.another(fits, { ...OPTIONS, signal });
      if (built !== undefined) return built;
    }
    return 'none';
  };

  const moveAll = async (fits: (circuit: Circuit) => boolean, signal: AbortSignal): Promise<Moved> => {
    const [now] = await listed();
    if (now === undefined) return 'none';
    if (fits(now)) return 'stays';
    // Where the person's money is, and the rest of the day's free data.
    const found = await have([(each) => fits(each) && each.entry.peer === now.entry.peer, fits], signal);
    if (typeof found === 'string') return found;
    const next = (await listed()).find((each) => fits(each) && isApart(each, found));
    await store({ is: 'preferred', host: found.proxyHost, next: next?.proxyHost }, signal);
    return 'moved';
  };

  const moveSite = async (site: string, fits: (circuit: Circuit) => boolean, signal: AbortSignal): Promise<Moved> => {
    const [first] = await listed();
    if (first === undefined) return 'none';
    const exit = await sites.exitOf(site);
    const now = circuitsForSites(await listed()).find((each) => each.exit.peer === exit) ?? first;
    if (fits(now)) {
      // Not by its slot any more, which may get another exit.
      if (exit !== now.exit.peer || !(await sites.isOwn(site))) await sites.move(site, now.exit.peer);
      return 'stays';
    }
    const taken = await sites.taken(site);
    const there = (each: Circuit): boolean => fits(each) && each.entry.peer === first.entry.peer;
    const found = await have([(each) => there(each) && !taken.has(each.exit.peer), there], signal);
    if (typeof found === 'string') return found;
    await sites.move(site, found.exit.peer);
    await changed();
    return 'moved';
  };

  const move = (site: string | undefined, fits: (circuit: Circuit) => boolean, signal: AbortSignal): Promise<Moved> =>
    site === undefined ? moveAll(fits, signal) : moveSite(site, fits, signal);

  /** Asks them all once, by the connections that stand, and takes the one whose exit answers soonest; undefined where none does. */
  const fastest = async (site: string | undefined, signal: AbortSignal): Promise<Circuit | undefined> => {
    const circuits = await listed();
    const limit = AbortSignal.any([signal, clock.timeout(FASTEST_MS)]);
    const took = new Map<string, number>();
    await Promise.all(
      (site === undefined ? circuits : circuitsForSites(circuits)).map(async (circuit) => {
        const since = clock.now();
        const verdict = await verify(circuit, { signal: limit });
        if (verdict === 'verified') took.set(circuit.proxyHost, Math.max(0, clock.now() - since));
      }),
    );
    await store(
      { is: 'answered', stood: [...took.keys()], lost: [], first: undefined, now: clock.now(), took },
      signal,
    );
    const [best] = [...took].sort(([, one], [, other]) => one - other);
    return circuits.find(({ proxyHost }) => proxyHost === best?.[0]);
  };

  const isWanted = async (
    site: string | undefined,
    choice: Exclude<ExitChoice, { kind: 'any' }>,
    signal: AbortSignal,
  ): Promise<(circuit: Circuit) => boolean> => {
    if (isLasting(choice)) return places.meets(choice);
    const best = await fastest(site, signal);
    return ({ proxyHost }) => proxyHost === best?.proxyHost;
  };

  const spare = async (signal: AbortSignal): Promise<void> => {
    const { all } = await cells.read(exitChoicesCell);
    const circuits = await listed();
    const [first] = circuits;
    if (all === undefined || first === undefined) return;
    const fits = await places.meets(all);
    const isSpare = (each: Circuit): boolean => fits(each) && each.exit.peer !== first.exit.peer;
    if (!fits(first) || circuits.some(isSpare)) return;
    // Of another entry it outlives either relay of the first.
    const other =
      (await builder.another((each) => isSpare(each) && isApart(first, each), { ...OPTIONS, signal })) ??
      (await builder.another(isSpare, { ...OPTIONS, signal }));
    if (other !== undefined) await store({ is: 'preferred', host: first.proxyHost, next: other.proxyHost }, signal);
  };

  return {
    choose: async (site, choice, signal) => {
      const moved = choice.kind === 'any' ? 'stays' : await move(site, await isWanted(site, choice, signal), signal);
      signal.throwIfAborted();
      if (moved === 'moved' || moved === 'stays')
        await cells.update(exitChoicesCell, (choices) => noteChoice(choices, site, choice));
      return moved;
    },

    restore: async (signal) => {
      let isThere = true;
      for (const { site, choice } of await places.missed(await listed())) {
        await deps.listExits(choice);
        const moved = await move(site, await places.meets(choice), signal);
        if (moved !== 'moved' && moved !== 'stays') isThere = false;
      }
      await spare(signal);
      // Whatever a move said: who is still elsewhere is asked about again later, and not at once for ever.
      return isThere && (await places.missed(await listed())).length === 0;
    },
  };
}
