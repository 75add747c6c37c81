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
import type { Circuits, Standing } from './circuits.ts';
import type { PrivateTabs } from './private-tabs.ts';

export type Holding = {
  /**
   * Three that are called when the browser says so, and give back what is left to do in the event's turn: with fifty pages that is some seconds
   * later, and by then the tab may have gone on to another page.
   */
  navigating: (event: NavigationEvent) => Job;
  committed: (event: NavigationEvent) => Job;
  /**
   * Puts our page in the place of one that has just failed, at once: Chrome would show its error page a moment later, and keep it in the tab's
   * history. Does nothing where it is not known that the tab is private.
   */
  failed: (event: RequestFailure) => Job;
  /** The page is asked for with something to send. */
  sending: (event: { tab: number; url: string }) => void;
  removed: (tab: number) => Promise<void>;
  /** The tab became private a moment ago, for this page. `isStopped`: the browser closed it; otherwise its request waits (Firefox). */
  enter: (tab: number, url: string, isStopped: boolean) => Promise<void>;
  /** The page stays away until the person has decided. */
  stop: (tab: number, url: string) => Promise<void>;
  /** They have, and it waits for its circuit like any other. */
  goOn: (tab: number) => Promise<void>;
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
  /** Puts what is stored into force. */
  reconcile: () => Promise<void>;
  /** Whether the browser follows it, and there is a circuit in it. */
  isUsable: () => boolean;
  /** Whether requests wait by themselves for `HOLD_MS` (Firefox's listener), or fail at once (Chrome). */
  requestsWait: boolean;
  /** Tells the pages that wait. */
  publish: () => Promise<void>;
  report: (error: unknown) => void;
};

type Job = () => Promise<void>;

/** The last web page that a tab was sent to. `at`: when, ms since the epoch. `sent`: with something to send. `isOver`: it came, or another took its place. */
type Navigation = { url: string; at: number; sent: boolean; isOver: boolean };

