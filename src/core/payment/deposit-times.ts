// When a deposit that is signed now is good. One rule for a person and for an entry that pays its exits; who takes the deposit has a clock of its own, and the
// chain another one. Pure.

import { CLOCK_SKEW_S } from './quote.ts';

/** Twice what a clock may be off: at once that, a deposit of a clock ten minutes ahead begins in the very second in which it is shown, and is refused. */
const VALID_BEFORE_NOW_S = 2 * CLOCK_SKEW_S;
/** The relay submits it at once; later it would be a surprise. */
const VALID_FOR_S = 3600;

/**
 * Seconds since the epoch.
 * @param now ms since the epoch
 * @param validFor seconds
 */
export function depositTimes(now: number, validFor = VALID_FOR_S): { validAfter: number; validBefore: number } {
  const seconds = Math.floor(now / 1000);
  // A machine without a clock begins in 1970, and nothing was before that.
  return { validAfter: Math.max(0, seconds - VALID_BEFORE_NOW_S), validBefore: seconds + validFor };
}
