// A browser as the worker's ports see it: tabs, storage, proxy setting, alarms, a clock that stands still. It outlives the worker.
// `log` holds what the worker did to it, in order.

import type { StorageAreas } from '../../../src/platform/storage.ts';
import type { RoutingPolicy } from '../../../src/core/routing/policy.ts';
import type { Neighbour } from '../../../src/core/state/neighbour.ts';
import type { OpenTab } from '../../../src/core/state/derive-policy.ts';
import type {
  Badge,
  Notices,
  Clock,
  Containers,
  FirstRunPage,
  Incognito,
  Neighbours,
  Network,
  Nudge,
  Nudges,
  Updates,
} from '../../../src/ports/host.ts';
import type { PageSignals } from '../../../src/ports/page-signals.ts';
import { SteeringError, type ProxyControl, type Steering } from '../../../src/ports/steering.ts';
import type { Tabs } from '../../../src/ports/tabs.ts';

type AreaName = keyof StorageAreas;

const BLANK_TAB = { pendingUrl: undefined, opener: undefined, incognito: false, container: undefined };

/** The first tab that `open` makes; far from those that tests number by hand. */
const FIRST_OPENED = 100;

export class FakeBrowser {
  readonly log: string[] = [];
  readonly open = new Map<number, OpenTab>();
  readonly frames = new Map<number, string[]>();
  readonly stored: Record<AreaName, Map<string, unknown>> = { local: new Map(), session: new Map() };
  readonly badges = new Map<number, string>();
  readonly alarms = new Map<Nudge, number>();
  now = 1_000_000;
  online = true;
  activeTab: number | undefined;
  control: ProxyControl = { holder: 'free' };
  policy: RoutingPolicy | undefined;
  /** What `apply` waits for. */
  follows: Promise<unknown> | undefined;
  /** What the next `apply` throws. */
  refuses: SteeringError | undefined;
  installedUpdates = 0;
  /** The policy that sites are asked for privacy by, and documents told so one by one. */
  announced: RoutingPolicy | undefined;
  readonly announcedTo: string[] = [];
  readonly marked = new Set<number>();
  signalsFail = false;
  private timers: { at: number; abort: AbortController }[] = [];
  /** Incognito windows of Chrome show none. */
  showsHeldPages = true;
  /** Waited for before one of ours takes the place of the browser's error page. */
  errorPages: Promise<void> = Promise.resolve();
  /** Areas of storage whose quota is used up. */
  readonly full = new Set<AreaName>();
  private opened = 0;
  incognitoAllowed = false;
  hasContainers = false;
  /** Set: making a container fails, as it does where the person has turned them off. */
  containersOff = false;
  readonly containers = new Set<string>();
  neighbours: Neighbour[] | undefined;
  /** Those of them that could take the proxy at any moment (Chrome). */
  rivals: Neighbour[] = [];
  private tolerated: readonly string[] = [];
  /** Neighbours that an administrator keeps on. */
  readonly pinned = new Set<string>();
  neighboursAllowed: () => void = () => undefined;
  tabCreated: (tab: OpenTab) => void = () => undefined;
  tabRemoved: (tab: number) => void = () => undefined;
  /** The browser says that the extension is new. */
  extensionInstalled: () => void = () => undefined;

  // Listeners of the living worker; a new one takes the place of the old.
  controlChanged: (control: ProxyControl) => void = () => undefined;
  guardLost: () => void = () => undefined;
  /** Whether a reload ends in a document; a page may ask the person first. */
  reloads = true;
  documentCame: (tab: number) => void = () => undefined;
  nudged: (nudge: Nudge) => void = () => undefined;
  wentOnline: () => void = () => undefined;
  wentOffline: () => void = () => undefined;
  updateAvailable: () => void = () => undefined;

  addTab(id: number, url: string | undefined, more: Partial<OpenTab> = {}): OpenTab {
    const tab: OpenTab = { ...BLANK_TAB, id, url, ...more };
    this.open.set(id, tab);
    return tab;
  }

  /** All windows close and open again: memory is gone, tabs have other numbers. */
  restart(tabs: { id: number; url: string }[]): void {
    this.stored.session.clear();
    this.open.clear();
    this.badges.clear();
    for (const { id, url } of tabs) this.addTab(id, url);
  }

  get areas(): StorageAreas {
    const area = (name: AreaName): StorageAreas[AreaName] => ({
      get: async (key) => {
        const value = this.stored[name].get(key);
        return value === undefined ? {} : { [key]: structuredClone(value) };
      },
      set: async (items) => {
        if (this.full.has(name)) throw new Error('QUOTA_BYTES quota exceeded');
        for (const [key, value] of Object.entries(items)) {
          // What a browser cannot store must not pass here either.
          this.stored[name].set(key, JSON.parse(JSON.stringify(value)));
          this.log.push(`store ${key}`);
        }
      },
      remove: async (key) => void this.stored[name].delete(key),
    });
    return { local: area('local'), session: area('session') };
  }

