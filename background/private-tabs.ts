// Which tabs are private, as events of the browser change it. Every method only reads and writes stored state; background/app.ts
// puts it into force afterwards. What is not known to be normal stays unknown, which routing treats as private.

import { RESTORE_MS } from '../src/core/circuit/durations.ts';
import { privateAtLastCell, settingsCell, tabsCell } from '../src/core/state/cells.ts';
import { jarOf, type OpenTab, type StrictJars } from '../src/core/state/derive-policy.ts';
import { canBePrivate, isBlankPage, webHost } from '../src/core/state/page.ts';
import * as records from '../src/core/state/tab-records.ts';
import type { TabJar, TabRecords } from '../src/core/state/tab-records.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock, Nudges } from '../src/ports/host.ts';
import type { NavigationEvent, TabEvents, Tabs } from '../src/ports/tabs.ts';

export type PrivateTabs = {
  /** First thing after the worker started: takes up this browser session, or begins one. */
  begin: () => Promise<void>;
  read: () => Promise<TabRecords>;
  /**
   * Throws `MessageError`: `no-tab`, `not-a-web-page`.
   * @param aside host of the rule for sites that does not hold in the tab from here on
   */
  set: (tab: number, wanted: boolean, aside?: string) => Promise<void>;
  /** A normal tab is private from the page on that it is about to load, `url`, which is of a site that always is. */
  enter: (tab: number, url: string) => Promise<void>;
  /** A blank tab that was opened to be private from its first request on, which is for `to` if there is one. */
  begun: (tab: OpenTab, to: string | undefined) => Promise<void>;
  /** Tabs of strict jars are private, whatever was known of them before. */
  adopt: (open: readonly OpenTab[], strict: StrictJars) => Promise<void>;
  /** Tabs that are open now are normal, where nobody has asked before which are: new ones are about to be private by themselves. */
  noteOpen: () => Promise<void>;
  /** A tab that nobody claimed: the person opened it. Normal, unless every new one is private. */
  unclaimed: (tab: number) => Promise<void>;
  /** The tabs that were private because their windows were are normal. */
  releaseIncognito: () => Promise<void>;
  change: (change: (value: TabRecords) => TabRecords) => Promise<void>;
  created: (tab: OpenTab) => Promise<void>;
  openedBy: (tab: number, source: number) => Promise<void>;
  removed: (tab: number) => Promise<void>;
  /** A document could not be loaded: the browser shows a page of its own instead. */
  failed: (event: Parameters<TabEvents['failed']>[0]) => Promise<void>;
  navigating: (event: NavigationEvent) => Promise<void>;
  committed: (event: NavigationEvent) => Promise<void>;
};

export type PrivateTabsDeps = {
  cells: Cells;
  tabs: Tabs;
  clock: Clock;
  nudges: Nudges;
  strict: () => Promise<StrictJars>;
};

