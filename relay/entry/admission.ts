// How many connections an entry holds, in all and for each source, so that one client cannot take the places of the others.
// Pure bookkeeping: sources live in memory only, for as long as they are connected. Called by relay/entry/tunnel-listener.ts.

import ipaddr from 'ipaddr.js';

export type AdmissionLimits = {
  /** Connections in all; each costs two file descriptors at most and some 50 kB. */
  connections: number;
  /** Connections of one source: /32 of IPv4, /64 of IPv6. A browser holds 32 to one proxy, and households share an address. */
  perSource: number;
  /** Connections whose hello has not come yet: each may hold 16 kB for 10 s without having said anything. */
  pendingHellos: number;
};

export const ADMISSION_LIMITS: AdmissionLimits = { connections: 20_000, perSource: 2048, pendingHellos: 2048 };

export type Refusal = 'too-many-connections' | 'too-many-from-source' | 'too-many-hellos';

export type Ticket = {
  /** The hello has been read. */
  helloRead: () => void;
  /** The connection is over. Both may be called more than once. */
  release: () => void;
};

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #bySource = new Map<string, number>();
  #connections = 0;
  #pending = 0;

  constructor(limits: AdmissionLimits = ADMISSION_LIMITS) {
    this.#limits = limits;
  }

  /** A place for a connection from this address, or why there is none. */
  admit(address: string): Ticket | Refusal {
    const source = sourceOf(address);
    const fromSource = this.#bySource.get(source) ?? 0;
    if (this.#connections >= this.#limits.connections) return 'too-many-connections';
    if (fromSource >= this.#limits.perSource) return 'too-many-from-source';
    if (this.#pending >= this.#limits.pendingHellos) return 'too-many-hellos';
    this.#connections += 1;
    this.#pending += 1;
    this.#bySource.set(source, fromSource + 1);
    let pending = true;
    let held = true;
    const helloRead = (): void => {
      if (pending) this.#pending -= 1;
      pending = false;
    };
    const release = (): void => {
      helloRead();
      if (held) this.#release(source);
      held = false;
    };
    return { helloRead, release };
  }

  #release(source: string): void {
    this.#connections -= 1;
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, left);
  }
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
