// How often a peer is listened to. Cheap messages and dear ones are counted apart, and deposits by where they come from: they cost the relay gas.

import { createRateLimit, type RateLimit } from '../net/rate-limit.ts';
import * as limits from './limits.ts';
import { Recent } from './recent.ts';

export type RateKind = 'message' | 'dear' | 'deposit';

const RATES: Readonly<Record<RateKind, readonly [burst: number, perSecond: number]>> = {
  message: [limits.MESSAGE_BURST, limits.MESSAGES_PER_SECOND],
  dear: [limits.DEAR_BURST, limits.DEAR_PER_SECOND],
  deposit: [limits.DEPOSIT_BURST, limits.DEPOSITS_PER_SECOND],
};

export class Rates {
  readonly #kept = new Recent<string, RateLimit>(3 * limits.MAX_REMEMBERED);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** False where that is one too many. @param who a peer or a source */
  take(kind: RateKind, who: string): boolean {
    return this.#kept.of(`${kind} ${who}`, () => createRateLimit(...RATES[kind])).take(this.#now());
  }
}