export function createPrivateTabs({ cells, tabs, clock, nudges, strict }: PrivateTabsDeps): PrivateTabs {
  /** Every tab that is opened is private: all is steered, whether one is open or not (docs/decisions/0052). */
  const isAuto = async (): Promise<boolean> => (await cells.read(settingsCell)).auto === 'new-tabs';
  const mustSteer = (value: TabRecords, auto: boolean): boolean => auto || records.mustSteer(value, clock.now());

  /**
   * Writes records where there are none, which is a new browser session, or none that can be read. That can be found at any time, and
   * not only at start: a record that went bad under a living worker must not read as "no tab is private".
   */
  const beginAnew = async (stored: 'lost' | undefined): Promise<void> => {
    const open = await tabs.list();
    const wasPrivate = stored === 'lost' || (await isAuto()) || (await cells.read(privateAtLastCell));
    if (!wasPrivate) {
      await cells.update(tabsCell, (value) => (isKnown(value) ? value : allNormal(records.NO_TABS, open)));
      return;
    }
    // Nobody can say which of the tabs was private, so all are (invariant I7).
    const restoringUntil = clock.now() + RESTORE_MS;
    nudges.at('end-of-restore', restoringUntil);
    const empty = { ...records.NO_TABS, restoringUntil };
    await cells.update(tabsCell, (value) => (isKnown(value) ? value : open.reduce<TabRecords>(restore, empty)));
  };

  const read = async (): Promise<TabRecords> => {
    for (;;) {
      const value = await cells.read(tabsCell);
      if (isKnown(value)) return value;
      await beginAnew(value);
    }
  };

  const change = async (step: (value: TabRecords) => TabRecords): Promise<void> => {
    while (!isKnown(await cells.update(tabsCell, (value) => (isKnown(value) ? step(value) : value)))) await read();
  };

  const becomePrivate = async (tab: OpenTab): Promise<void> => {
    const urls = [...(await tabs.documents(tab.id)), tab.url, tab.pendingUrl];
    const hosts = urls.map(webHost).filter((host) => host !== undefined);
    const open = await tabs.list();
    const auto = await isAuto();
    await change((value) => {
      // Until now nobody asked which tabs are normal: all that are open are.
      const base = mustSteer(value, auto) ? value : allNormal(value, open);
      return records.makePrivate(base, tab.id, { url: tab.url, hosts, reload: !isBlankPage(tab.url) });
    });
  };

  const set = async (id: number, wanted: boolean, aside?: string): Promise<void> => {
    const tab = (await tabs.list()).find((open) => open.id === id);
    if (tab === undefined) throw new MessageError('no-tab');
    const isPrivate = records.modeOf(await read(), id) === 'private';
    if (isPrivate === wanted) return;
    if (!wanted) {
      if (jarOf(tab, await strict()) !== 'shared') throw new MessageError('always-private');
      await change((value) => records.makeNormal(value, id, { reload: !isBlankPage(tab.url), aside }));
      return;
    }
    if (!canBePrivate(tab.pendingUrl ?? tab.url)) throw new MessageError('not-a-web-page');
    await becomePrivate(tab);
  };

  const waitForLingering = async (): Promise<void> => {
    const { until } = (await read()).lingering;
    if (clock.now() < until) nudges.at('end-of-lingering', until);
  };

  return {
    read,
    change,
    set,

    begin: async () => {
      const stored = await cells.read(tabsCell);
      if (!isKnown(stored)) {
        await beginAnew(stored);
        return;
      }
      const open = await tabs.list();
      await change((value) => records.askReloadsAgain(prune(value, open, clock.now())));
      await waitForLingering();
    },

    enter: async (tab, url) => {
      const open = await tabs.list();
      const host = webHost(url);
      await change((value) => {
        if (records.modeOf(value, tab) === 'private') return value;
        const base = records.mustSteer(value, clock.now()) ? value : allNormal(value, open, tab);
        const entered = records.makePrivate(base, tab, { url, hosts: host === undefined ? [] : [host], reload: false });
        // The page that is there came another way, and is there until the next one has come.
        return records.noteReloadAsked(entered, tab, clock.now());
      });
    },

    begun: async (tab, to) => {
      const open = await tabs.list();
      const jar = jarOf(tab, await strict());
      const auto = await isAuto();
      await change((value) => {
        const base = mustSteer(value, auto) ? value : allNormal(value, open, tab.id);
        const begun = records.makePrivate(base, tab.id, { url: tab.url, hosts: [], reload: false, jar });
        const host = webHost(to);
        return to === undefined || host === undefined
          ? begun
          : records.goTo(records.noteHost(begun, tab.id, host), tab.id, to);
      });
    },

    adopt: (open, jars) =>
      change((value) =>
        open.reduce((all, tab) => {
          const jar = jarOf(tab, jars);
          const record = all.tabs[tab.id];
          if (jar === 'shared' || (record?.mode === 'private' && record.jar === jar)) return all;
          // It may have loaded something directly, unless it was private already.
          return inherit(all, tab, { reload: record?.mode !== 'private' && !isBlankPage(tab.url), jar });
        }, value),
      ),

    noteOpen: async () => {
      const open = await tabs.list();
      await change((value) => (records.mustSteer(value, clock.now()) ? value : allNormal(value, open)));
    },

    unclaimed: async (tab) => {
      const auto = await isAuto();
      await change((value) =>
        auto
          ? records.makePrivate(value, tab, { url: undefined, hosts: [], reload: false })
          : records.makeNormal(value, tab, { reload: false }),
      );
    },

    releaseIncognito: async () => {
      const open = await tabs.list();
      await change((value) =>
        records.incognitoTabs(value).reduce((all, id) => {
          const url = open.find((tab) => tab.id === id)?.url;
          return records.makeNormal(all, id, { reload: !isBlankPage(url) });
        }, value),
      );
    },

    created: async (tab) => {
      const jar = jarOf(tab, await strict());
      const auto = await isAuto();
      const isSteered = mustSteer(await read(), auto);
      const source = tab.opener ?? (isSteered ? await tabs.opener(tab.id) : undefined);
      await change((value) => {
        const now = clock.now();
        // Its event may come after whoever opened it said what it is.
        if (records.modeOf(value, tab.id) !== 'unknown') return value;
        if (jar !== 'shared') return inherit(value, tab, { reload: false, jar });
        // What it shows already may have come before anybody steered.
        if (auto) return inherit(value, tab, { reload: !isBlankPage(tab.url) });
        if (!records.mustSteer(value, now)) return records.makeNormal(value, tab.id, { reload: false });
        const opener = source === undefined ? 'unknown' : records.modeOf(value, source);
        if (opener === 'private') return inherit(value, tab, { reload: false });
        if (now < value.restoringUntil) return restore(value, tab);
        if (value.closed.includes(tab.pendingUrl ?? tab.url ?? '')) return inherit(value, tab, { reload: true });
        return opener === 'normal' ? records.makeNormal(value, tab.id, { reload: false }) : value;
      });
    },

    openedBy: (tab, source) =>
      change((value) => {
        if (records.modeOf(value, source) !== 'private' || records.modeOf(value, tab) === 'private') return value;
        // Taken for a normal tab for a moment, it may have loaded something directly.
        const reload = records.modeOf(value, tab) === 'normal';
        return records.makePrivate(value, tab, { url: undefined, hosts: [], reload });
      }),

    removed: async (tab) => {
      await change((value) => records.forgetTab(value, tab, clock.now()));
      await waitForLingering();
    },

    failed: ({ tab, isMain, at, cause }) =>
      change((value) => (isMain && cause !== 'aborted' ? records.noteDocument(value, tab, at) : value)),

    navigating: ({ tab, url, isMain }) =>
      change((value) => {
        const host = webHost(url);
        // A frame's host counts once its document is there: a blocked one has to be seen as blocked first.
        return isMain && host !== undefined ? records.noteHost(value, tab, host) : value;
      }),

    committed: async ({ tab, url, isMain, at }) => {
      const auto = isMain && (await isAuto());
      await change((before) => {
        const value = isMain ? records.noteDocument(before, tab, at, url) : before;
        if (isMain && records.modeOf(value, tab) === 'unknown') {
          // Who opened it would have been told by now.
          return auto || clock.now() < value.restoringUntil
            ? records.makePrivate(value, tab, {
                url,
                hosts: [webHost(url)].filter((host) => host !== undefined),
                reload: true,
              })
            : records.makeNormal(value, tab, { reload: false });
        }
        const host = webHost(url);
        const noted = host === undefined ? value : records.noteHost(value, tab, host);
        // Our own page stands in for the one that the tab is on.
        return isMain && (host !== undefined || isBlankPage(url)) ? records.notePage(noted, tab, url) : noted;
      });
    },
  };
}

