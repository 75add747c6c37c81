// The only shape of the worker's state that the popup ever sees: one tab, and no host of any other.

import { siteOfHost } from '../routing/site-of-host.ts';
import { exitOfSite, type SiteExits } from '../circuit/site-exits.ts';
import { trialOf, type CircuitState } from '../circuit/circuit-state.ts';
import { jarOf, type OpenTab, type StrictJars } from './derive-policy.ts';
import type { Neighbour } from './neighbour.ts';
import { canBePrivate, webHost } from './page.ts';
import type { SiteTrouble } from './site-trouble.ts';
import { tabsInMode, type TabRecords } from './tab-records.ts';
import { tabStatus, type Hold, type TabStatus } from './tab-status.ts';

export type HopView = { operator: string; region: string };

export type PopupSnapshot = {
  tab: number;
  /** Host of the page; undefined for blank pages and those of the browser. */
  site: string | undefined;
  /** Whether another exit is one for this site alone. */
  exitIsForSite: boolean;
  canBePrivate: boolean;
  status: TabStatus;
  circuit: { entry: HopView; exit: HopView; roundTripMs: number | undefined } | undefined;
  /**
   * `tab`: exactly this tab is private. `site`: so are the other tabs on its hosts, since the browser cannot tell them apart. `incognito`,
   * `container`: the tab is in a private window or container that is private as a whole.
   */
  scope: 'tab' | 'site' | 'incognito' | 'container';
  /** The strong mode of private windows: whether the browser lets the extension into them, and whether the person wants it. */
  incognito: { isAllowed: boolean; isWanted: boolean };
  /** Whether a private tab can have a container of its own here. */
  offersContainers: boolean;
  privateTabs: number;
  /** Extensions that may take the proxy at any moment: nothing is private until the person has decided about them. */
  rivals: readonly Neighbour[];
  /** Those of which the person has said that it is all the same, and which are there. */
  tolerated: readonly Neighbour[];
  /** Operators of entries that led to another machine than the exit, of late: they are not used. */
  misleaders: readonly string[];
  /** Of the site: it turns the tab away, or does not answer. */
  trouble: SiteTrouble | undefined;
};

export type SnapshotFacts = {
  records: TabRecords;
  circuit: CircuitState;
  /** Undefined where the browser does not tell sites apart, and until there is a circuit. */
  sites: SiteExits | undefined;
  hold: Hold;
  scope: 'tab' | 'site';
  strict: StrictJars;
  incognito: PopupSnapshot['incognito'];
  offersContainers: boolean;
  tolerated: readonly Neighbour[];
  misleaders: readonly string[];
  trouble: (tab: number, host: string | undefined) => SiteTrouble | undefined;
  /** Undefined: there is no such tab. */
  tab: OpenTab | undefined;
};

export function toSnapshot(id: number, facts: SnapshotFacts): PopupSnapshot {
  const { records, circuit, sites, hold, scope, tab, strict, incognito, offersContainers, tolerated, misleaders } =
    facts;
  const jar = tab === undefined ? 'shared' : jarOf(tab, strict);
  const host = webHost(tab?.pendingUrl ?? tab?.url);
  return {
    tab: id,
    site: host,
    exitIsForSite: scope === 'tab' && host !== undefined,
    canBePrivate: tab !== undefined && canBePrivate(tab.pendingUrl ?? tab.url),
    status: tabStatus(records, id, circuit, hold),
    circuit: circuitView(circuit, sites, host),
    scope: jar === 'shared' ? scope : jar,
    incognito,
    offersContainers,
    privateTabs: tabsInMode(records, 'private').length,
    rivals: hold.is === 'lost' ? (hold.rivals ?? []) : [],
    tolerated,
    misleaders,
    trouble: facts.trouble(id, host),
  };
}

/** That of the site, where it has one of its own. */
function circuitView(
  state: CircuitState,
  sites: SiteExits | undefined,
  host: string | undefined,
): PopupSnapshot['circuit'] {
  const peer = sites && host !== undefined ? exitOfSite(sites, siteOfHost(host)) : undefined;
  const standing =
    state.at === 'verified'
      ? (state.circuits.find(({ circuit: { exit } }) => exit.peer === peer) ?? state.circuits[0])
      : undefined;
  const circuit = standing?.circuit ?? trialOf(state)?.circuit;
  if (circuit === undefined) return undefined;
  const { entry, exit } = circuit;
  return {
    entry: { operator: entry.operator, region: entry.region },
    exit: { operator: exit.operator, region: exit.region },
    roundTripMs: standing?.roundTripMs,
  };
}
