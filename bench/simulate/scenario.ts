// One network, and every way of choosing on it: this project's guards, Tor's numbers of guards on the same network, and no guards at all.

import {
  GUARD_LIFE_MAX_MS,
  GUARD_LIFE_MIN_MS,
  GUARD_UNLISTED_MS,
  GUARDS_IN_USE,
  MAX_GUARDS,
} from '../../src/core/circuit/guard-set.ts';
import { runClients, type GuardPolicy } from './clients.ts';
import { exitLoad, exitNumbers, measureLoad } from './load.ts';
import { createMarket, type Market, type Weighing } from './market.ts';
import { drawsOf } from './random.ts';
import { createWorld, type WorldInit } from './world.ts';

export type ScenarioInit = WorldInit & { clients: number; seed: number };

/** One way of choosing. Shares are of all clients, by day, the first being day 1. */
export type Course = { name: string; metEntry: number[]; metBoth: number[] };

export type LoadRow = { name: string; entries: number; exits: number };

export type Scenario = { courses: Course[]; loads: LoadRow[] };

/** A browser opened twice a day, with one circuit for each slot of sites (site-exits.ts). */
export const CIRCUITS_PER_DAY = 8;

/** Links and weights of exits change slowly; the directory is worked out anew once a week, and who has left is known each day. */
const MARKET_DAYS = 7;

const DAY_MS = 86_400_000;

export const OUR_GUARDS: GuardPolicy = {
  keep: GUARDS_IN_USE,
  use: GUARDS_IN_USE,
  most: MAX_GUARDS,
  lifeDays: [GUARD_LIFE_MIN_MS / DAY_MS, GUARD_LIFE_MAX_MS / DAY_MS],
  unlistedDays: GUARD_UNLISTED_MS / DAY_MS,
};

/**
 * guard-spec, appendix of parameters: three primary guards of which the first that is up is used, 120 days less the up to 12 by which
 * the date of adding is moved, 20 days unlisted.
 */
export const TOR_GUARDS: GuardPolicy = { keep: 3, use: 1, most: 6, lifeDays: [108, 120], unlistedDays: 20 };

export function runScenario(init: ScenarioInit): Scenario {
  const { days, seed } = init;
  const world = createWorld(init, drawsOf(seed));
  const markets: Market[] = [];
  for (let day = 0; day < days; day += MARKET_DAYS) markets.push(createMarket(world, world.directoryOn(day)));
  const marketOn = (day: number): Market => {
    const market = markets[Math.floor(day / MARKET_DAYS)];
    if (market === undefined) throw new Error(`day ${day} was not simulated`);
    return market;
  };
  const run = { ...init, circuitsPerDay: CIRCUITS_PER_DAY };
  const ours = runClients(world, marketOn, OUR_GUARDS, run, drawsOf(seed + 1));
  const tor = runClients(world, marketOn, TOR_GUARDS, run, drawsOf(seed + 2));

  const first = marketOn(0);
  const last = marketOn(days - 1);
  const loadRow = (name: string, market: Market, load: Float64Array, weighing: Weighing, day: number): LoadRow => {
    const there = (number: number): boolean => (world.relays[number]?.leftDay ?? 0) > day;
    const exits = exitLoad(world, market, load, weighing);
    return {
      name,
      entries: measureLoad(world, load, [...market.entries].filter(there)).busiestDecile,
      exits: measureLoad(world, exits, exitNumbers(world, market).filter(there)).busiestDecile,
    };
  };
  const even = new Float64Array(world.relays.length);
  for (const number of first.entries) even[number] = 1;
  return {
    courses: [
      { name: 'guards (this project)', ...ours },
      { name: 'Tor’s guard numbers', ...tor },
      { name: 'no guards, by weight', ...withoutGuards('weighted', marketOn, days) },
      { name: 'no guards, uniform', ...withoutGuards('uniform', marketOn, days) },
    ],
    loads: [
      loadRow('guards, first day', first, ours.firstLoad, 'weighted', 0),
      loadRow(`guards, day ${days}`, last, ours.lastLoad, 'weighted', days - 1),
      loadRow('uniform choice', first, even, 'uniform', 0),
    ],
  };
}

/** Exact, since every circuit of everybody is drawn alike: 1 - (1 - F)^C with the F of each day. */
function withoutGuards(weighing: Weighing, marketOn: (day: number) => Market, days: number): Omit<Course, 'name'> {
  let [noEntry, noBoth] = [1, 1];
  const course: Omit<Course, 'name'> = { metEntry: [], metBoth: [] };
  for (let day = 0; day < days; day += 1) {
    const { entry, both } = marketOn(day).oneCircuit[weighing];
    noEntry *= (1 - entry) ** CIRCUITS_PER_DAY;
    noBoth *= (1 - both) ** CIRCUITS_PER_DAY;
    course.metEntry.push(1 - noEntry);
    course.metBoth.push(1 - noBoth);
  }
  return course;
}