function isKnown(value: TabRecords | 'lost' | undefined): value is TabRecords {
  return value !== undefined && value !== 'lost';
}

/** Tabs that are private because of their jar stay so. */
function allNormal(value: TabRecords, open: readonly OpenTab[], but?: number): TabRecords {
  return open.reduce(
    (all, tab) =>
      records.modeOf(all, tab.id) !== 'unknown' || tab.id === but
        ? all
        : records.makeNormal(all, tab.id, { reload: false }),
    value,
  );
}

/** A tab that session restore brought back: what it shows may have been loaded before anybody steered. */
function restore(value: TabRecords, tab: OpenTab): TabRecords {
  return inherit(value, tab, { reload: !isBlankPage(tab.url) });
}

function inherit(value: TabRecords, tab: OpenTab, how: { reload: boolean; jar?: TabJar }): TabRecords {
  const hosts = [webHost(tab.url), webHost(tab.pendingUrl)].filter((host) => host !== undefined);
  return records.makePrivate(value, tab.id, { url: tab.url, hosts, ...how });
}

/** Tabs that closed while no worker was alive to see it. */
function prune(value: TabRecords, open: readonly OpenTab[], now: number): TabRecords {
  const ids = new Set(open.map((tab) => tab.id));
  const gone = Object.keys(value.tabs).filter((tab) => !ids.has(Number(tab)));
  return gone.reduce((all, tab) => records.forgetTab(all, Number(tab), now), value);
}
