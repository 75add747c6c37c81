// What routing depends on, in one value. It is derived from stored cells at every wake and handed to the pure deciders of this
// folder; the Firefox listener, the PAC text, the blocking rules, the badge and the popup all follow from it.

export type TabId = number;

/** The circuit as the browser sees it: an HTTPS proxy. `host` is a circuit name. */
export type CircuitProxy = { host: string; port: number };

/** Indexes into the list of circuits (src/core/circuit/site-exits.ts). A site is what `siteOfHost` says. */
export type SiteRoutes = { secret: string; slots: readonly number[]; own: Readonly<Record<string, number>> };

/** `always`: the site's pages are loaded in private tabs alone. `never`: a private tab stops before them. `exit`: neither, the rule has a country alone. */
export type SiteMode = 'always' | 'never' | 'exit';

/** For a host and everything below it; an address is itself alone. `host` is canonical (host.ts): lower case, ASCII, no final dot. */
export type SiteRule = {
  host: string;
  mode: SiteMode;
  /** ISO 3166-1 alpha-2: where private tabs leave for the site. Of a whole site (`siteOfHost`), and of none that is never private. Which circuit that is does not concern routing. */
  exit?: string;
};

/** In a tab the person put a rule aside, until the tab goes to a host that the rule is not for. `host`: the rule's. */
export type RuleAside = { tab: TabId; host: string };

export type RoutingPolicy = {
  /** False: nothing is private and nothing is steered. True from before the first tab is private until after the last is not. */
  active: boolean;
  /**
   * Tabs are told apart one by one. False in an active policy: only the strict jars below are private, and everything that is known to be
   * outside of them goes as if nothing were steered.
   */
  byTab: boolean;
  /** Every request of the browser's private windows (Chrome: incognito) is private, whatever its tab. False: their tabs are like any others. */
  incognitoWholly: boolean;
  /** Tabs of private windows that are wholly private, and hosts of their documents. Empty when those windows are not. */
  incognitoTabs: readonly TabId[];
  incognitoHosts: readonly string[];
  /** Firefox: cookie stores of containers that were made for a private tab. Every request of theirs is private, whatever its tab. */
  containers: readonly string[];
  /** Tabs that the person made private, connecting and blocked ones included. */
  privateTabs: readonly TabId[];
  /** Tabs that are known not to be private. A tab in neither list is unknown, and unknown is treated as private. */
  normalTabs: readonly TabId[];
  /** Hosts of the documents open in private tabs: lower-case ASCII, IPv6 literals in brackets. */
  privateHosts: readonly string[];
  /** Hosts of the documents open in normal tabs, in the same form. */
  normalHosts: readonly string[];
  /**
   * The circuits for private traffic, all of them verified: the one in use, then its spares, to which the browser falls over by itself.
   * Empty: none is ready, and what would go through it is blocked.
   */
  circuits: readonly CircuitProxy[];
  /** Which of them the sites of private tabs go by, where the browser tells sites apart (Firefox). Undefined: all by the first. */
  sites: SiteRoutes | undefined;
  /** Circuits that the worker may ask who they are, verified or not: their check hosts lead to exactly them (circuit-check.ts). */
  checked: readonly CircuitProxy[];
  /** Counts "new identity": no connection of an earlier one is used again (Firefox; in Chrome the circuits' names see to that). */
  identity: number;
  /** Exact relay names that the worker itself dials (libp2p over WebSocket to the entry). Closed to pages. */
  relayHosts: readonly string[];
  /** Zones of relay names: no page of any tab may reach a name in them. */
  relayZones: readonly string[];
  /** What the person said of sites. They hold whether anything is private or not, so they stand in an inactive policy too. */
  siteRules: readonly SiteRule[];
  /** Tabs in which one of them does not hold for now. */
  rulesAside: readonly RuleAside[];
  /** Extensions that may take the proxy from us at any moment, by id, with which the person wants private tabs all the same (Chrome). */
  tolerated: readonly string[];
  /** When the set of direct hosts decays to "all through the circuit", ms since the epoch; the worker moves it on while it lives. */
  directUntil: number;
};

/** Which cookies a request carries, where the browser says so: a private window's, a container's, or everybody's. */
export type Jar = { incognito: boolean; container: string | undefined };

/** Who asks. Chrome's PAC never knows (`unseen`); Firefox and the blocking rules know tabs, and documents where there is no tab. */
export type Requester =
  /** `opensPage`: it is for the page of the tab, and not for a part of one. */
  | { by: 'tab'; tab: TabId; jar?: Jar; opensPage?: boolean }
  /** tabId -1: a worker, a speculative connect, WebTransport. `host` is that of the document or worker script, if any is known. */
  | { by: 'document'; host: string | undefined; jar?: Jar; opensPage?: boolean }
  /** The browser for its own purposes: no tab, no document, nothing that a page could have caused. */
  | { by: 'browser' }
  /** The extension's own worker. */
  | { by: 'self' }
  /** Chrome's PAC has one text for normal windows and one for incognito: that is all it knows of the jar. */
  | { by: 'unseen'; jar?: Jar };

export type RouteRequest = {
  /** Host of the URL as the URL parser writes it: lower case, ASCII, IPv6 in brackets. */
  host: string;
  from: Requester;
};

/** In the order in which the browser tries them. */
export type CircuitProxies = readonly [CircuitProxy, ...CircuitProxy[]];

/** `always-site`: the tab has to be private first. `never-site`: a private tab stops there. */
export type BlockReason = 'no-circuit' | 'local-host' | 'relay-host' | 'bad-host' | 'always-site' | 'never-site';

export type Route =
  { kind: 'direct' } | { kind: 'circuit'; proxies: CircuitProxies } | { kind: 'block'; reason: BlockReason };
