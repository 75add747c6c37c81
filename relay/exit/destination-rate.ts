// How many connections this exit opens to one address, so that its clients together cannot flood anybody with them. It forgets every ten seconds, all at once: what stays in memory longer
// would be a record of where people go. Asked by relay/exit/destinations.ts.

/** A page opens its connections in a burst; the allowance is that of the whole window. */
const WINDOW_MS = 10_000;

/** Addresses in one window; each costs some 100 bytes. Who goes to more looks for machines, and not for pages. */
const MAX_ADDRESSES = 100_000;

export class DestinationRate {
  readonly #counts = new Map<string, number>();
  #perSecond: number | undefined;
  #forgetting: NodeJS.Timeout | undefined;

  /** @param perSecond undefined: no limit, and nothing is kept */
  constructor(perSecond: number | undefined) {
    this.#perSecond = perSecond;
  }

  change(perSecond: number | undefined): void {
    this.#perSecond = perSecond;
  }

  /** Whether one more may be opened. @param address as ipaddr.js or the resolver writes it, any port */
  take(address: string): boolean {
    if (this.#perSecond === undefined) return true;
    this.#forgetting ??= setTimeout(() => this.#forget(), WINDOW_MS).unref();
    const count = this.#counts.get(address) ?? 0;
    if (count === 0 && this.#counts.size >= MAX_ADDRESSES) return false;
    if (count + 1 > Math.max(1, (this.#perSecond * WINDOW_MS) / 1000)) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  #forget(): void {
    this.#forgetting = undefined;
    this.#counts.clear();
  }
}