  get tabs(): Tabs {
    return {
      list: async () => [...this.open.values()],
      active: async () => (this.activeTab === undefined ? undefined : this.open.get(this.activeTab)),
      open: async ({ beside, container }) => {
        const id = FIRST_OPENED + this.opened++;
        const incognito = beside !== undefined && this.open.get(beside)?.incognito === true;
        this.log.push(`open ${id} beside ${beside ?? 'none'}`);
        const tab = this.addTab(id, 'about:blank', { opener: beside, incognito, container });
        // The browser tells of it by an event too, which may come later than the answer.
        setImmediate(() => this.tabCreated(tab));
        return tab;
      },
      opener: async (tab) => this.open.get(tab)?.opener,
      documents: async (tab) => this.frames.get(tab) ?? [],
      close: async (id) => {
        if (!this.open.delete(id)) return;
        this.log.push(`close ${id}`);
        setImmediate(() => this.tabRemoved(id));
      },
      reload: async (tab) => {
        this.log.push(`reload ${tab}`);
        // The document comes when everything that is under way has been done.
        if (this.reloads) setImmediate(() => this.documentCame(tab));
      },
      load: async (tab, url) => void this.log.push(`load ${tab} ${url}`),
      hold: async (tab, url, { isWanted }) => {
        await this.errorPages;
        if (!isWanted()) return true;
        this.log.push(`hold ${tab} ${url}`);
        return this.showsHeldPages;
      },
    };
  }

  get steering(): Steering {
    return {
      apply: async (policy) => {
        if (this.follows !== undefined) await this.follows;
        const error = this.refuses;
        if (error !== undefined) {
          this.log.push('apply refused');
          throw error;
        }
        this.tolerated = policy.tolerated;
        const control = this.seenControl();
        if (policy.active && control.holder !== 'free' && control.holder !== 'ours') {
          throw new SteeringError('held', { code: 'conflict', control });
        }
        this.policy = policy;
        this.control = policy.active ? { holder: 'ours' } : { holder: 'free' };
        const circuit = policy.circuits.length === 0 ? 'no circuit' : 'circuit';
        this.log.push(policy.active ? `apply private=${policy.privateTabs.join()} ${circuit}` : 'apply inactive');
      },
      control: async () => this.seenControl(),
      onControlChanged: (listener) => (this.controlChanged = listener),
      onGuardLost: (listener) => (this.guardLost = listener),
    };
  }

  private seenControl(): ProxyControl {
    const rivals = this.rivals.filter(({ id }) => !this.tolerated.includes(id));
    const isOpen = this.control.holder === 'ours' || this.control.holder === 'free';
    return isOpen && rivals.length > 0 ? { holder: 'rival', rivals } : this.control;
  }

  /** Another extension is enabled that may set a proxy. */
  rivalCame(rival: Neighbour): void {
    this.rivals.push(rival);
    this.neighbours = this.rivals;
    this.controlChanged(this.seenControl());
  }

  get notices(): Notices {
    return {
      show: async (kind, tab) => void this.log.push(`notice ${kind} ${tab}`),
      end: async (kind) => void this.log.push(`notice ${kind} over`),
    };
  }

  get badge(): Badge {
    return {
      show: async (tab, { icon }) => {
        this.badges.set(tab, icon);
        this.log.push(`badge ${tab} ${icon}`);
      },
    };
  }

  get incognito(): Incognito {
    return {
      isAllowed: async () => this.incognitoAllowed,
      openSettings: async () => void this.log.push('open settings'),
    };
  }

  get containerStore(): Containers {
    return {
      exist: this.hasContainers,
      create: async () => {
        if (this.containersOff) throw new Error('Contextual identities are currently disabled');
        const container = `firefox-container-${this.containers.size + 1}`;
        this.containers.add(container);
        this.log.push(`create ${container}`);
        return container;
      },
      remove: async (container) => {
        this.containers.delete(container);
        this.log.push(`remove ${container}`);
      },
    };
  }

  get neighbourNames(): Neighbours {
    return {
      onAllowed: (listener) => (this.neighboursAllowed = listener),
      withPermission: async () => this.neighbours,
      turnOff: async (id) => {
        if (this.pinned.has(id)) throw new Error('cannot be disabled');
        this.log.push(`turn off ${id}`);
        this.rivals = this.rivals.filter((rival) => rival.id !== id);
        this.controlChanged(this.seenControl());
      },
    };
  }

  get signals(): PageSignals {
    return {
      announce: async (policy) => {
        if (this.signalsFail) throw new Error('no rules today');
        this.announced = policy.active ? policy : undefined;
      },
      announceTo: async (tab, frame) => void this.announcedTo.push(`${tab} ${frame}`),
      mark: async (tab) => void this.marked.add(tab),
      unmark: async (tab) => void this.marked.delete(tab),
    };
  }

  get clock(): Clock {
    return {
      now: () => this.now,
      timeout: (ms) => {
        const abort = new AbortController();
        this.timers.push({ at: this.now + ms, abort });
        return abort.signal;
      },
    };
  }

  get nudges(): Nudges {
    return {
      at: (nudge, when) => void this.alarms.set(nudge, when),
      cancel: (nudge) => void this.alarms.delete(nudge),
      onNudge: (listener) => (this.nudged = listener),
    };
  }

  get network(): Network {
    return {
      isOnline: () => this.online,
      onOnline: (listener) => (this.wentOnline = listener),
      onOffline: (listener) => (this.wentOffline = listener),
    };
  }

  get firstRun(): FirstRunPage {
    return {
      onInstalled: (listener) => (this.extensionInstalled = listener),
      open: async () => void this.log.push('open first run'),
    };
  }

  get updates(): Updates {
    return {
      onAvailable: (listener) => (this.updateAvailable = listener),
      install: () => {
        this.installedUpdates += 1;
        this.log.push('install update');
      },
    };
  }

  /** Moves the clock on; what was waited for so long is over. */
  elapse(ms: number): void {
    this.now += ms;
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { abort } of due) abort.abort();
  }

  /** Moves the clock to the alarm and fires it. */
  fire(nudge: Nudge): void {
    const when = this.alarms.get(nudge);
    if (when === undefined) throw new Error(`no alarm ${nudge}`);
    this.alarms.delete(nudge);
    this.now = Math.max(this.now, when);
    this.nudged(nudge);
  }
}
