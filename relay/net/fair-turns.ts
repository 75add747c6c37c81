// A rate that several share: who has waited longest has the next turn, so that one who wants ten thousand leaves every other turn to one who wants a few. Each waits for one at a time.

import { createRateLimit } from './rate-limit.ts';

export type FairTurns = {
  /** Resolves when it is this one's turn. Rejects with the reason of the signal. */
  next(): Promise<undefined>;
  /** The last turn was not needed. */
  giveBack(): void;
};

export function createFairTurns(burst: number, perSecond: number, signal: AbortSignal): FairTurns {
  const limit = createRateLimit(burst, perSecond);
  const waiting: PromiseWithResolvers<undefined>[] = [];
  let spare = 0;
  let timer: NodeJS.Timeout | undefined;

  const serve = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0) {
      if (spare > 0) spare -= 1;
      else if (!limit.take(performance.now())) break;
      waiting.shift()?.resolve(undefined);
    }
    if (waiting.length > 0) timer = setTimeout(serve, 1000 / perSecond);
  };
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    for (const each of waiting.splice(0)) each.reject(signal.reason);
  });

  return {
    next: () => {
      signal.throwIfAborted();
      const turn = Promise.withResolvers<undefined>();
      waiting.push(turn);
      if (timer === undefined) serve();
      return turn.promise;
    },
    giveBack: () => {
      spare = Math.min(burst, spare + 1);
      serve();
    },
  };
}
