// What the worker is built from, and what it offers to the listeners of the first tick (main.ts). Built by app.ts.

import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import type { HeldView } from '../src/core/state/held.ts';
import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { EntryClient, PeerKeys } from '../src/ports/entry-client.ts';
import type {
  Badge,
  Chance,
  Clock,
  Containers,
  FirstRunPage,
  Incognito,
  NameQueries,
  Neighbours,
  Network,
  Notices,
  Nudges,
  PackagedRelays,
  ProxiedFetch,
  SiteMenu,
  Updates,
} from '../src/ports/host.ts';
import type { DeviceSeal, Keyring } from '../src/ports/keyring.ts';
import type { LoadRail } from '../src/ports/payment-rail.ts';
import type { PageSignals } from '../src/ports/page-signals.ts';
import type { RequestWatch } from '../src/ports/request-watch.ts';
import type { Transfers } from '../src/ports/transfers.ts';
import type { Steering } from '../src/ports/steering.ts';
import type { PageAnswers, TabEvents, Tabs } from '../src/ports/tabs.ts';
import type { Words } from '../src/ports/words.ts';
import type { Feed } from './feed.ts';
import type { Handlers } from './handlers.ts';
import type { OpenHow } from './strict-jars.ts';

export type AppPorts = {
  cells: Cells;
  tabs: Tabs;
  steering: Steering;
  entries: EntryClient;
  keys: PeerKeys;
  fetch: ProxiedFetch;
  transfers: Transfers;
  /** Where the person says that there are places to begin. */
  dns: NameQueries;
  badge: Badge;
  words: Words;
  signals: PageSignals;
  clock: Clock;
  chance: Chance;
  nudges: Nudges;
  network: Network;
  /** Of the whole browser, while something is private. */
  requests: RequestWatch;
  updates: Updates;
  siteMenu: SiteMenu;
  firstRun: FirstRunPage;
  incognito: Incognito;
  containers: Containers;
  neighbours: Neighbours;
  notices: Notices;
  packagedRelays: PackagedRelays;
  /** Loaded when the wallet is first used. */
  keyring: () => Promise<Keyring>;
  seal: DeviceSeal;
  /** Loaded when the first payment is made. */
  loadRail: LoadRail;
  /** What the browser can tell apart (src/core/state/snapshot.ts). */
  scope: 'tab' | 'site';
  /** Takes errors that nobody waits for. */
  report: (error: unknown) => void;
};

export type App = {
  /** Stored state is taken up and in force. */
  ready: Promise<void>;
  events: TabEvents;
  handlers: Handlers;
  answers: PageAnswers;
  watch: Feed<PopupSnapshot>['watch'];
  watchHeld: Feed<HeldView>['watch'];
  /** A document has come into a frame of a tab. */
  documentCame: (tab: number, frame: number) => void;
  /** The keyboard shortcut. */
  toggleActive: () => void;
  /** Another: everything private anew, and the tab that is looked at loaded again. */
  newIdentityActive: () => void;
  /** Chosen in a page's menu: its site is always private, or has no rule any more. */
  setSiteRule: (url: string, wanted: boolean) => void;
  /** Opens a tab that is private before its first request, which is for `url` if there is one. */
  openPrivate: (how: OpenHow) => void;
  /** The policy as of every event so far. Throws where none could be put into force. */
  policy: () => Promise<RoutingPolicy>;
  /** The policy of the state that this worker takes up; undefined where there is none (policy-source.ts). */
  restored: () => Promise<RoutingPolicy | undefined>;
  /** Part of the key of every private connection (Firefox). */
  isolation: () => Promise<string>;
};
