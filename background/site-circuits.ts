// Which exits the sites of private tabs are spread over, kept beside the circuits that there are. Where the browser does not tell sites apart (Chrome), all go by one: what a page takes from other
// hosts must come from where the page itself came from, or sites that look at addresses refuse it. Called by background/{circuits,build-circuits}.ts.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { circuitsForSites, circuitsInUse, type CircuitState } from '../src/core/circuit/circuit-state.ts';
import {
  assignExit,
  assignFree,
  dropExit,
  exitOfSite,
  exitsInUse,
  newIdentityFor,
  newIdentityForAll,
  noSiteExits,
  otherExits,
  SITE_SLOTS,
} from '../src/core/circuit/site-exits.ts';
import { placeSites } from '../src/core/circuit/exit-choice.ts';
import { relaysCell, siteExitsCell } from '../src/core/state/cells.ts';
import type { PeerLabel } from '../src/core/tunnel/circuit-name.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Chance } from '../src/ports/host.ts';
import { openSites, type ExitWishes } from './exit-wishes.ts';

export type SiteCircuits = {
  /** How many exits the sites are to be spread over. */
  exits: number;
  /** A private tab asks for a page of the site. Said at once, and not in the turn of the tab's events: until its slot has an exit it goes by the first, and is to stay with it. */
  asked: (site: string) => void;
  /** There are other circuits for sites: slots without an exit get one. */
  tend: (state: CircuitState) => Promise<void>;
  /** Whether some site goes by it, out of the list of all. */
  inUse: (circuits: readonly Circuit[]) => Promise<(circuit: Circuit) => boolean>;
  /** Exits of sites that no circuit for sites leads to. */
  missing: (circuits: readonly Circuit[]) => Promise<PeerLabel[]>;
  /** There is no way to the exit any more: its sites get another. */
  drop: (exit: PeerLabel) => Promise<void>;
  /** Exits that were used before the last new identity: others are better. */
  past: () => Promise<ReadonlySet<PeerLabel>>;
  /** All sites anew, by none of the exits of before as far as there are others. */
  renew: () => Promise<void>;
  /** By which a site goes now; undefined: by that of the first circuit. */
  exitOf: (site: string) => Promise<PeerLabel | undefined>;
  /** The same for many. */
  exitsOf: () => Promise<(site: string) => PeerLabel | undefined>;
  /** Whether it goes by an exit of its own, and not by that of its slot. */
  isOwn: (site: string) => Promise<boolean>;
  /** Exits that the site should not be moved to: it has seen them, or others go by them. */
  taken: (site: string) => Promise<ReadonlySet<PeerLabel>>;
  /** From now on the site goes by that exit, alone. */
  move: (site: string, exit: PeerLabel) => Promise<void>;
};

const SECRET_BYTES = 16;
/** Of the few seconds until there are circuits to all exits; more than a person opens in them. */
const MAX_ASKED = 100;

/** @param scope what the browser can tell apart */
export function createSiteCircuits({
  cells,
  chance,
  wishes,
  scope,
}: {
  cells: Cells;
  chance: Chance;
  wishes: Pick<ExitWishes, 'all'>;
  scope: 'tab' | 'site';
}): SiteCircuits {
  const secret = (): string =>
    Array.from(chance.bytes(SECRET_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const exitsOf: SiteCircuits['exitsOf'] = async () => {
    const sites = await cells.read(siteExitsCell);
    return (site) => sites && exitOfSite(sites, site);
  };
  const peersOf = (circuits: readonly Circuit[]): PeerLabel[] => circuits.map(({ exit }) => exit.peer);

  if (scope === 'site') {
    const nothing = (): Promise<void> => Promise.resolve();
    const none = (): Promise<ReadonlySet<PeerLabel>> => Promise.resolve(new Set());
    return {
      exits: 1,
      asked: () => undefined,
      ...{ tend: nothing, drop: nothing, renew: nothing, move: nothing, past: none, taken: none },
      inUse: ([first]) => Promise.resolve((circuit) => circuit === first),
      missing: () => Promise.resolve([]),
      exitOf: () => Promise.resolve(undefined),
      exitsOf: () => Promise.resolve(() => undefined),
      isOwn: () => Promise.resolve(false),
    };
  }
  /** Asked for since slots were last given their exits. */
  const asked = new Set<string>();
  return {
    exits: SITE_SLOTS,

    asked: (site) => {
      if (asked.size < MAX_ASKED) asked.add(site);
    },

    tend: async (state) => {
      const circuits = circuitsForSites(circuitsInUse(state));
      if (circuits.length === 0) return;
      const open = await openSites(cells);
      const choices = await wishes.all();
      const records = (await cells.read(relaysCell)) ?? [];
      await cells.update(siteExitsCell, (sites) => {
        const placed = placeSites(sites ?? noSiteExits(secret()), circuits, choices, records);
        const busy = [...open, ...asked];
        asked.clear();
        return assignFree(placed, peersOf(circuits), busy);
      });
    },

    inUse: async (circuits) => {
      const [first] = circuits;
      const sites = await cells.read(siteExitsCell);
      const used = sites === undefined ? new Set() : exitsInUse(sites);
      const forSites = new Set(circuitsForSites(circuits));
      return (circuit) => circuit === first || (used.has(circuit.exit.peer) && forSites.has(circuit));
    },

    missing: async (circuits) => {
      const sites = await cells.read(siteExitsCell);
      const there = new Set(peersOf(circuits));
      return sites === undefined ? [] : [...exitsInUse(sites)].filter((exit) => !there.has(exit));
    },

    drop: async (exit) => {
      await cells.update(siteExitsCell, (sites) => sites && dropExit(sites, exit));
    },

    past: async () => new Set((await cells.read(siteExitsCell))?.past),

    renew: async () => {
      await cells.update(siteExitsCell, (sites) => sites && newIdentityForAll(sites, secret()));
    },

    exitOf: async (site) => (await exitsOf())(site),
    exitsOf,

    isOwn: async (site) => {
      const sites = await cells.read(siteExitsCell);
      return sites !== undefined && Object.hasOwn(sites.own, site);
    },

    taken: async (site) => {
      const sites = await cells.read(siteExitsCell);
      return sites === undefined ? new Set() : otherExits(newIdentityFor(sites, site), site);
    },

    move: async (site, exit) => {
      await cells.update(siteExitsCell, (sites) =>
        assignExit(newIdentityFor(sites ?? noSiteExits(secret()), site), site, exit),
      );
    },
  };
}
