// Watches the pages that private tabs load, and holds those for which there is no circuit: the tab shows a page of our own instead of the
// browser's error page, and goes on by itself. Never lets a page load any other way. Called by background/app.ts.

import { HOLD_MS, SLOW_PAGE_MS } from '../src/core/circuit/durations.ts';
import { decideRoute } from '../src/core/routing/decide-route.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import { heldCell } from '../src/core/state/cells.ts';
import { changeHeld, holdPage, releaseTab, type Held } from '../src/core/state/held.ts';
import { webHost } from '../src/core/state/page.ts';
import { askReload, modeOf } from '../src/core/state/tab-records.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { Clock } from '../src/ports/host.ts';
import type { NavigationEvent, RequestFailure, Tabs } from '../src/ports/tabs.ts';
import type { Circuits } from './circuits.ts';
import type { PrivateTabs } from './private-tabs.ts';

export type Holding = {
  /** In the turn of the event: it may fail before its own turn in the queue, and what `failedNow` shows then must not be forgotten for being older. */
  navigatingNow: (event: NavigationEvent) => void;
  navigating: (event: NavigationEvent) => Promise<void>;
  /** The page is asked for with something to send. */
  sending: (event: { tab: number; url: string }) => void;
  committed: (event: NavigationEvent) => Promise<void>;
  /**
   * Puts our page in the place of one that has just failed, in the turn of the event: Chrome would show its error page a moment later, and keep it in
   * the tab's history. Does nothing where it is not known that the tab is private.
   */
  failedNow: (event: RequestFailure) => void;
  failed: (event: RequestFailure) => Promise<void>;
  removed: (tab: number) => Promise<void>;
  /** The person wants the page now. */
  retry: (tab: number) => Promise<void>;
};

export type HoldingDeps = {
  cells: Cells;
  tabs: Tabs;
  clock: Clock;
  privateTabs: PrivateTabs;
  circuits: Circuits;
  /** The policy in force. */
  policy: () => RoutingPolicy | undefined;
  /** Whether the browser follows it, and there is a circuit in it. */
  isUsable: () => boolean;
  /** Whether requests wait by themselves for `HOLD_MS` (Firefox's listener), or fail at once (Chrome). */
  requestsWait: boolean;
  /** Tells the pages that wait. */
  publish: () => Promise<void>;
  report: (error: unknown) => void;
};

/** A page that began to load and has not come. `sent`: it was asked for with something to send. */
type Pending = { url: string; sent: boolean };

