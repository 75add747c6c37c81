// The only shape of the worker's state that the popup ever sees: one tab, and no host of any other.

import type { TabTraffic } from '../activity/activity-view.ts';
import { siteOfHost } from '../routing/site-of-host.ts';
import { choiceFor, meetsChoice, type ExitChoices, type LastingChoice } from '../circuit/exit-choice.ts';
import { ruleOf, type SiteMode, type SiteRule } from '../routing/site-rule.ts';
import type { SiteExits } from '../circuit/site-exits.ts';
import type { Circuit } from '../circuit/choose-circuit.ts';
import type { RelayRecord } from '../directory/relay-record.ts';
import { trialOf, type CircuitState } from '../circuit/circuit-state.ts';
import { standingOf } from './exit-place.ts';
import { jarOf, type OpenTab, type StrictJars } from './derive-policy.ts';
import type { Neighbour } from './neighbour.ts';
import { canBePrivate, webHost } from './page.ts';
import type { SiteTrouble } from './site-trouble.ts';
import { siteForRule } from './site-rules.ts';
import { tabsInMode, type TabRecords } from './tab-records.ts';
import { tabStatus, type Hold, type TabStatus } from './tab-status.ts';

/** `ms`: from here to it and back; undefined where it was not measured. */
export type HopView = { operator: string; region: string; ms?: number | undefined };

export type PopupSnapshot = {
  tab: number;
  /** Host of the page; undefined for blank pages and those of the browser. */
  site: string | undefined;
  /** Whether another exit is one for this site alone. */
  exitIsForSite: boolean;
  canBePrivate: boolean;
  status: TabStatus;
  circuit: { entry: HopView; exit: HopView } | undefined;
  /** Where the person chose to leave, for this site or for all, and whether the circuit leads there; undefined where they chose nothing. */
  exitChoice?: { choice: LastingChoice; isMet: boolean } | undefined;
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
  /** What is known to have passed of this tab through circuits, and about what it cost. Undefined: nothing is known. */
  traffic?: TabTraffic | undefined;
  /** Of the site: it turns the tab away, or does not answer. */
  trouble: SiteTrouble | undefined;
  /** What the person said of the site of the page, and the site that a new rule would be for; undefined for what can have none. `lost`: nothing that they said can be read any more. */
  siteRule: { host: string; mode: SiteMode | undefined; exit?: string; isAside: boolean } | 'lost' | undefined;
};

export type SnapshotFacts = {
  records: TabRecords;
  circuit: CircuitState;
  /** Undefined where the browser does not tell sites apart, and until there is a circuit. */
  sites: SiteExits | undefined;
  choices?: ExitChoices;
  relays?: readonly RelayRecord[] | undefined;
  hold: Hold;
  scope: 'tab' | 'site';
  strict: StrictJars;
  incognito: PopupSnapshot['incognito'];
  offersContainers: boolean;
  tolerated: readonly Neighbour[];
  misleaders: readonly string[];
  traffic?: TabTraffic | undefined;
  trouble: (tab: number, host: string | undefined) => SiteTrouble | undefined;
  siteRules: readonly SiteRule[] | 'lost';
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
    exitChoice: exitChoiceView(facts, host),
    scope: jar === 'shared' ? scope : jar,
    incognito,
    offersContainers,
    privateTabs: tabsInMode(records, 'private').length,
    rivals: hold.is === 'lost' ? (hold.rivals ?? []) : [],
    tolerated,
    misleaders,
    traffic: facts.traffic,
    trouble: facts.trouble(id, host),
    siteRule: siteRuleView(facts, id, host),
  };
}

function exitChoiceView(
  { choices, relays, circuit, sites, scope }: SnapshotFacts,
  host: string | undefined,
): PopupSnapshot['exitChoice'] {
  if (choices === undefined || (scope === 'tab' && host === undefined)) return undefined;
  const choice = choiceFor(choices, scope === 'tab' && host !== undefined ? siteOfHost(host) : undefined);
  const by: Circuit | undefined = standingOf(circuit, sites, host)?.circuit;
  return choice && { choice, isMet: by !== undefined && meetsChoice(by, choice, relays ?? []) };
}

function siteRuleView(
  { records, siteRules }: SnapshotFacts,
  id: number,
  page: string | undefined,
): PopupSnapshot['siteRule'] {
  if (siteRules === 'lost') return 'lost';
  const rule = ruleOf(siteRules, page);
  if (rule !== undefined) return { ...rule, isAside: records.tabs[id]?.aside === rule.host };
  const host = siteForRule(page);
  return host === undefined ? undefined : { host, mode: undefined, isAside: false };
}

function circuitView(
  state: CircuitState,
  sites: SiteExits | undefined,
  host: string | undefined,
): PopupSnapshot['circuit'] {
  const standing = standingOf(state, sites, host);
  const circuit = standing?.circuit ?? trialOf(state)?.circuit;
  if (circuit === undefined) return undefined;
  const { entry, exit } = circuit;
  return {
    entry: { operator: entry.operator, region: entry.region, ...(standing && { ms: standing.roundTripMs }) },
    exit: {
      ...{ operator: exit.operator, region: exit.region },
      ...(standing?.exitMs === undefined ? {} : { ms: standing.exitMs }),
    },
  };
}
