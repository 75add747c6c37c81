// Which tabs are private, as events of the browser change it. Every method only reads and writes stored state; background/app.ts
// puts it into force afterwards. What is not known to be normal stays unknown, which routing treats as private.

import { RESTORE_MS } from '../src/core/circuit/durations.ts';
import { privateAtLastCell, tabsCell } from '../src/core/state/cells.ts';
import type { OpenTab } from '../src/core/state/derive-policy.ts';
import { canBePrivate, isBlankPage, webHost } from '../src/core/state/page.ts';
import * as records from '../src/core/state/tab-records.ts';
import type { TabRecords } from '../src/core/state/tab-records.ts';
import { MessageError } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock, Nudges } from '../src/ports/host.ts';
import type { NavigationEvent, TabEvents, Tabs } from '../src/ports/tabs.ts';

export type PrivateTabs = {
  /** First thing after the worker started: takes up this browser session, or begins one. */
  begin: () => Promise<void>;
  read: () => Promise<TabRecords>;
  /** Throws `MessageError`: `no-tab`, `not-a-web-page`. */
  set: (tab: number, wanted: boolean) => Promise<void>;
  toggle: (tab: number) => Promise<void>;
  change: (change: (value: TabRecords) => TabRecords) => Promise<void>;
  created: (tab: OpenTab) => Promise<void>;
  openedBy: (tab: number, source: number) => Promise<void>;
  removed: (tab: number) => Promise<void>;
  /** A document could not be loaded: the browser shows a page of its own instead. */
  failed: (event: Parameters<TabEvents['failed']>[0]) => Promise<void>;
  navigating: (event: NavigationEvent) => Promise<void>;
  committed: (event: NavigationEvent) => Promise<void>;
};

export type PrivateTabsDeps = { cells: Cells; tabs: Tabs; clock: Clock; nudges: Nudges };

export function createPrivateTabs({ cells, tabs, clock, nudges }: PrivateTabsDeps): PrivateTabs {
  /**
   * Writes records where there are none, which is a new browser session, or none that can be read. That can be found at any time, and
   * not only at start: a record that went bad under a living worker must not read as "no tab is private".
   */
  const beginAnew = async (stored: 'lost' | undefined): Promise<void> => {
    const open = await tabs.list();
    const wasPrivate = stored === 'lost' || (await cells.read(privateAtLastCell));
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
    await change((value) => {
      // Until now nobody asked which tabs are normal: all that are open are.
      const base = records.mustSteer(value, clock.now()) ? value : allNormal(value, open);
      return records.makePrivate(base, tab.id, { url: tab.url, hosts, reload: !isBlankPage(tab.url) });
    });
  };

  const set = async (id: number, wanted: boolean): Promise<void> => {
    const tab = (await tabs.list()).find((open) => open.id === id);
    if (tab === undefined) throw new MessageError('no-tab');
    const isPrivate = records.modeOf(await read(), id) === 'private';
    if (isPrivate === wanted) return;
    if (!wanted) {
      await change((value) => records.makeNormal(value, id, { reload: !isBlankPage(tab.url) }));
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

    toggle: async (tab) => set(tab, records.modeOf(await read(), tab) !== 'private'),

    created: (tab) =>
      change((value) => {
        const now = clock.now();
        if (!records.mustSteer(value, now)) return records.makeNormal(value, tab.id, { reload: false });
        const opener = tab.opener === undefined ? 'unknown' : records.modeOf(value, tab.opener);
        if (opener === 'private') return inherit(value, tab, { reload: false });
        if (now < value.restoringUntil) return restore(value, tab);
        if (value.closed.includes(tab.pendingUrl ?? tab.url ?? '')) return inherit(value, tab, { reload: true });
        return opener === 'normal' ? records.makeNormal(value, tab.id, { reload: false }) : value;
      }),

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

    committed: ({ tab, url, isMain, at }) =>
      change((before) => {
        const value = isMain ? records.noteDocument(before, tab, at) : before;
        if (isMain && records.modeOf(value, tab) === 'unknown') {
          // Who opened it would have been told by now.
          return clock.now() < value.restoringUntil
            ? records.makePrivate(value, tab, {
                url,
                hosts: [webHost(url)].filter((host) => host !== undefined),
                reload: true,
              })
            : records.makeNormal(value, tab, { reload: false });
        }
        const host = webHost(url);
        const noted = host === undefined ? value : records.noteHost(value, tab, host);
        return isMain ? records.notePage(noted, tab, url) : noted;
      }),
  };
}

function isKnown(value: TabRecords | 'lost' | undefined): value is TabRecords {
  return value !== undefined && value !== 'lost';
}

function allNormal(value: TabRecords, open: readonly OpenTab[]): TabRecords {
  return open.reduce(
    (all, tab) => (records.modeOf(all, tab.id) === 'normal' ? all : records.makeNormal(all, tab.id, { reload: false })),
    value,
  );
}

/** A tab that session restore brought back: what it shows may have been loaded before anybody steered. */
function restore(value: TabRecords, tab: OpenTab): TabRecords {
  return inherit(value, tab, { reload: !isBlankPage(tab.url) });
}

function inherit(value: TabRecords, tab: OpenTab, { reload }: { reload: boolean }): TabRecords {
  const hosts = [webHost(tab.url), webHost(tab.pendingUrl)].filter((host) => host !== undefined);
  return records.makePrivate(value, tab.id, { url: tab.url, hosts, reload });
}

/** Tabs that closed while no worker was alive to see it. */
function prune(value: TabRecords, open: readonly OpenTab[], now: number): TabRecords {
  const ids = new Set(open.map((tab) => tab.id));
  const gone = Object.keys(value.tabs).filter((tab) => !ids.has(Number(tab)));
  return gone.reduce((all, tab) => records.forgetTab(all, Number(tab), now), value);
}
