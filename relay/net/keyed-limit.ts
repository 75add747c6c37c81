// One allowance for each key: a network, a relay. Pure bookkeeping in bounded memory: of too many keys the one that came longest ago is forgotten. Used by the entry, the name server and
// the broker.

import { createRateLimit, type RateLimit } from './rate-limit.ts';

export type KeyedLimits = {
  /** At once, and in each second after that. */
  burst: number;
  perSecond: number;
  /** Known at once; each costs some 200 bytes. */
  keys: number;
};

export class KeyedLimit {
  readonly #limits: KeyedLimits;
  /** The one that came longest ago first. */
  readonly #known = new Map<string, { limit: RateLimit; over: number }>();

  constructor(limits: KeyedLimits) {
    this.#limits = limits;
  }

  /**
   * 0 where one more may pass; otherwise how many came above the allowance so far.
   * @param now ms, monotone
   */
  take(key: string, now: number): number {
    const { burst, perSecond, keys } = this.#limits;
    const known = this.#known.get(key) ?? { limit: createRateLimit(burst, perSecond), over: 0 };
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > keys && oldest !== undefined) this.#known.delete(oldest);
    return known.limit.take(now) ? 0 : (known.over += 1);
  }
}
