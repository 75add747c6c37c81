// Which tabs are private, and what has to be known of each: pure changes on one stored value.
// A tab without a record is unknown, and unknown is treated as private (policy.ts). Called by background/private-tabs.ts.

import { LINGER_MS } from '../circuit/durations.ts';
import type { TabId } from '../routing/policy.ts';
import type { Cell } from './cell.ts';
import { asNumber, asObject, asOneOf, asTabId, asText, asTexts } from './parse.ts';

/**
 * Whether the document that a tab shows was loaded the way its mode says. `due`: it was not, and has to be loaded again, or the tab is blank still and has to go `to` a first page. `asked`: the browser
 * was told so at that time (ms since the epoch), and the document from before is there until another one comes.
 */
export type Reload = { is: 'none' } | { is: 'due'; to?: string } | { is: 'asked'; at: number };

/**
 * `aside`: host of a rule for sites that does not hold in the tab for now: the person ended private browsing on a site that is always private, or wanted one privately
 * that never is.
 */
export type TabRecord =
  | { mode: 'normal'; reload: Reload; aside?: string }
  /**
   * `jar`: whether it is private for itself, or because its window or container is as a whole.
   * `hosts`: every host that a document of the tab was on since it became private, the last one last. `url`: its page, if known.
   */
  | {
      mode: 'private';
      jar: TabJar;
      reload: Reload;
      hosts: readonly string[];
      url: string | undefined;
      aside?: string;
    };

export const TAB_JARS = ['shared', 'incognito', 'container'] as const;
export type TabJar = (typeof TAB_JARS)[number];

export type TabRecords = {
  /** By tab id. */
  tabs: Readonly<Record<string, TabRecord>>;
  /** URLs of private tabs closed of late: a tab that is reopened with one of them is private again. */
  closed: readonly string[];
  /** Until when a tab out of nowhere is one that session restore brings back, ms since the epoch. */
  restoringUntil: number;
  /**
   * Private tabs were closed: until then (ms since the epoch) their last requests may still be made (keepalive, workers), or the browser
   * may be quitting. Everything stays steered meanwhile, and their hosts count as private.
   */
  lingering: { until: number; hosts: readonly string[] };
};

/** More hosts than a tab visits in a day; a tab that reaches it closes the set of direct hosts altogether (derive-policy.ts). */
export const MAX_HOSTS_OF_TAB = 1000;

/** As many closed tabs as browsers offer to reopen. */
const MAX_CLOSED = 25;

const NONE: Reload = { is: 'none' };
const DUE: Reload = { is: 'due' };

export const NO_TABS: TabRecords = { tabs: {}, closed: [], restoringUntil: 0, lingering: { until: 0, hosts: [] } };

export function modeOf(records: TabRecords, tab: TabId): TabRecord['mode'] | 'unknown' {
  return records.tabs[tab]?.mode ?? 'unknown';
}

export function anyPrivate(records: TabRecords): boolean {
  return Object.values(records.tabs).some((record) => record.mode === 'private');
}

export function tabsInMode(records: TabRecords, mode: TabRecord['mode']): TabId[] {
  return Object.entries(records.tabs).flatMap(([tab, record]) => (record.mode === mode ? [Number(tab)] : []));
}

export function tabsToReload(records: TabRecords): TabId[] {
  return Object.entries(records.tabs).flatMap(([tab, record]) => (record.reload.is === 'due' ? [Number(tab)] : []));
}

/** Where a tab that is still blank has to go as soon as it is what it is to be; undefined for every other. */
export function firstPageOf(records: TabRecords, tab: TabId): string | undefined {
  const reload = records.tabs[tab]?.reload;
  return reload?.is === 'due' ? reload.to : undefined;
}

/** Tabs of private windows that are private as a whole. */
export function incognitoTabs(records: TabRecords): TabId[] {
  return Object.entries(records.tabs).flatMap(([tab, record]) =>
    record.mode === 'private' && record.jar === 'incognito' ? [Number(tab)] : [],
  );
}

