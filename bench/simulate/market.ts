// What a day's directory means for a million choices, worked out once: how likely each entry is, and how likely a hostile exit is behind it.
// The weights and rules are those of src/core, asked through its own functions; a test holds the frequencies against `selectCircuit`.

import { hasExit } from '../../src/core/circuit/guard-set.ts';
import type { IndexedExit, RelayIndex } from '../../src/core/circuit/relay-index.ts';
import { exitsFor } from '../../src/core/circuit/select-circuit.ts';
import { weighEntry, weighExit } from '../../src/core/circuit/weigh-exits.ts';
import { tableOf, type WeightTable } from '../../src/core/circuit/weighted-draw.ts';
import type { World } from './world.ts';

/** By weight as the client draws, or each alike. */
export type Weighing = 'weighted' | 'uniform';

export type Market = {
  index: RelayIndex;
  /** Numbers of the entries that a guard can be, and the sums of their weights. */
  entries: Uint32Array;
  table: WeightTable;
  /** By number of the relay: the chance of a hostile exit behind a hostile entry, and 0 behind an honest one. */
  hostileExit: Float64Array;
  /** For one circuit without guards: the chance of a hostile entry, and of both. */
  oneCircuit: Readonly<Record<Weighing, { entry: number; both: number }>>;
};

export function createMarket(world: World, index: RelayIndex): Market {
  const entries = index.entries.filter((entry) => hasExit(index, entry));
  const numbers = Uint32Array.from(entries, ({ peer }) => world.byPeer.get(peer) ?? 0);
  const isHostile = (peer: string): boolean => world.relays[world.byPeer.get(peer) ?? -1]?.hostile === true;
  const hostileExit = new Float64Array(world.relays.length);
  const total = entries.reduce((sum, entry) => sum + weighEntry(entry), 0);
  const oneCircuit = { weighted: { entry: 0, both: 0 }, uniform: { entry: 0, both: 0 } };
  entries.forEach((entry, at) => {
    if (!isHostile(entry.peer)) return;
    const exits = exitsFor(index, entry, {});
    const hostile = exits.filter(({ peer }) => isHostile(peer));
    const weighted = sumOf(hostile) / sumOf(exits);
    hostileExit[numbers[at] ?? 0] = weighted;
    oneCircuit.weighted.entry += weighEntry(entry) / total;
    oneCircuit.weighted.both += (weighEntry(entry) / total) * weighted;
    oneCircuit.uniform.entry += 1 / entries.length;
    oneCircuit.uniform.both += hostile.length / exits.length / entries.length;
  });
  return { index, entries: numbers, table: tableOf(entries.map(weighEntry)), hostileExit, oneCircuit };
}

function sumOf(exits: readonly IndexedExit[]): number {
  return exits.reduce((sum, exit) => sum + weighExit(exit), 0);
}
