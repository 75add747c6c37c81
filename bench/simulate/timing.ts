// How long the real code takes on a directory of that size: what a client does, not what the simulation does for a million of them.

import { NO_GUARDS, tendGuards } from '../../src/core/circuit/guard-set.ts';
import { indexRelays } from '../../src/core/circuit/relay-index.ts';
import { selectCircuit } from '../../src/core/circuit/select-circuit.ts';
import { median, percentile } from '../stats.ts';
import { drawsOf } from './random.ts';
import { createWorld } from './world.ts';

/** Milliseconds. */
export type Timing = { indexing: number; firstGuards: number; choice: { median: number; p99: number; most: number } };

const SETS = 200;
const CHOICES_OF_EACH = 10;
const INDEXINGS = 5;

export function timeChoices(relays: number, seed: number): Timing {
  const draw = drawsOf(seed);
  const world = createWorld({ relays, days: 1, hostileShare: 0, closedRanks: false }, draw);
  const index = world.directoryOn(0);
  const facts = [...index.relays.values()];
  const indexing = median(Array.from({ length: INDEXINGS }, () => timed(() => indexRelays(facts))));
  // Many sets of guards, so that many entries are met and few are in a warm cache.
  const first: number[] = [];
  const choices: number[] = [];
  for (let set = 0; set < SETS; set += 1) {
    let guards = NO_GUARDS;
    first.push(timed(() => (guards = tendGuards(NO_GUARDS, index, 0, draw))));
    for (let count = 0; count < CHOICES_OF_EACH; count += 1) {
      choices.push(timed(() => selectCircuit(index, guards, {}, draw)));
    }
  }
  const choice = {
    median: median(choices),
    p99: percentile(choices, 0.99),
    most: Math.max(...choices),
  };
  return { indexing, firstGuards: median(first), choice };
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
