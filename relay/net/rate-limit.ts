// A token bucket: `burst` at once, then `perSecond`. Pure; the time is passed in.

export type RateLimit = {
  /** True where one more may pass at `now` (ms, monotone). */
  take(now: number): boolean;
};

export function createRateLimit(burst: number, perSecond: number): RateLimit {
  let tokens = burst;
  let last: number | undefined;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - (last ?? now)) * perSecond) / 1000);
      last = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