/** Whether normal windows must be steered: a tab of theirs is private, or one may turn up that was. */
export function mustSteer(records: TabRecords, now: number): boolean {
  const tabs = Object.values(records.tabs);
  const any = tabs.some((record) => record.mode === 'private' && record.jar !== 'incognito');
  return any || now < records.restoringUntil || now < records.lingering.until;
}

/** Makes a tab private. A tab that is already keeps its hosts, and a reload that it waits for. */
export function makePrivate(
  records: TabRecords,
  tab: TabId,
  { url, hosts, reload, jar }: { url: string | undefined; hosts: readonly string[]; reload: boolean; jar?: TabJar },
): TabRecords {
  const known = records.tabs[tab];
  if (known?.mode !== 'private') {
    const is = { mode: 'private', jar: jar ?? 'shared' } as const;
    return put(records, tab, { ...is, reload: dueIf(reload), hosts: merge([], hosts), url });
  }
  const merged = merge(known.hosts, hosts);
  return put(records, tab, {
    ...known,
    jar: jar ?? known.jar,
    reload: reload ? DUE : known.reload,
    hosts: merged,
    url: url ?? known.url,
  });
}

/** @param how `aside`: the rule that does not hold here for now */
export function makeNormal(
  records: TabRecords,
  tab: TabId,
  { reload, aside }: { reload: boolean; aside?: string | undefined },
): TabRecords {
  return put(records, tab, withAside({ mode: 'normal', reload: dueIf(reload) }, aside));
}

/** The rule of that host does not hold in the tab; undefined: all do. */
export function putAside(records: TabRecords, tab: TabId, host: string | undefined): TabRecords {
  const record = records.tabs[tab];
  return record === undefined || record.aside === host ? records : put(records, tab, withAside(record, host));
}

export function rulesAside(records: TabRecords): { tab: TabId; host: string }[] {
  return Object.entries(records.tabs).flatMap(([tab, { aside }]) =>
    aside === undefined ? [] : [{ tab: Number(tab), host: aside }],
  );
}

/** Notes a host of a private tab. Returns the same value where that changes nothing. */
export function noteHost(records: TabRecords, tab: TabId, host: string): TabRecords {
  const record = records.tabs[tab];
  if (record?.mode !== 'private' || record.hosts.includes(host)) return records;
  return makePrivate(records, tab, { url: undefined, hosts: [host], reload: false });
}

/** Notes the page of a private tab. */
export function notePage(records: TabRecords, tab: TabId, url: string): TabRecords {
  const record = records.tabs[tab];
  return record?.mode !== 'private' || record.url === url ? records : put(records, tab, { ...record, url });
}

export function askReload(records: TabRecords, tab: TabId): TabRecords {
  return putReload(records, tab, DUE);
}

/** Gives a blank private tab its first page. */
export function goTo(records: TabRecords, tab: TabId, to: string): TabRecords {
  return putReload(records, tab, { is: 'due', to });
}

/** The browser is about to be told. */
export function noteReloadAsked(records: TabRecords, tab: TabId, at: number): TabRecords {
  return putReload(records, tab, { is: 'asked', at });
}

/** For a worker that does not know whether the one before it still told the browser: loading twice is better than never. */
export function askReloadsAgain(records: TabRecords): TabRecords {
  const asked = Object.entries(records.tabs).filter(([, { reload }]) => reload.is === 'asked');
  return asked.reduce((all, [tab]) => askReload(all, Number(tab)), records);
}

/** The same with the tab's document as its mode says. */
export function noteLoaded(records: TabRecords, tab: TabId): TabRecords {
  return putReload(records, tab, NONE);
}

/** A document came into the tab at that time, or the browser’s page for one that could not be loaded. `url`: where it is a page of the web. */
export function noteDocument(records: TabRecords, tab: TabId, at: number, url?: string): TabRecords {
  const record = records.tabs[tab];
  if (record?.reload.is !== 'asked') return records;
  if (record.reload.at <= at) return putReload(records, tab, NONE);
  // What had begun before the reload was asked for is the old way still. Where it is the page that the tab was to have, no other is on its way.
  return record.mode === 'private' && record.url === url ? askReload(records, tab) : records;
}