export function createHolding(deps: HoldingDeps): Holding {
  const { cells, tabs, clock, privateTabs, circuits, policy, isUsable, requestsWait, publish, report } = deps;
  const { reconcile } = deps;
  const last = new Map<number, Navigation>();
  /** For which page of a tab our own was put in its place already, and whether the browser lets it be there. */
  const shown = new Map<number, { url: string; stands: Promise<boolean> }>();

  /** Which page of a tab waits, from before that is stored until another begins: what the browser shows for one that failed is told as if it had come. */
  const waits = new Map<number, string>();

  /** The page has not come, and nothing else has begun in its tab. */
  const isAwaited = (tab: number, page: Navigation): boolean => last.get(tab) === page && !page.isOver;

  const isPrivate = async (tab: number): Promise<boolean> => modeOf(await privateTabs.read(), tab) === 'private';

  /**
   * Whether the page of a private tab would take a circuit: one that is closed to private tabs is not worth waiting for. A site that is always private is closed while the tab is private for nobody but
   * this worker: the policy that says so is on its way (the browser starts, and tabs come one after another).
   */
  const wantsCircuit = (tab: number, url: string): boolean => {
    const current = policy();
    const host = webHost(url);
    if (current?.active !== true || host === undefined) return false;
    const route = decideRoute(current, { host, from: { by: 'tab', tab, opensPage: true } }, clock.now());
    if (route.kind === 'block') return route.reason === 'no-circuit' || route.reason === 'always-site';
    return route.kind === 'circuit';
  };

  /** "Spanning" extensions show no pages of theirs in Chrome's incognito windows. */
  const canShow = (tab: number): boolean => requestsWait || policy()?.incognitoTabs.includes(tab) !== true;

  const show = async (tab: number, url: string, hasFailed: boolean): Promise<boolean> => {
    if (!canShow(tab)) return false;
    const before = shown.get(tab);
    if (before?.url === url) return await before.stands;
    const page = { url, stands: Promise.resolve(true) };
    shown.set(tab, page);
    // A page that has begun again meanwhile, and may have come by now, is not taken away.
    page.stands = tabs.hold(tab, url, { hasFailed, isWanted: () => shown.get(tab) === page });
    return await page.stands;
  };

  const hold = async (tab: number, url: string, why: Held['why'], hasFailed = false): Promise<void> => {
    const sent = last.get(tab)?.sent ?? false;
    if (canShow(tab)) waits.set(tab, url);
    await cells.update(heldCell, (pages) => holdPage(pages, tab, { url, since: clock.now(), why, sent }));
    after(HOLD_MS, publish);
    // Where our page cannot be shown the failed one is loaded again when there is a circuit.
    if (!(await show(tab, url, hasFailed))) await privateTabs.change((value) => askReload(value, tab));
  };

  const after = (ms: number, act: () => Promise<void>): void => {
    clock.timeout(ms).addEventListener('abort', () => void act().catch(report));
  };

  /** The page has not begun to come: is it the circuit? */
  const askForSlow = async (tab: number, page: Navigation): Promise<void> => {
    if (!isAwaited(tab, page) || !isUsable()) return;
    const standing = await circuits.ask();
    if (!isAwaited(tab, page) || standing === 'stands') return;
    if (standing === 'lost' || page.sent) await hold(tab, page.url, 'circuit');
    else await tabs.load(tab, page.url);
  };

  const holdIfStillNone = async (tab: number, page: Navigation): Promise<void> => {
    if (isAwaited(tab, page) && !isUsable()) await hold(tab, page.url, 'circuit');
  };

  const nothing: Job = () => Promise.resolve();

  return {
    navigating: ({ tab, url, isMain }) => {
      if (!isMain) return nothing;
      const before = last.get(tab);
      if (before !== undefined) before.isOver = true;
      // A page of ours or of the browser's may be there for the one before, which is the tab's still.
      if (webHost(url) === undefined) return nothing;
      shown.delete(tab);
      waits.delete(tab);
      const page: Navigation = { url, at: clock.now(), sent: false, isOver: false };
      last.set(tab, page);
      return async () => {
        if (last.get(tab) !== page || !wantsCircuit(tab, url) || !(await isPrivate(tab))) return;
        if (isUsable()) after(SLOW_PAGE_MS, () => askForSlow(tab, page));
        else if (requestsWait) after(HOLD_MS, () => holdIfStillNone(tab, page));
        // One that has come without a circuit was in the cache (session restore).
        else if (last.get(tab) === page) await hold(tab, url, 'circuit');
      };
    },

    sending: ({ tab, url }) => {
      const page = last.get(tab);
      if (page?.url === url) page.sent = true;
    },

    committed: ({ tab, url, isMain }) => {
      if (!isMain) return nothing;
      const page = last.get(tab);
      if (page !== undefined) page.isOver = true;
      return async () => {
        // A document that session restore had in the cache comes between our page being asked for and its coming: the tab waits all the same.
        if (webHost(url) === undefined || waits.get(tab) === url || shown.get(tab)?.url === url) return;
        // Where another page has begun since, what is held is for that one.
        if (last.get(tab) !== page) return;
        await cells.update(heldCell, (pages) => releaseTab(pages, tab));
      };
    },

    failed: ({ tab, url, isMain, cause }) => {
      const page = last.get(tab);
      if (isMain && cause !== 'unsure' && policy()?.privateTabs.includes(tab) === true && wantsCircuit(tab, url)) {
        show(tab, url, true).catch(report);
      }
      return async () => {
        if (!(await isPrivate(tab))) return;
        if (!isMain || last.get(tab) !== page) {
          await circuits.askIfDue();
          return;
        }
        if (!wantsCircuit(tab, url)) return;
        if (!isUsable()) {
          await hold(tab, url, 'circuit', true);
          return;
        }
        // Of fifty pages of one circuit the last is looked at when another one has long taken its place.
        const standing = (): Promise<Standing> => circuits.ask(page?.at);
        if (cause === 'unsure') {
          // Where the circuit stands it is the site's certificate, and the browser's own page about it is right.
          if ((await standing()) !== 'stands' && last.get(tab) === page) await hold(tab, url, 'circuit', true);
          return;
        }
        await hold(tab, url, 'asking', true);
        const stands = (await standing()) === 'stands';
        const why = stands && cause === 'tunnel' ? 'site' : 'circuit';
        await cells.update(heldCell, (pages) =>
          changeHeld(pages, tab, { why, tries: (pages[tab]?.tries ?? 0) + (stands ? 1 : 0) }),
        );
      };
    },

    removed: async (tab) => {
      last.delete(tab);
      shown.delete(tab);
      waits.delete(tab);
      await cells.update(heldCell, (pages) => releaseTab(pages, tab));
    },

    enter: async (tab, url, isStopped) => {
      if (!isStopped) {
        const page = last.get(tab);
        if (page !== undefined) after(HOLD_MS, () => holdIfStillNone(tab, page));
        return;
      }
      // Not before the tab is let through.
      await hold(tab, url, 'asking', true);
      await reconcile();
      await cells.update(heldCell, (pages) => changeHeld(pages, tab, { why: 'circuit' }));
    },

    stop: (tab, url) => hold(tab, url, 'never', true),

    goOn: async (tab) => {
      await reconcile();
      await cells.update(heldCell, (pages) => changeHeld(pages, tab, { why: 'circuit', since: clock.now() }));
      await publish();
      after(HOLD_MS, publish);
    },

    retry: async (tab) => {
      const again = { why: 'circuit', tries: 0, since: clock.now(), sent: false } as const;
      await cells.update(heldCell, (pages) => changeHeld(pages, tab, again));
      await circuits.tryAgain();
      after(HOLD_MS, publish);
    },
  };
}
