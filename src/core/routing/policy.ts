// What routing depends on, in one value. It is derived from stored cells at every wake and handed to the pure deciders of this
// folder; the Firefox listener, the PAC text, the blocking rules, the badge and the popup all follow from it.

export type TabId = number;

/** The circuit as the browser sees it: an HTTPS proxy. `host` is a circuit name. */
export type CircuitProxy = { host: string; port: number };

export type RoutingPolicy = {
  /** False: nothing is private and nothing is steered. True from before the first tab is private until after the last is not. */
  active: boolean;
  /** Tabs that the person made private, connecting and blocked ones included. */
  privateTabs: readonly TabId[];
  /** Tabs that are known not to be private. A tab in neither list is unknown, and unknown is treated as private. */
  normalTabs: readonly TabId[];
  /** Hosts of the documents open in private tabs: lower-case ASCII, IPv6 literals in brackets. */
  privateHosts: readonly string[];
  /** Hosts of the documents open in normal tabs, in the same form. */
  normalHosts: readonly string[];
  /** The circuit for private traffic. Undefined: none is ready, and what would go through it is blocked. */
  circuit: CircuitProxy | undefined;
  /** Exact relay names that the worker itself dials (libp2p over WebSocket to the entry). Closed to pages. */
  relayHosts: readonly string[];
  /** Zones of relay names: no page of any tab may reach a name in them. */
  relayZones: readonly string[];
  /** When the set of direct hosts decays to "all through the circuit", ms since the epoch; the worker moves it on while it lives. */
  directUntil: number;
};

/** Who asks. Chrome's PAC never knows (`unseen`); Firefox and the blocking rules know tabs, and documents where there is no tab. */
export type Requester =
  | { by: 'tab'; tab: TabId }
  /** tabId -1: a worker, a speculative connect, WebTransport. `host` is that of the document or worker script, if any is known. */
  | { by: 'document'; host: string | undefined }
  /** The browser for its own purposes: no tab, no document, nothing that a page could have caused. */
  | { by: 'browser' }
  /** The extension's own worker. */
  | { by: 'self' }
  | { by: 'unseen' };

export type RouteRequest = {
  /** Host of the URL as the URL parser writes it: lower case, ASCII, IPv6 in brackets. */
  host: string;
  from: Requester;
};

export type BlockReason = 'no-circuit' | 'local-host' | 'relay-host' | 'bad-host';

export type Route =
  { kind: 'direct' } | { kind: 'circuit'; proxy: CircuitProxy } | { kind: 'block'; reason: BlockReason };
