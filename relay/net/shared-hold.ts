// One bridge that several may hold, each for its own reason: no credit, a limit of bandwidth. It is read again when the last of them lets go. Used by relay/net/tunnel-set.ts.

import type { Bridge } from './bridge.ts';

/** @returns the same bridge for each of them: `hold` twice is once, and `release` without `hold` is nothing */
export function shareHold(bridge: Bridge): () => Bridge {
  const holding = new Set<object>();
  return () => {
    const self = {};
    return {
      ended: bridge.ended,
      cut: (reason) => bridge.cut(reason),
      waiting: () => bridge.waiting(),
      carried: () => bridge.carried(),
      hold: () => {
        holding.add(self);
        bridge.hold();
      },
      release: () => {
        // What it lets pass may make another one hold.
        if (holding.delete(self) && holding.size === 0) bridge.release();
      },
    };
  };
}
