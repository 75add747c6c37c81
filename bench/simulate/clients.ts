// Many clients and their guards, day by day, in flat arrays: what `tendGuards` and `addGuard` of src/core do for one client, with the
// tables of market.ts in place of a walk through the directory. A test runs both on the same world and compares.

import { areApart } from '../../src/core/circuit/pairing.ts';
import type { Draw } from '../../src/core/circuit/relay-facts.ts';
import { drawIndex } from '../../src/core/circuit/weighted-draw.ts';
import type { Market } from './market.ts';
import { DOWN_PER_DAY, type World } from './world.ts';

export type GuardPolicy = {
  /** Guards that the set is filled up to, how many of them are in use at once, and how many it may ever hold. */
  keep: number;
  use: number;
  most: number;
  lifeDays: readonly [number, number];
  unlistedDays: number;
};

export type Outcome = {
  /** By day, the first being day 1: share of clients that ever used a hostile entry, and ever a circuit of two hostile relays. */
  metEntry: number[];
  metBoth: number[];
  /** By number of the relay, on the first and on the last day: clients that use it as entry; one that uses two counts half at each. */
  firstLoad: Float64Array;
  lastLoad: Float64Array;
};

/** Marks the end of a client's guards in the flat array. */
const NONE = 0xffff;

export function runClients(
  world: World,
  marketOn: (day: number) => Market,
  policy: GuardPolicy,
  { clients, days, circuitsPerDay }: { clients: number; days: number; circuitsPerDay: number },
  draw: Draw,
): Outcome {
  const { keep, use, most, lifeDays, unlistedDays } = policy;
  const { relays } = world;
  if (relays.length >= NONE) throw new Error('too many relays for 16 bits');
  const guards = new Uint16Array(clients * most).fill(NONE);
  const expires = new Float32Array(clients * most);
  const met = new Uint8Array(clients);
  const hostile = Uint8Array.from(relays, (relay) => Number(relay.hostile));
  const leftDay = Float64Array.from(relays, (relay) => relay.leftDay);
  const outcome: Outcome = {
    metEntry: [],
    metBoth: [],
    firstLoad: new Float64Array(relays.length),
    lastLoad: new Float64Array(relays.length),
  };

  const addGuard = (base: number, count: number, market: Market, day: number): number => {
    // Drawing again what does not fit draws from the rest by weight; bounded, for networks that are too small.
    for (let round = 0; count < most && round < 50; round += 1) {
      const found = market.entries[drawIndex(market.table, draw()) ?? -1];
      if (found === undefined) return count;
      let fits = (leftDay[found] ?? 0) > day;
      for (let slot = 0; fits && slot < count; slot += 1) {
        const other = guards[base + slot] ?? NONE;
        const [one, two] = [relays[found], relays[other]];
        // One that has left the directory is held against nobody but itself, as in src/core.
        fits =
          found !== other &&
          one !== undefined &&
          two !== undefined &&
          ((leftDay[other] ?? 0) <= day || areApart(one.indexed, two.indexed));
      }
      if (!fits) continue;
      guards[base + count] = found;
      expires[base + count] = day + lifeDays[0] + draw() * (lifeDays[1] - lifeDays[0]);
      return count + 1;
    }
    return count;
  };

  for (let day = 0; day < days; day += 1) {
    const market = marketOn(day);
    const up = Uint8Array.from(relays, (relay) =>
      Number(relay.leftDay > day && (relay.hostile || draw() >= DOWN_PER_DAY)),
    );
    let [entryCount, bothCount] = [0, 0];
    const load = day === 0 ? outcome.firstLoad : day === days - 1 ? outcome.lastLoad : undefined;
    for (let client = 0; client < clients; client += 1) {
      const base = client * most;
      let count = 0;
      for (let slot = 0; slot < most; slot += 1) {
        const guard = guards[base + slot] ?? NONE;
        if (guard === NONE) break;
        const ends = expires[base + slot] ?? 0;
        if (ends <= day || day >= (leftDay[guard] ?? 0) + unlistedDays) continue;
        guards[base + count] = guard;
        expires[base + count] = ends;
        count += 1;
      }
      while (count < keep) {
        const more = addGuard(base, count, market, day);
        if (more === count) break;
        count = more;
      }
      let used = 0;
      let chance = 0;
      const [first, second] = [usable(0), use > 1 ? usable(1) : NONE];
      for (const guard of [first, second]) {
        if (guard === NONE) continue;
        used += 1;
        if (hostile[guard] === 1) met[client] = (met[client] ?? 0) | 1;
        chance += market.hostileExit[guard] ?? 0;
      }
      // None that is up: one more, which is tried whether it is up or not, and another if it is not.
      while (used === 0) {
        const more = addGuard(base, count, market, day);
        if (more === count) break;
        const guard = guards[base + count] ?? NONE;
        count = more;
        if (up[guard] !== 1) continue;
        used = 1;
        if (hostile[guard] === 1) met[client] = (met[client] ?? 0) | 1;
        chance = market.hostileExit[guard] ?? 0;
        if (load !== undefined) load[guard] = (load[guard] ?? 0) + 1;
      }
      for (let slot = count; slot < most; slot += 1) guards[base + slot] = NONE;
      if (chance > 0 && ((met[client] ?? 0) & 2) === 0 && draw() < 1 - (1 - chance / used) ** circuitsPerDay)
        met[client] = (met[client] ?? 0) | 2;
      if (load !== undefined) {
        const share = second === NONE ? 1 : 0.5;
        if (first !== NONE) load[first] = (load[first] ?? 0) + share;
        if (second !== NONE) load[second] = (load[second] ?? 0) + share;
      }
      entryCount += (met[client] ?? 0) & 1;
      bothCount += ((met[client] ?? 0) & 2) >> 1;

      // The guard of that place among those that are up.
      function usable(place: number): number {
        let seen = 0;
        for (let slot = 0; slot < count; slot += 1) {
          const guard = guards[base + slot] ?? NONE;
          if (up[guard] !== 1) continue;
          if (seen === place) return guard;
          seen += 1;
        }
        return NONE;
      }
    }
    outcome.metEntry.push(entryCount / clients);
    outcome.metBoth.push(bothCount / clients);
  }
  return outcome;
}
