// How many connections an entry holds, in all, for each source and for each network, so that one client cannot take the places of the others.
// Pure bookkeeping: sources live in memory only, for as long as they are connected. Called by relay/entry/tunnel-listener.ts.

import ipaddr from 'ipaddr.js';

export type AdmissionLimits = {
  /** Connections in all; each costs two file descriptors at most and some 50 kB. */
  connections: number;
  /** Connections of one source: /32 of IPv4, /64 of IPv6. A browser holds 32 to one proxy, and households share an address. */
  perSource: number;
  /** Connections of one network, by its length in bits: who has many addresses does not have the places of all others. Left out: no limit. */
  perPrefix?: { ipv4: number; ipv6: number; connections: number };
  /** Connections whose hello has not come yet: each may hold 16 kB for 10 s without having said anything. */
  pendingHellos: number;
};

export const ADMISSION_LIMITS: AdmissionLimits = { connections: 20_000, perSource: 2048, pendingHellos: 2048 };

export type Refusal = 'too-many-connections' | 'too-many-from-source' | 'too-many-from-prefix' | 'too-many-hellos';

export type Ticket = {
  /** The hello has been read. */
  helloRead: () => void;
  /** The connection is over. Both may be called more than once. */
  release: () => void;
};

export class Admission {
  #limits: AdmissionLimits;
  readonly #bySource = new Map<string, number>();
  readonly #byPrefix = new Map<string, number>();
  #connections = 0;
  #pending = 0;

  constructor(limits: AdmissionLimits = ADMISSION_LIMITS) {
    this.#limits = limits;
  }

  /** From now on; who is there stays. */
  change(limits: AdmissionLimits): void {
    this.#limits = limits;
  }

  /** How many there are, and how many of them have not said what they want. */
  held(): { connections: number; pending: number } {
    return { connections: this.#connections, pending: this.#pending };
  }

  /** A place for a connection from this address, or why there is none. */
  admit(address: string): Ticket | Refusal {
    const { connections, perSource, perPrefix, pendingHellos } = this.#limits;
    const source = sourceOf(address);
    const prefix = perPrefix && prefixOf(address, perPrefix);
    if (this.#connections >= connections) return 'too-many-connections';
    if ((this.#bySource.get(source) ?? 0) >= perSource) return 'too-many-from-source';
    if (prefix !== undefined && (this.#byPrefix.get(prefix) ?? 0) >= (perPrefix?.connections ?? 0))
      return 'too-many-from-prefix';
    if (this.#pending >= pendingHellos) return 'too-many-hellos';
    this.#connections += 1;
    this.#pending += 1;
    add(this.#bySource, source, 1);
    if (prefix !== undefined) add(this.#byPrefix, prefix, 1);
    let pending = true;
    let held = true;
    const helloRead = (): void => {
      if (pending) this.#pending -= 1;
      pending = false;
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
    return { helloRead, release };
  }
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
