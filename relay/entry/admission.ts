// How many connections an entry holds, in all, for each source and for each network, and how fast new ones may come, so that one client cannot take the places of the others, nor their time.
// Pure bookkeeping: sources live in memory only, for as long as they are connected. Called by relay/entry/tunnel-listener.ts.

import ipaddr from 'ipaddr.js';
import { KeyedPace } from '../net/keyed-pace.ts';

export type AdmissionLimits = {
  /** Connections in all; each costs two file descriptors at most and some 50 kB. */
  connections: number;
  /** Connections of one source: /32 of IPv4, /64 of IPv6. A browser holds 32 to one proxy, and households share an address. */
  perSource: number;
  /** Connections of one network, by its length in bits: who has many addresses does not have the places of all others. Left out: no limit. */
  perPrefix?: { ipv4: number; ipv6: number; connections: number };
  /** Connections whose hello has not come yet: each may hold 16 kB for 10 s without having said anything. Of more, the one that has said nothing for the longest goes: by `newPerSecond` one source has at most half of them. */
  pendingHellos: number;
  /** New connections in a second, of a source and (with `perPrefix`) of a network; more wait for their turn, up to ten seconds. Each new tunnel takes some ms of entry and exit. Left out: no limit. */
  newPerSecond?: { source: number; prefix: number };
};

export const ADMISSION_LIMITS: AdmissionLimits = {
  connections: 20_000,
  perSource: 2048,
  pendingHellos: 2048,
};

/** A page is loaded in a burst: who comes faster than that waits, as long as this, rather than being turned away. */
const LONGEST_WAIT_SECONDS = 10;
/**
 * So much needs not wait: by the usual limits ten of a source, which is more than a browser opens to a proxy of HTTP/2, and ten of a network; the next ones wait 0.1 s or 40 ms longer each. Each of them keeps all others waiting: with ten seconds' worth at once,
 * two thousand, p99 of others was six times what it is without.
 */
const AT_ONCE_SECONDS = { source: 1, prefix: 0.4 };
/** Sources and networks whose rate is known; some 200 bytes each. Who has more addresses than that is met by `perPrefix`. */
const KNOWN_SOURCES = 16_384;

export type Refusal =
  | 'too-many-connections'
  | 'too-many-from-source'
  | 'too-many-from-prefix'
  | 'too-fast-from-source'
  | 'too-fast-from-prefix';

export type Ticket = {
  /** When it is its turn, ms from now. */
  waitMs: number;
  /** The hello has been read. */
  helloRead: () => void;
  /** The connection is over. Both may be called more than once. */
  release: () => void;
};

export class Admission {
  #limits: AdmissionLimits;
  readonly #bySource = new Map<string, number>();
  readonly #byPrefix = new Map<string, number>();
  /** Ends one that has not said its hello. The oldest first. */
  readonly #pending = new Set<() => void>();
  #connections = 0;
  #paces: { source: KeyedPace; prefix: KeyedPace } | undefined;

  constructor(limits: AdmissionLimits = ADMISSION_LIMITS) {
    this.#limits = limits;
    this.#paces = pacesOf(limits);
  }

  /** From now on; who is there stays. */
  change(limits: AdmissionLimits): void {
    const { newPerSecond } = this.#limits;
    const isSame =
      newPerSecond?.source === limits.newPerSecond?.source && newPerSecond?.prefix === limits.newPerSecond?.prefix;
    if (!isSame) this.#paces = pacesOf(limits);
    this.#limits = limits;
  }

  /** How many there are, and how many of them have not said what they want. */
  held(): { connections: number; pending: number } {
    return { connections: this.#connections, pending: this.#pending.size };
  }

  /**
   * A place for a connection from this address, or why there is none.
   * @param now ms, monotone
   * @param displaced called when another one takes its place, because its hello has not come
   */
  admit(address: string, now: number, displaced: () => void = () => undefined): Ticket | Refusal {
    const { connections, perSource, perPrefix, pendingHellos } = this.#limits;
    const source = sourceOf(address);
    const prefix = perPrefix && prefixOf(address, perPrefix);
    if (this.#connections >= connections) return 'too-many-connections';
    if ((this.#bySource.get(source) ?? 0) >= perSource) return 'too-many-from-source';
    if (prefix !== undefined && (this.#byPrefix.get(prefix) ?? 0) >= (perPrefix?.connections ?? 0))
      return 'too-many-from-prefix';
    const ofSource = this.#paces === undefined ? 0 : this.#paces.source.take(source, now);
    if (ofSource === undefined) return 'too-fast-from-source';
    const ofPrefix = this.#paces === undefined || prefix === undefined ? 0 : this.#paces.prefix.take(prefix, now);
    if (ofPrefix === undefined) return 'too-fast-from-prefix';
    if (this.#pending.size >= pendingHellos) {
      const [longest] = this.#pending;
      longest?.();
    }
    this.#connections += 1;
    add(this.#bySource, source, 1);
    if (prefix !== undefined) add(this.#byPrefix, prefix, 1);
    let held = true;
    const giveUp = (): void => {
      release();
      displaced();
    };
    this.#pending.add(giveUp);
    const helloRead = (): void => {
      this.#pending.delete(giveUp);
    };
    const release = (): void => {
      helloRead();
      if (!held) return;
      held = false;
      this.#connections -= 1;
      add(this.#bySource, source, -1);
      // The one that it was counted under, whatever the lengths are by now.
      if (prefix !== undefined) add(this.#byPrefix, prefix, -1);
    };
    return { waitMs: Math.max(ofSource, ofPrefix), helloRead, release };
  }
}

function pacesOf({ newPerSecond }: AdmissionLimits): { source: KeyedPace; prefix: KeyedPace } | undefined {
  if (newPerSecond === undefined) return undefined;
  const paceOf = (scope: keyof typeof AT_ONCE_SECONDS): KeyedPace => {
    const perSecond = newPerSecond[scope];
    const atOnce = Math.max(1, perSecond * AT_ONCE_SECONDS[scope]);
    return new KeyedPace({ ...{ perSecond, atOnce }, most: perSecond * LONGEST_WAIT_SECONDS, keys: KNOWN_SOURCES });
  };
  return { source: paceOf('source'), prefix: paceOf('prefix') };
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count <= 0) counts.delete(key);
  else counts.set(key, count);
}

/** The source of what is no address. */
export const UNKNOWN_SOURCE = 'unknown';

/** The address for IPv4 (also when mapped into IPv6), the /64 for IPv6: what one customer of a network is given. */
export function sourceOf(address: string): string {
  if (!ipaddr.isValid(address)) return UNKNOWN_SOURCE;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.toByteArray().slice(0, 8).join('.');
}

/** The network that an address is in, by the length in bits for its family. */
export function prefixOf(address: string, { ipv4, ipv6 }: { ipv4: number; ipv6: number }): string {
  if (!ipaddr.isValid(address)) return UNKNOWN_SOURCE;
  const parsed = ipaddr.process(address);
  const bits = parsed.kind() === 'ipv4' ? ipv4 : ipv6;
  const bytes = parsed.toByteArray().slice(0, Math.ceil(bits / 8));
  const rest = bits % 8;
  const last = bytes.at(-1);
  if (rest !== 0 && last !== undefined) bytes[bytes.length - 1] = last & (0xff << (8 - rest));
  return `${parsed.kind()} ${bytes.join('.')}/${bits}`;
}
