// What the person asks for about the circuits: another exit, a new identity. Called by background/circuits.ts, which runs one of them at a time.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { circuitsInUse, type CircuitEvent } from '../src/core/circuit/circuit-state.ts';
import { siteOfHost } from '../src/core/routing/site-of-host.ts';
import { circuitCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Builder } from './build-circuits.ts';
import type { ExitPlaces } from './exit-places.ts';
import { makeRoom } from './make-room.ts';
import type { SiteCircuits } from './site-circuits.ts';

export type Changes = {
  /** @param host of the page that the person looks at; @returns false where there is none; then nothing has changed */
  exit: (host: string | undefined, signal: AbortSignal) => Promise<boolean>;
  /** The same for a circuit that no connection of before can be joined with. */
  identity: (signal: AbortSignal) => Promise<boolean>;
};

export type ChangesDeps = {
  cells: Cells;
  builder: Builder;
  sites: SiteCircuits;
  places: ExitPlaces;
  store: (event: CircuitEvent, signal: AbortSignal) => Promise<void>;
  /** As circuits that failed. */
  lose: (circuits: readonly Circuit[], signal: AbortSignal) => Promise<void>;
  changed: () => Promise<void>;
};

export function createChanges({ cells, builder, sites, places, store, lose, changed }: ChangesDeps): Changes {
  const listed = async (): Promise<Circuit[]> => circuitsInUse(await cells.read(circuitCell));

  /** Where the person's money is, and the rest of the day's free data. */
  const isSameEntry = (now: Circuit, { entry }: Circuit): boolean => entry.peer === now.entry.peer;
  const isOtherExit = (now: Circuit, { exit }: Circuit): boolean => exit.peer !== now.exit.peer;

  /** First where the person wants to leave; with an exit elsewhere they have left that, and it holds no longer. */
  const exitOfAll = async (signal: AbortSignal): Promise<boolean> => {
    if (await exitWithin(await places.within(undefined), signal)) return true;
    const isMoved = await exitWithin(() => true, signal);
    if (isMoved) await places.forget(undefined);
    return isMoved;
  };

  const exitWithin = async (isThere: (circuit: Circuit) => boolean, signal: AbortSignal): Promise<boolean> => {
    const [now, ...spares] = await listed();
    if (now === undefined) return false;
    const fits = (circuit: Circuit): boolean => isThere(circuit) && isOtherExit(now, circuit);
    const rather = (circuit: Circuit): boolean => fits(circuit) && isSameEntry(now, circuit);
    const options = { newIdentity: false, signal };
    const other =
      spares.find(rather) ??
      (await builder.another(rather, options)) ??
      spares.find(fits) ??
      (await builder.another(fits, options));
    if (other === undefined) return false;
    await store({ is: 'preferred', host: other.proxyHost }, signal);
    // As one that failed: the person has had enough of it, as a spare too.
    await lose(
      (await listed()).filter((circuit) => !isOtherExit(now, circuit)),
      signal,
    );
    return true;
  };

  const exitOfSite = async (site: string, signal: AbortSignal): Promise<boolean> => {
    if (await exitOfSiteWithin(site, await places.within(site), signal)) return true;
    const isMoved = await exitOfSiteWithin(site, () => true, signal);
    if (isMoved) await places.forget(site);
    return isMoved;
  };

  const exitOfSiteWithin = async (
    site: string,
    isThere: (circuit: Circuit) => boolean,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const [first] = await listed();
    if (first === undefined) return false;
    // A site whose slot has no exit goes by the first.
    const now = (await sites.exitOf(site)) ?? first.exit.peer;
    const taken = await sites.taken(site);
    const isOther = (circuit: Circuit): boolean =>
      isThere(circuit) && isSameEntry(first, circuit) && circuit.exit.peer !== now;
    const isFree = (circuit: Circuit): boolean => isOther(circuit) && !taken.has(circuit.exit.peer);
    const build = async (): Promise<Circuit | undefined> => {
      await makeRoom({ cells, sites, store }, signal);
      return builder.another(isFree, { newIdentity: false, signal });
    };
    const other =
      (await listed()).find(isFree) ??
      (await build()) ??
      // A small network has no exit that nobody else goes by.
      (await listed()).find(isOther);
    if (other === undefined) return false;
    await sites.move(site, other.exit.peer);
    await changed();
    return true;
  };

  return {
    exit: async (host, signal) =>
      host === undefined || sites.exits === 1 ? exitOfAll(signal) : exitOfSite(siteOfHost(host), signal),

    identity: async (signal) => {
      const [now] = await listed();
      if (now === undefined) return false;
      const options = { newIdentity: true, signal };
      // Another exit where there is one: the one of now has seen where the person was.
      const isOther = (circuit: Circuit): boolean => isOtherExit(now, circuit);
      // Where the person wants to leave, before another exit: no connection of before is joined with it either way.
      for (const isThere of [await places.within(undefined), () => true]) {
        const fits = (circuit: Circuit): boolean => isThere(circuit) && isOther(circuit);
        const other =
          (await builder.another((circuit) => fits(circuit) && isSameEntry(now, circuit), options)) ??
          (await builder.another(fits, options)) ??
          (await builder.another(isThere, options));
        if (other !== undefined) return true;
      }
      return false;
    },
  };
}
