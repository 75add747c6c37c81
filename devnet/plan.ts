// The devnet on paper: who runs what, at which loopback address and port. Pure data, so that every other file and every test agrees.
// All ports are fixed offsets from one base, above 1024: no root is needed, and a second network is another base away.

/** Where ports start unless `--port-base` says otherwise. */
export const DEFAULT_PORT_BASE = 7000;

export type Ports = {
  /** Entries: where browsers connect. */
  tunnels: number;
  /** Entries: where exits dial in. */
  libp2p: number;
  /** DNS over UDP and TCP. */
  dns: number;
  /** DNS over HTTPS (RFC 8484). */
  doh: number;
  /** Zones: where relays register. */
  registration: number;
  /** The demo sites. */
  https: number;
  http: number;
  /** Entries with payments: for more payers behind one address. */
  lease: readonly number[];
  /** The chain's JSON-RPC, on `CHAIN_ADDRESS`. */
  chain: number;
};

/** @param payers who may come from one address within ten minutes: each has a port of its own (docs/decisions/0026-a-lease-is-a-place.md) */
export function portsFrom(base: number, payers = 3): Ports {
  return {
    tunnels: base + 443,
    libp2p: base + 401,
    dns: base + 453,
    doh: base + 454,
    registration: base + 455,
    https: base + 1443,
    http: base + 1080,
    lease: Array.from({ length: payers - 1 }, (_, index) => base + 600 + index),
    chain: base + 545,
  };
}

/** The highest offset above; a base plus this must be a port. */
export const HIGHEST_OFFSET = 1443;

export const DNS_ADDRESS = '127.0.1.53';
/** Not 127.0.0.1: that is the person's, and no relay may be seen with a connection to it. */
export const CHAIN_ADDRESS = '127.0.3.1';

export type ZonePlan = { name: string; operator: string };

/** Two zones, run by people who run neither entry nor exit: a circuit takes three operators. */
export const ZONES = {
  north: { name: 'north.zone.test', operator: 'zone-north' },
  south: { name: 'south.zone.test', operator: 'zone-south' },
} as const satisfies Record<string, ZonePlan>;

export type RelayPlan = {
  name: string;
  role: 'entry' | 'exit' | 'zone';
  operator: string;
  region: string;
  /** An entry or a zone's server listens here; an exit's connections to sites come from here. */
  address: string;
  /** That of its name, or the one that it serves. */
  zone: ZonePlan;
};

/** Two entries, three exits and the servers of the two zones, of seven operators, each in a /16 of its own, as a circuit demands; the regions are for show. */
export const RELAYS: readonly RelayPlan[] = [
  { name: 'entry-1', role: 'entry', operator: 'alder', region: 'DE', address: '127.11.0.1', zone: ZONES.north },
  { name: 'entry-2', role: 'entry', operator: 'birch', region: 'SE', address: '127.12.0.1', zone: ZONES.south },
  { name: 'exit-1', role: 'exit', operator: 'cedar', region: 'NL', address: '127.21.0.1', zone: ZONES.north },
  { name: 'exit-2', role: 'exit', operator: 'douglas', region: 'CH', address: '127.22.0.1', zone: ZONES.south },
  { name: 'exit-3', role: 'exit', operator: 'elm', region: 'IS', address: '127.23.0.1', zone: ZONES.north },
  {
    name: 'zone-north',
    role: 'zone',
    operator: ZONES.north.operator,
    region: 'NO',
    address: '127.31.0.1',
    zone: ZONES.north,
  },
  {
    name: 'zone-south',
    role: 'zone',
    operator: ZONES.south.operator,
    region: 'NZ',
    address: '127.32.0.1',
    zone: ZONES.south,
  },
];

/** What a set of relays is started from (relays.ts): the devnet's own, or that of another laboratory. */
export type RelaysPlan = {
  relays: readonly RelayPlan[];
  /** `address:port` of the name server that exits ask. */
  resolver: string;
  /** Ranges of sites that exits may reach although they are no public ones. */
  siteRanges: readonly string[];
};

export const EXIT_ADDRESSES: ReadonlySet<string> = new Set(
  RELAYS.filter((relay) => relay.role === 'exit').map((relay) => relay.address),
);

/** What a connection of this machine's browser looks like to a site when no relay is between. */
export const DIRECT_ADDRESS = '127.0.0.1';

export type SitePlan = { host: string; address: string; title: string };

export const SITES = {
  news: { host: 'news.demo.test', address: '127.0.2.1', title: 'The Morning Fern' },
  shop: { host: 'shop.demo.test', address: '127.0.2.2', title: 'Moss & Lantern' },
  media: { host: 'media.demo.test', address: '127.0.2.3', title: 'Slow Pictures' },
  whoami: { host: 'whoami.demo.test', address: '127.0.2.4', title: 'Who am I?' },
} as const satisfies Record<string, SitePlan>;

/** The range of the demo sites, which the devnet's exits may reach although it is loopback. */
export const SITE_RANGE = '127.0.2.0/24';