export function createHolding(deps: HoldingDeps): Holding {
  const { cells, tabs, clock, privateTabs, circuits, policy, isUsable, requestsWait, publish, report } = deps;
  const pending = new Map<number, Pending>();
  /** When the last navigation of a tab began. */
  const begun = new Map<number, number>();
  /** For which page of a tab our own was put in its place already, and whether the browser lets it be there. */
  const shown = new Map<number, { url: string; stands: Promise<boolean> }>();

  const isPrivate = async (tab: number): Promise<boolean> => modeOf(await privateTabs.read(), tab) === 'private';

  /** Whether the page would take a circuit: one that is closed to private tabs is not worth waiting for. */
  const wantsCircuit = (tab: number, url: string): boolean => {
    const current = policy();
    const host = webHost(url);
    if (current?.active !== true || host === undefined) return false;
    const route = decideRoute(current, { host, from: { by: 'tab', tab } }, clock.now());
    return route.kind === 'circuit' || (route.kind === 'block' && route.reason === 'no-circuit');
  };

  const show = async (tab: number, url: string, hasFailed: boolean): Promise<boolean> => {
    // "Spanning" extensions show no pages of theirs in Chrome's incognito windows.
    if (!requestsWait && policy()?.incognitoTabs.includes(tab) === true) return false;
    const before = shown.get(tab);
    if (before?.url === url) return await before.stands;
    const page = { url, stands: Promise.resolve(true) };
    shown.set(tab, page);
    // A page that has begun again meanwhile, and may have come by now, is not taken away.
    page.stands = tabs.hold(tab, url, { hasFailed, isWanted: () => shown.get(tab) === page });
    return await page.stands;
  };

  const hold = async (tab: number, url: string, why: Held['why'], hasFailed = false): Promise<void> => {
    const sent = pending.get(tab)?.sent ?? false;
    await cells.update(heldCell, (pages) => holdPage(pages, tab, { url, since: clock.now(), why, sent }));
    after(HOLD_MS, publish);
    // Where our page cannot be shown the failed one is loaded again when there is a circuit.
    if (!(await show(tab, url, hasFailed))) await privateTabs.change((value) => askReload(value, tab));
  };

  const after = (ms: number, act: () => Promise<void>): void => {
    clock.timeout(ms).addEventListener('abort', () => void act().catch(report));
  };

  /** The page has not begun to come: is it the circuit? */
  const askForSlow = async (tab: number, page: Pending): Promise<void> => {
    if (pending.get(tab) !== page || !isUsable()) return;
    const standing = await circuits.ask();
    if (pending.get(tab) !== page || standing === 'stands') return;
    if (standing === 'lost' || page.sent) await hold(tab, page.url, 'circuit');
    else await tabs.load(tab, page.url);
  };

  const holdIfStillNone = async (tab: number, page: Pending): Promise<void> => {
    if (pending.get(tab) === page && !isUsable()) await hold(tab, page.url, 'circuit');
  };

  return {
    navigatingNow: ({ tab, url, isMain }) => {
      if (!isMain) return;
      begun.set(tab, clock.now());
      if (webHost(url) !== undefined) shown.delete(tab);
    },

    navigating: async ({ tab, url, isMain }) => {
      if (!isMain) return;
      pending.delete(tab);
      if (!wantsCircuit(tab, url) || !(await isPrivate(tab))) return;
      const page: Pending = { url, sent: false };
      pending.set(tab, page);
      if (isUsable()) after(SLOW_PAGE_MS, () => askForSlow(tab, page));
      else if (requestsWait) after(HOLD_MS, () => holdIfStillNone(tab, page));
      else await hold(tab, url, 'circuit');
    },

    sending: ({ tab, url }) => {
      const page = pending.get(tab);
      if (page?.url === url) page.sent = true;
    },

    committed: async ({ tab, url, isMain }) => {
      if (!isMain) return;
      pending.delete(tab);
      // A document that session restore had in the cache comes between our page being asked for and its coming: the tab waits all the same.
      if (webHost(url) === undefined || shown.get(tab)?.url === url) return;
      await cells.update(heldCell, (pages) => releaseTab(pages, tab));
    },

    failedNow: ({ tab, url, isMain, cause }) => {
      if (!isMain || cause === 'unsure' || policy()?.privateTabs.includes(tab) !== true || !wantsCircuit(tab, url))
        return;
      show(tab, url, true).catch(report);
    },

    failed: async ({ tab, url, isMain, cause }) => {
      if (!(await isPrivate(tab))) return;
      if (!isMain) {
        await circuits.askIfDue();
        return;
      }
      if (!wantsCircuit(tab, url)) return;
      if (!isUsable()) {
        await hold(tab, url, 'circuit', true);
        return;
      }
      // Of fifty pages of one circuit the last is looked at when another one has long taken its place.
      const since = begun.get(tab);
      if (cause === 'unsure') {
        // Where the circuit stands it is the site's certificate, and the browser's own page about it is right.
        if ((await circuits.ask(since)) !== 'stands') await hold(tab, url, 'circuit', true);
        return;
      }
      await hold(tab, url, 'asking', true);
      const standing = await circuits.ask(since);
      const why = standing === 'stands' && cause === 'tunnel' ? 'site' : 'circuit';
      await cells.update(heldCell, (pages) =>
        changeHeld(pages, tab, { why, tries: (pages[tab]?.tries ?? 0) + (standing === 'stands' ? 1 : 0) }),
      );
    },

    removed: async (tab) => {
      pending.delete(tab);
      begun.delete(tab);
      shown.delete(tab);
      await cells.update(heldCell, (pages) => releaseTab(pages, tab));
    },

    retry: async (tab) => {
      const again = { why: 'circuit', tries: 0, since: clock.now(), sent: false } as const;
      await cells.update(heldCell, (pages) => changeHeld(pages, tab, again));
      await circuits.tryAgain();
      after(HOLD_MS, publish);
    },
  };
}
