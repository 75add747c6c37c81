// The routing policy that follows from what is stored and which tabs are open. Pure, so that a worker that died derives the same one.

import { circuitDialled, circuitInUse, type CircuitState } from '../circuit/circuit-state.ts';
import type { RelayRecord } from '../directory/relay-record.ts';
import type { RoutingPolicy } from '../routing/policy.ts';
import { webHost } from './page.ts';
import { lingeringHosts, MAX_HOSTS_OF_TAB, modeOf, mustSteer, tabsInMode, type TabRecords } from './tab-records.ts';

/** A tab as the browser lists it. */
export type OpenTab = {
  id: number;
  url: string | undefined;
  /** Where a navigation that has not committed is going. */
  pendingUrl: string | undefined;
  opener: number | undefined;
};

export type PolicyFacts = {
  records: TabRecords;
  open: readonly OpenTab[];
  circuit: CircuitState;
  relays: readonly RelayRecord[];
  /** Both ms since the epoch. */
  now: number;
  directUntil: number;
};

export function derivePolicy({ records, open, circuit, relays, now, directUntil }: PolicyFacts): RoutingPolicy {
  const inUse = circuitInUse(circuit);
  const dialled = circuitDialled(circuit);
  return {
    active: mustSteer(records, now),
    privateTabs: tabsInMode(records, 'private'),
    normalTabs: tabsInMode(records, 'normal'),
    privateHosts: privateHosts(records, open, now),
    normalHosts: normalHosts(records, open),
    circuit: inUse === undefined ? undefined : { host: inUse.proxyHost, port: inUse.proxyPort },
    relayHosts: dialled === undefined ? [] : [dialled.entry.host],
    relayZones: relayZones(relays),
    directUntil,
  };
}

function privateHosts(records: TabRecords, open: readonly OpenTab[], now: number): string[] {
  const noted = Object.values(records.tabs).flatMap((record) => (record.mode === 'private' ? record.hosts : []));
  // Tabs without a record count as private.
  const shown = open.filter((tab) => modeOf(records, tab.id) !== 'normal').flatMap(hostsOf);
  return sorted([...noted, ...shown, ...lingeringHosts(records, now)]);
}

function normalHosts(records: TabRecords, open: readonly OpenTab[]): string[] {
  const full = Object.values(records.tabs).some(
    (record) => record.mode === 'private' && record.hosts.length >= MAX_HOSTS_OF_TAB,
  );
  // A private tab whose hosts no longer fit may need any host: none goes direct for the sake of a normal one.
  if (full) return [];
  return sorted(open.filter((tab) => modeOf(records, tab.id) === 'normal').flatMap(hostsOf));
}

/** The browser lists a page of its own for an error, with the URL that failed. */
function hostsOf(tab: OpenTab): string[] {
  return [webHost(tab.url), webHost(tab.pendingUrl)].filter((host) => host !== undefined);
}

function relayZones(relays: readonly RelayRecord[]): string[] {
  return sorted(
    relays.flatMap(({ entry, exit }) => [entry?.zone.name, exit?.zone.name].filter((zone) => zone !== undefined)),
  );
}

/** Each once, in an order that does not depend on the tabs': equal policies compare equal. */
function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
