// A meter with the credit that a test gives it: what an account of relay/session is to the tunnels, without money.

import type { TunnelMeter } from '../../relay/net/tunnel-meter.ts';

export type CreditMeter = TunnelMeter & {
  readonly up: number;
  readonly down: number;
  give(bytes: number): void;
  /** Resolves when somebody waits, at once when somebody does. */
  stalled(): Promise<void>;
};

/** @param limitMs how long it may be waited for credit before the tunnels are cut */
export function createCreditMeter(credit = Infinity, limitMs?: number): CreditMeter {
  const count = { up: 0, down: 0 };
  let left = credit;
  let waiting: PromiseWithResolvers<boolean> | undefined;
  let noticed = Promise.withResolvers<undefined>();
  const settle = (more: boolean): void => {
    waiting?.resolve(more);
    waiting = undefined;
    noticed = Promise.withResolvers();
  };
  return {
    get up() {
      return count.up;
    },
    get down() {
      return count.down;
    },
    pass: (direction, bytes) => {
      count[direction] += bytes;
      left -= bytes;
      return left > 0;
    },
    wait: () => {
      if (left > 0) return Promise.resolve(true);
      if (waiting === undefined) {
        waiting = Promise.withResolvers();
        noticed.resolve(undefined);
        const mine = waiting;
        if (limitMs !== undefined) setTimeout(() => mine === waiting && settle(false), limitMs);
      }
      return waiting.promise;
    },
    give: (bytes) => {
      left += bytes;
      if (left > 0) settle(true);
    },
    stalled: () => noticed.promise,
  };
}