/**
 * The tab is closed. A private one lingers: its hosts, for requests that outlive it, and its page, for a person who opens it again. Both
 * are in memory only.
 */
export function forgetTab(records: TabRecords, tab: TabId, now: number): TabRecords {
  const { [tab]: record, ...tabs } = records.tabs;
  if (record === undefined) return records;
  if (record.mode === 'normal') return { ...records, tabs };
  // Incognito stays steered as long as it is wholly private, and is never reopened.
  if (record.jar === 'incognito') return { ...records, tabs };
  const closed = record.url === undefined ? records.closed : [...records.closed, record.url].slice(-MAX_CLOSED);
  const hosts = merge(lingeringHosts(records, now), record.hosts);
  return { ...records, tabs, closed, lingering: { until: now + LINGER_MS, hosts } };
}

/** Hosts of private tabs that were closed a moment ago. */
export function lingeringHosts({ lingering }: TabRecords, now: number): readonly string[] {
  return now < lingering.until ? lingering.hosts : [];
}

/** The browser put another tab in the place of one (Chrome, when it activates a prerendered or discarded page). */
export function replaceTab(records: TabRecords, removed: TabId, added: TabId): TabRecords {
  const { [removed]: record, ...tabs } = records.tabs;
  return record === undefined ? records : { ...records, tabs: { ...tabs, [added]: record } };
}

/** Undefined: this browser session has not begun yet. Tab ids mean nothing in another one. */
export const tabsCell: Cell<TabRecords | 'lost' | undefined> = {
  key: 'tabs',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseTabRecords,
  missing: undefined,
  damaged: 'lost',
};

/** Throws `ParseError`. */
function parseTabRecords(value: unknown): TabRecords {
  const fields = asObject(value);
  const tabs = Object.entries(asObject(fields['tabs'])).map(([tab, record]) => [
    asTabId(Number(tab)),
    parseTabRecord(record),
  ]);
  const lingering = asObject(fields['lingering']);
  return {
    tabs: Object.fromEntries(tabs) as Record<string, TabRecord>,
    closed: asTexts(fields['closed']),
    restoringUntil: asNumber(fields['restoringUntil']),
    lingering: { until: asNumber(lingering['until']), hosts: asTexts(lingering['hosts']) },
  };
}

function parseTabRecord(value: unknown): TabRecord {
  const fields = asObject(value);
  const mode = asOneOf(fields['mode'], ['normal', 'private']);
  const reload = parseReload(fields['reload']);
  const aside = fields['aside'] === undefined ? undefined : asText(fields['aside']);
  if (mode === 'normal') return withAside({ mode, reload }, aside);
  const url = fields['url'] === undefined ? undefined : asText(fields['url']);
  const jar = asOneOf(fields['jar'], TAB_JARS);
  return withAside({ mode, jar, reload, hosts: asTexts(fields['hosts']), url }, aside);
}

function parseReload(value: unknown): Reload {
  const fields = asObject(value);
  const is = asOneOf(fields['is'], ['none', 'due', 'asked']);
  if (is === 'asked') return { is, at: asNumber(fields['at']) };
  return is === 'due' && fields['to'] !== undefined ? { is, to: asText(fields['to']) } : { is };
}

function withAside(record: TabRecord, host: string | undefined): TabRecord {
  const { aside: _before, ...rest } = record;
  return host === undefined ? rest : { ...rest, aside: host };
}

function dueIf(reload: boolean): Reload {
  return reload ? DUE : NONE;
}

function putReload(records: TabRecords, tab: TabId, reload: Reload): TabRecords {
  const record = records.tabs[tab];
  return record === undefined ? records : put(records, tab, { ...record, reload });
}

function put(records: TabRecords, tab: TabId, record: TabRecord): TabRecords {
  return { ...records, tabs: { ...records.tabs, [tab]: record } };
}

function merge(before: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...before, ...more])].slice(-MAX_HOSTS_OF_TAB);
}
