// How evenly a network is loaded. Measured is the use of a relay: its share of all circuits over its share of all capacity, so that 1 is
// a relay that carries just its part.

import { exitsFor } from '../../src/core/circuit/select-circuit.ts';
import { weighExit } from '../../src/core/circuit/weigh-exits.ts';
import type { Weighing, Market } from './market.ts';
import { capacityOf, type World } from './world.ts';

export type Load = {
  /** Mean use of the tenth of the relays that are used most, over the mean use of all. */
  busiestDecile: number;
  relays: number;
};

/** Of the relays that are there to be used; one that nobody uses counts as 0. */
export function measureLoad(world: World, load: Float64Array, numbers: Iterable<number>): Load {
  const uses = Array.from(numbers, (number) => {
    const relay = world.relays[number];
    return relay === undefined ? 0 : (load[number] ?? 0) / capacityOf(relay);
  }).sort((one, other) => other - one);
  const mean = (list: readonly number[]): number => list.reduce((sum, use) => sum + use, 0) / list.length;
  return { busiestDecile: mean(uses.slice(0, Math.ceil(uses.length / 10))) / mean(uses), relays: uses.length };
}

/** What exits carry when entries carry so much: each entry's circuits go on to its exits by their weights, or evenly. */
export function exitLoad(world: World, { index }: Market, entryLoad: Float64Array, weighing: Weighing): Float64Array {
  const load = new Float64Array(world.relays.length);
  for (const entry of index.entries) {
    const circuits = entryLoad[world.byPeer.get(entry.peer) ?? -1] ?? 0;
    const exits = exitsFor(index, entry, {});
    const weights = exits.map((exit) => (weighing === 'uniform' ? 1 : weighExit(exit)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    exits.forEach(({ peer }, at) => {
      const number = world.byPeer.get(peer) ?? 0;
      load[number] = (load[number] ?? 0) + (circuits * (weights[at] ?? 0)) / total;
    });
  }
  return load;
}

/** Numbers of the exits that some entry leads to. */
export function exitNumbers(world: World, { index }: Market): number[] {
  const reached = new Set(index.entries.flatMap((entry) => exitsFor(index, entry, {}).map(({ peer }) => peer)));
  return [...reached].map((peer) => world.byPeer.get(peer) ?? 0);
}
