// One allowance for each key: a network, a relay. Pure bookkeeping in bounded memory. Used by the name server and the broker.

import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { RecentKeys } from './recent-keys.ts';

export type KeyedLimits = {
  /** At once, and in each second after that. */
  burst: number;
  perSecond: number;
  /** Known at once; each costs some 200 bytes. */
  keys: number;
};

export class KeyedLimit {
  readonly #known: RecentKeys<{ limit: RateLimit; over: number }>;

  constructor({ burst, perSecond, keys }: KeyedLimits) {
    this.#known = new RecentKeys(keys, () => ({ limit: createRateLimit(burst, perSecond), over: 0 }));
  }

  /**
   * 0 where one more may pass; otherwise how many came above the allowance so far.
   * @param now ms, monotone
   */
  take(key: string, now: number): number {
    const known = this.#known.of(key);
    return known.limit.take(now) ? 0 : (known.over += 1);
  }
}
