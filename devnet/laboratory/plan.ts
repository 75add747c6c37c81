// The two-namespace laboratory of the leak tests on paper: who has which address. Every address is a public one by its number, since
// extension, exits and browsers treat private ones differently; no packet can leave the namespaces, whatever its number.
// Blocks 22/8 and 26/8 are given out to a department that announces none of their addresses. Used by scripts/leak.ts and tests/leak.

import { createHash } from 'node:crypto';
import { ZONES, type RelayPlan } from '../plan.ts';

/** IPv4 and IPv6 of the two ends of the cable between the namespaces, with the length of their prefix. */
export type Cable = {
  client: { v4: string; v6: string };
  server: { v4: string; v6: string };
  bits: { v4: number; v6: number };
};

export const CABLE: Cable = {
  client: { v4: '26.200.0.2', v6: '2a7f:c0de:c::2' },
  server: { v4: '26.200.0.1', v6: '2a7f:c0de:c::1' },
  bits: { v4: 24, v6: 64 },
};

export const RESOLVER = '26.53.0.53';
/**
 * Where the extension comes from. By its name one of the browser's own services, as a store is (src/core/routing/service-hosts.ts): while a tab is
 * private any other host would be asked through the circuit, which does not lead there.
 */
export const UPDATE_ADDRESS = '26.80.0.80';
export const UPDATE_HOST = 'clients2.googleusercontent.com';
export const UPDATE_PORT = 8080;

/** Every host name of `.test` has an address of its own in here: a packet names its vector. */
const SITE_BLOCK_V4 = '22.0.0.0/8';
const SITE_BLOCK_V6 = '2a7f:c0df::/32';
export const SITE_BLOCKS = [SITE_BLOCK_V4, SITE_BLOCK_V6] as const;

/**
 * Private and link-local blocks. Behind the cable something has each address and refuses every connection at once: a browser that was let go on
 * would send again for minutes.
 */
export const LOCAL_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fd00::/8'] as const;

/** Not 443: there every address of a site block listens. */
export const PORTS = { tunnels: 8443, libp2p: 8401, dns: 8453, registration: 8455 } as const;
export const DNS_PORT = 53;
/** STUN and TURN (RFC 8489 §18.6). */
export const STUN_PORT = 3478;

/** Each relay in a /16 of its own, as a circuit demands; five operators. Whose the zones are only the list says. */
export const RELAYS: readonly RelayPlan[] = [
  { name: 'entry-1', role: 'entry', operator: 'alder', region: 'DE', address: '26.11.0.1', zone: ZONES.north },
  { name: 'entry-2', role: 'entry', operator: 'birch', region: 'SE', address: '26.12.0.1', zone: ZONES.south },
  { name: 'exit-1', role: 'exit', operator: 'cedar', region: 'NL', address: '26.13.0.1', zone: ZONES.north },
  { name: 'exit-2', role: 'exit', operator: 'douglas', region: 'CH', address: '26.14.0.1', zone: ZONES.south },
  { name: 'exit-3', role: 'exit', operator: 'elm', region: 'IS', address: '26.15.0.1', zone: ZONES.north },
];

export const ENTRY_ADDRESSES = RELAYS.filter(({ role }) => role === 'entry').map(({ address }) => address);
export const EXIT_ADDRESSES = RELAYS.filter(({ role }) => role === 'exit').map(({ address }) => address);
export const ZONE_NAMES: readonly string[] = Object.values(ZONES).map(({ name }) => name);

export const SERVER_ADDRESSES = [...RELAYS.map(({ address }) => address), RESOLVER, UPDATE_ADDRESS];

/** The domain under which every name exists. */
export const SITES_DOMAIN = 'test';
/** Hosts whose first label begins so have an IPv6 address and no other. */
const V6_PREFIX = 'v6-';

/** The address of a site's host, the same in every run. */
export function addressOf(name: string): string {
  if (name === UPDATE_HOST) return UPDATE_ADDRESS;
  const [a = 0, b = 0, c = 0, d = 0] = createHash('sha256').update(name).digest();
  if (name.startsWith(V6_PREFIX))
    return `2a7f:c0df::${((a << 8) | b || 1).toString(16)}:${((c << 8) | d || 1).toString(16)}`;
  return `22.${a}.${b}.${1 + (c % 254)}`;
}
