// The routing policy that follows from what is stored and which tabs are open. Pure, so that a worker that died derives the same one.

import type { Circuit } from '../circuit/choose-circuit.ts';
import {
  CIRCUIT_OFF,
  circuitsChecked,
  circuitsForSites,
  circuitsInUse,
  circuitsTried,
  entriesDialled,
  type CircuitState,
} from '../circuit/circuit-state.ts';
import type { RelayRecord } from '../directory/relay-record.ts';
import type { SiteExits } from '../circuit/site-exits.ts';
import type { CircuitProxy, RoutingPolicy, SiteRoutes } from '../routing/policy.ts';
import { ruleOf, type SiteRule } from '../routing/site-rule.ts';
import { webHost } from './page.ts';
import {
  incognitoTabs,
  lingeringHosts,
  MAX_HOSTS_OF_TAB,
  modeOf,
  mustSteer,
  rulesAside,
  tabsInMode,
  type TabJar,
  type TabRecord,
  type TabRecords,
} from './tab-records.ts';

/** A tab as the browser lists it. */
export type OpenTab = {
  id: number;
  url: string | undefined;
  /** Where a navigation that has not committed is going. */
  pendingUrl: string | undefined;
  opener: number | undefined;
  /** In a private window of the browser. */
  incognito: boolean;
  /** Firefox: the cookie store of the container that it is in; undefined where there are none, or it is in none. */
  container: string | undefined;
};

/** What is private as a whole, whatever its tabs are. */
export type StrictJars = {
  /** The browser's private windows: the person wants it, and the browser lets the extension into them. */
  incognito: boolean;
  /** Containers that were made for a private tab. */
  containers: readonly string[];
};

export const NO_STRICT_JARS: StrictJars = { incognito: false, containers: [] };

/** The strict jar that a tab is in; `shared` when it is in none. */
export function jarOf(tab: OpenTab, strict: StrictJars): TabJar {
  if (tab.incognito && strict.incognito) return 'incognito';
  return tab.container !== undefined && strict.containers.includes(tab.container) ? 'container' : 'shared';
}

/** The address and the peer (src/core/tunnel/circuit-name.ts). */
const LABELS_BEFORE_ZONE = 2;

export type PolicyFacts = {
  records: TabRecords;
  /** Every tab that is opened is private: tabs are told apart even while none is. */
  auto: boolean;
  open: readonly OpenTab[];
  strict: StrictJars;
  circuit: CircuitState;
  identity: number;
  /** Undefined where the browser does not tell sites apart. */
  sites: SiteExits | undefined;
  siteRules: readonly SiteRule[];
  tolerated: readonly string[];
  relays: readonly RelayRecord[];
  /** Names of relays that are asked for the directory. */
  asked: readonly string[];
  /** Both ms since the epoch. */
  now: number;
  directUntil: number;
};

export function derivePolicy(facts: PolicyFacts): RoutingPolicy {
  const { records, open, strict, identity, relays, now, directUntil } = facts;
  const byTab = facts.auto || mustSteer(records, now);
  const incognito = incognitoTabs(records);
  // What is left of a circuit that nobody uses any more goes with the last tab.
  const circuit = byTab || incognito.length > 0 ? facts.circuit : CIRCUIT_OFF;
  const outside = open.filter((tab) => jarOf(tab, strict) !== 'incognito');
  const strictTabs = new Set(open.filter((tab) => jarOf(tab, strict) !== 'shared').map(({ id }) => id));
  return {
    active: byTab || strict.incognito || strict.containers.length > 0,
    byTab,
    incognitoWholly: strict.incognito,
    incognitoTabs: incognito,
    incognitoHosts: sorted([
      ...incognito.flatMap((tab) => hostsOfRecord(records, tab)),
      ...open.filter((tab) => jarOf(tab, strict) === 'incognito').flatMap(hostsOf),
    ]),
    containers: [...strict.containers],
    privateTabs: tabsInMode(records, 'private'),
    normalTabs: tabsInMode(records, 'normal').filter((tab) => !strictTabs.has(tab)),
    privateHosts: privateHosts(facts, outside),
    normalHosts: normalHosts(records, outside),
    circuits: circuitsInUse(circuit).map(toProxy),
    sites: facts.sites && siteRoutes(facts.sites, circuitsInUse(circuit)),
    checked: circuitsChecked(circuit).map(toProxy),
    identity,
    relayHosts: sorted([...entriesDialled(circuit), ...facts.asked]),
    relayZones: sorted([...relayZones(relays), ...zonesInUse(circuit)]),
    siteRules: [...facts.siteRules],
    rulesAside: rulesAside(records),
    tolerated: sorted(facts.tolerated),
    // Without D there is nothing to decay, and nothing that changes with the clock.
    directUntil: byTab ? directUntil : 0,
  };
}

/** Whether anything is open that would use a circuit. Steering alone needs none: without one, what it steers is blocked. */
export function needsCircuit({ byTab, incognitoTabs: tabs }: RoutingPolicy): boolean {
  return byTab || tabs.length > 0;
}

function hostsOfRecord(records: TabRecords, tab: number): readonly string[] {
  const record = records.tabs[tab];
  return record?.mode === 'private' ? record.hosts : [];
}

/** A site whose exit has no circuit now goes by the first, until there is one again. */
function siteRoutes({ secret, slots, own }: SiteExits, circuits: readonly Circuit[]): SiteRoutes {
  const forSites = circuitsForSites(circuits);
  const at = (exit: string | undefined): number => {
    const circuit = forSites.find((each) => each.exit.peer === exit);
    return circuit === undefined ? 0 : circuits.indexOf(circuit);
  };
  return {
    secret,
    slots: slots.map(at),
    own: Object.fromEntries(Object.entries(own).map(([site, { exit }]) => [site, at(exit)])),
  };
}

function toProxy({ proxyHost, proxyPort }: Circuit): CircuitProxy {
  return { host: proxyHost, port: proxyPort };
}

function privateHosts({ records, siteRules, now }: PolicyFacts, open: readonly OpenTab[]): string[] {
  const noted = Object.values(records.tabs).flatMap((record) =>
    record.mode === 'private' && record.jar !== 'incognito'
      ? record.hosts.filter((host) => !stopsBefore(record, host, siteRules))
      : [],
  );
  // Tabs without a record count as private.
  const shown = open
    .filter((tab) => modeOf(records, tab.id) !== 'normal')
    .flatMap((tab) => hostsOf(tab).filter((host) => !stopsBefore(records.tabs[tab.id], host, siteRules)));
  return sorted([...noted, ...shown, ...lingeringHosts(records, now)]);
}

/** A site that is never private is closed to the tab, which waits before it: it is no reason for normal tabs to go there by the circuit. */
function stopsBefore(record: TabRecord | undefined, host: string, rules: readonly SiteRule[]): boolean {
  if (record?.mode !== 'private' || record.jar !== 'shared') return false;
  const rule = ruleOf(rules, host);
  return rule?.mode === 'never' && record.aside !== rule.host;
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
    relays.flatMap(({ entry, exit }) => [entry?.zone, exit?.zone.name].filter((zone) => zone !== undefined)),
  );
}

/** Also of relays that have left the list meanwhile. */
function zonesInUse(circuit: CircuitState): string[] {
  return circuitsTried(circuit).flatMap(({ proxyHost, entry }) =>
    [proxyHost, entry.host].map((host) => host.split('.').slice(LABELS_BEFORE_ZONE).join('.')),
  );
}

/** Each once, in an order that does not depend on the tabs': equal policies compare equal. */
function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
