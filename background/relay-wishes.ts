// What the person wishes of relays: shows what there is to wish among, stores a change, and puts it into force. Built in background/app.ts.

import { fitsWishes, type Circuit } from '../src/core/circuit/choose-circuit.ts';
import type { RelayIndex } from '../src/core/circuit/relay-index.ts';
import { toSelectionWishes, type RelayWishes } from '../src/core/circuit/relay-wishes.ts';
import { relaysView, type RelaysView } from '../src/core/circuit/relays-view.ts';
import { relaysCell, wishesCell } from '../src/core/state/cells.ts';
import type { Cells } from '../src/ports/cells.ts';
import { createQueue } from './queue.ts';

export type RelayWishesDeps = {
  cells: Cells;
  ready: Promise<void>;
  known: () => Promise<RelayIndex>;
  /** Draws what circuits are made of again. */
  redraw: () => Promise<void>;
  /** Ends what is being built and gives up circuits in use; none is built before `then` is through. */
  giveUp: (breaks: (circuit: Circuit) => boolean, then: () => Promise<void>) => Promise<void>;
  tryAgain: () => Promise<void>;
};

export type RelayWishesJob = {
  read: () => Promise<RelaysView>;
  set: (wishes: RelayWishes) => Promise<RelaysView>;
};

export function createRelayWishes({ cells, ready, known, redraw, giveUp, tryAgain }: RelayWishesDeps): RelayWishesJob {
  // Two changes at once would each end the other's work.
  const enqueue = createQueue(ready);
  const read = async (): Promise<RelaysView> => {
    await ready;
    return relaysView(await known(), await cells.read(wishesCell));
  };
  return {
    read,
    set: async (wishes) => {
      await enqueue(async () => {
        // Before all else: from here on nothing is chosen that breaks one.
        await cells.update(wishesCell, () => wishes);
        const fits = fitsWishes((await cells.read(relaysCell)) ?? [], toSelectionWishes(wishes));
        await giveUp((circuit) => !fits(circuit), redraw);
        await tryAgain();
      });
      return read();
    },
  };
}
