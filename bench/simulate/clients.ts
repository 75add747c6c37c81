// Many clients and their guards, day by day, in flat arrays: what `tendGuards` and `addGuard` of src/core do for one client, with the
// tables of market.ts in place of a walk through the directory. A test runs both on the same world and compares.

import { areApart } from '../../src/core/circuit/pairing.ts';
import type { Draw } from '../../src/core/circuit/relay-facts.ts';
import { drawIndex } from '../../src/core/circuit/weighted-draw.ts';
import type { Market } from './market.ts';
import { DOWN_PER_DAY, type SimRelay, type World } from './world.ts';

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
/** What a client has met, as bits. */
const MET_ENTRY = 1;
const MET_BOTH = 2;

type Crowd = { clients: number; days: number; circuitsPerDay: number };

export function runClients(
  world: World,
  marketOn: (day: number) => Market,
  policy: GuardPolicy,
  { clients, days, circuitsPerDay }: Crowd,
  draw: Draw,
): Outcome {
  const { relays } = world;
  const guards = createGuards(world, policy, clients, draw);
  const hostile = Uint8Array.from(relays, (relay) => Number(relay.hostile));
  const met = new Uint8Array(clients);
  const [firstLoad, lastLoad] = [new Float64Array(relays.length), new Float64Array(relays.length)];
  const outcome: Outcome = { metEntry: [], metBoth: [], firstLoad, lastLoad };
  for (let day = 0; day < days; day += 1) {
    const market = marketOn(day);
    const isUp = (relay: SimRelay): boolean => relay.leftDay > day && (relay.hostile || draw() >= DOWN_PER_DAY);
    const up = Uint8Array.from(relays, (relay) => Number(isUp(relay)));
    const load = day === 0 ? firstLoad : day === days - 1 ? lastLoad : undefined;
    let [entryCount, bothCount] = [0, 0];
    for (let client = 0; client < clients; client += 1) {
      const used = guards.usedOn(client, day, market, up);
      let marks = met[client] ?? 0;
      let chance = 0;
      for (const guard of used) {
        if (hostile[guard] === 1) marks |= MET_ENTRY;
        chance += (market.hostileExit[guard] ?? 0) / used.length;
        if (load !== undefined) load[guard] = (load[guard] ?? 0) + 1 / used.length;
      }
      // Each circuit goes by one of the guards in use, so this is the chance that none of the day's circuits meets both.
      if (chance > 0 && (marks & MET_BOTH) === 0 && draw() >= (1 - chance) ** circuitsPerDay) marks |= MET_BOTH;
      met[client] = marks;
      if ((marks & MET_ENTRY) !== 0) entryCount += 1;
      if ((marks & MET_BOTH) !== 0) bothCount += 1;
    }
    outcome.metEntry.push(entryCount / clients);
    outcome.metBoth.push(bothCount / clients);
  }
  return outcome;
}

type Guards = {
  /** Tends the client's guards and says which it uses that day: none where nothing is to be had. Valid until the next call. */
  usedOn: (client: number, day: number, market: Market, up: Uint8Array) => readonly number[];
};

function createGuards({ relays }: World, policy: GuardPolicy, clients: number, draw: Draw): Guards {
  if (relays.length >= NONE) throw new Error('too many relays for 16 bits');
  const { keep, use, most, lifeDays, unlistedDays } = policy;
  const peers = new Uint16Array(clients * most).fill(NONE);
  const expires = new Float32Array(clients * most);
  const leftDay = Float64Array.from(relays, (relay) => relay.leftDay);
  const used: number[] = [];

  /** Closes the gaps of guards that have expired or gone for good; returns how many are left. */
  const tend = (base: number, day: number): number => {
    let count = 0;
    for (let slot = base; slot < base + most; slot += 1) {
      const peer = peers[slot] ?? NONE;
      if (peer === NONE) break;
      const ends = expires[slot] ?? 0;
      if (ends <= day || day >= (leftDay[peer] ?? 0) + unlistedDays) continue;
      peers[base + count] = peer;
      expires[base + count] = ends;
      count += 1;
    }
    // Not `fill`: for so few slots it took an eighth of all the time.
    for (let slot = base + count; slot < base + most; slot += 1) peers[slot] = NONE;
    return count;
  };

  /** One that has left the directory stands in nobody's way but its own, as in src/core. */
  const stand = (one: number, other: number, day: number): boolean => {
    const [first, second] = [relays[one]?.indexed, relays[other]?.indexed];
    if (one === other || first === undefined || second === undefined) return false;
    return (leftDay[other] ?? 0) <= day || areApart(first, second);
  };

  const add = (base: number, count: number, market: Market, day: number): number => {
    // Drawing again what does not fit draws from the rest by weight; bounded, for networks that are too small.
    for (let round = 0; count < most && round < 50; round += 1) {
      const found = market.entries[drawIndex(market.table, draw()) ?? -1];
      if (found === undefined) return count;
      let fits = (leftDay[found] ?? 0) > day;
      for (let slot = base; fits && slot < base + count; slot += 1) fits = stand(found, peers[slot] ?? NONE, day);
      if (!fits) continue;
      peers[base + count] = found;
      expires[base + count] = day + lifeDays[0] + draw() * (lifeDays[1] - lifeDays[0]);
      return count + 1;
    }
    return count;
  };

  const usedOn: Guards['usedOn'] = (client, day, market, up) => {
    const base = client * most;
    let count = tend(base, day);
    for (let before = -1; count < keep && count !== before;) count = add(base, (before = count), market, day);
    used.length = 0;
    for (let slot = base; slot < base + count && used.length < use; slot += 1) {
      const peer = peers[slot] ?? NONE;
      if (up[peer] === 1) used.push(peer);
    }
    // None is up: one more, which may be down as well, and then another.
    while (used.length === 0) {
      const more = add(base, count, market, day);
      if (more === count) break;
      const peer = peers[base + count] ?? NONE;
      if (up[peer] === 1) used.push(peer);
      count = more;
    }
    return used;
  };
  return { usedOn };
}
