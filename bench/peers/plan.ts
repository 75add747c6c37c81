// Who has which address in the bench's own network (bench/conditions/namespace.ts). All are of its loopback, and each program that carries traffic sends from
// its own, so that a hop is a pair of addresses (bench/conditions/slow-path.ts). Ports are above 1024 but for DNS, which squid and Tor ask at 53 alone.

import { ZONES, type RelayPlan } from '../../devnet/plan.ts';

/** curl, Chromium and Tor's SOCKS port. */
export const CLIENT_ADDRESS = '127.0.0.1';
export const RESOLVER = '127.0.1.53';
/** One domain for all that is asked for. */
export const DOMAIN = 'bench.test';
/** Exits may reach these although they are loopback. */
export const SITE_RANGE = '127.0.2.0/24';
export const SITE = { host: `site.${DOMAIN}`, address: '127.0.2.200', http: 8080, https: 8443 } as const;
/** 12, as pages have them: the median page of the HTTP Archive asks 13 hosts. */
export const PAGE_HOSTS = Array.from({ length: 12 }, (_, index) => ({
  host: `h${index}.${DOMAIN}`,
  address: `127.0.2.${101 + index}`,
}));

export const OUR_PORTS = { tunnels: 4443, libp2p: 4401, dns: 53, registration: 4455 } as const;
export const OUR_RELAYS: readonly RelayPlan[] = [
  { name: 'entry', role: 'entry', operator: 'alder', region: 'DE', address: '127.11.0.1', zone: ZONES.south },
  { name: 'exit', role: 'exit', operator: 'cedar', region: 'NL', address: '127.21.0.1', zone: ZONES.north },
];

export const SQUID = { host: `squid.${DOMAIN}`, address: '127.41.0.1', port: 3129 } as const;
export const HAPROXY = { address: '127.42.0.1', port: 3129 } as const;

/** SOCKS of Tor's client. */
export const SOCKS_PORT = 9050;
/** Authorities first, then relays; each on an address of its own. */
export const TOR = { authorities: 3, relays: 4, orPort: 9001, dirPort: 9030 } as const;
export const torAddress = (index: number): string => `127.${51 + index}.0.1`;
