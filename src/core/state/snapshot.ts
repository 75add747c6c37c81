// The only shape of the worker's state that the popup ever sees: one tab, and no host of any other.

import type { CircuitState } from '../circuit/circuit-state.ts';
import type { OpenTab } from './derive-policy.ts';
import { canBePrivate, webHost } from './page.ts';
import { tabsInMode, type TabRecords } from './tab-records.ts';
import { tabStatus, type Hold, type TabStatus } from './tab-status.ts';

export type HopView = { operator: string; region: string };

export type PopupSnapshot = {
  tab: number;
  /** Host of the page; undefined for blank pages and those of the browser. */
  site: string | undefined;
  canBePrivate: boolean;
  status: TabStatus;
  circuit: { entry: HopView; exit: HopView; roundTripMs: number | undefined } | undefined;
  /** `tab`: exactly this tab is private. `site`: so are the other tabs on its hosts, since the browser cannot tell them apart. */
  scope: 'tab' | 'site';
  privateTabs: number;
};

export type SnapshotFacts = {
  records: TabRecords;
  circuit: CircuitState;
  hold: Hold;
  scope: PopupSnapshot['scope'];
  /** Undefined: there is no such tab. */
  tab: OpenTab | undefined;
};

export function toSnapshot(id: number, { records, circuit, hold, scope, tab }: SnapshotFacts): PopupSnapshot {
  const url = tab?.pendingUrl ?? tab?.url;
  return {
    tab: id,
    site: webHost(url),
    canBePrivate: tab !== undefined && canBePrivate(url),
    status: tabStatus(records, id, circuit, hold),
    circuit: circuitView(circuit),
    scope,
    privateTabs: tabsInMode(records, 'private').length,
  };
}

function circuitView(state: CircuitState): PopupSnapshot['circuit'] {
  if (!('circuit' in state)) return undefined;
  const { entry, exit } = state.circuit;
  return {
    entry: { operator: entry.operator, region: entry.region },
    exit: { operator: exit.operator, region: exit.region },
    roundTripMs: state.at === 'verified' ? state.roundTripMs : undefined,
  };
}
