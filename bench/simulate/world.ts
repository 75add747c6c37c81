// The network that is simulated: relays with capacities, operators and links, honest ones that come, go and fail, and hostile ones that do
// none of it. All made up from a seed; the numbers are stated in docs/simulation.md beside the results.

import type { Draw, RelayFacts } from '../../src/core/circuit/relay-facts.ts';
import { indexRelays, type IndexedRelay, type RelayIndex } from '../../src/core/circuit/relay-index.ts';
import { drawIndex, tableOf } from '../../src/core/circuit/weighted-draw.ts';
import { logNormal } from './random.ts';

export type WorldInit = {
  relays: number;
  days: number;
  /** Of the capacity of all relays at the start, 0 to 1. */
  hostileShare: number;
  /** Hostile exits dial hostile entries only, and those take no link of an honest exit: whoever meets one meets both. */
  closedRanks: boolean;
};

export type SimRelay = {
  facts: RelayFacts;
  /** For `areApart`, which asks nothing of links. */
  indexed: IndexedRelay;
  hostile: boolean;
  /** In the directory from the first day up to and not including the second. */
  bornDay: number;
  leftDay: number;
};

export type World = {
  relays: readonly SimRelay[];
  byPeer: ReadonlyMap<string, number>;
  /** The directory of a day; asked for days in order. */
  directoryOn: (day: number) => RelayIndex;
};

/** Bytes per second: a median line of 100 Mbit/s, one in six above 300, and what no relay of this code exceeds. */
const CAPACITY = { median: 12e6, sigma: 1.1, least: 1e6, most: 250e6 };
/** Honest relays that leave for good on a day, and as many that come: half of them within five months. */
export const LEAVE_PER_DAY = 0.005;
/** Honest relays that are down on a day, each day anew. */
export const DOWN_PER_DAY = 0.03;
/** Of all relays: entries only, exits only; the rest is both. */
const ENTRY_ONLY = 0.4;
const EXIT_ONLY = 0.4;
/** Links that an exit keeps, to entries drawn by capacity. */
export const LINKS = 64;
/** Relays of one honest operator on average; hostile ones say that each is alone, so no rule of families is of use against them. */
const FAMILY = 3;
const ZONES = 20;

export function createWorld(init: WorldInit, draw: Draw): World {
  const relays: SimRelay[] = [];
  const add = (hostile: boolean, bornDay: number): SimRelay => {
    const number = relays.length;
    const relay = createRelay(number, hostile, bornDay, init.relays / FAMILY, draw);
    relays.push(relay);
    return relay;
  };
  for (let count = 0; count < init.relays; count += 1) add(false, 0);
  markHostile(relays, init, draw);
  // The list grows while it is walked: those that come leave as well.
  for (const relay of relays) {
    if (relay.hostile) continue;
    relay.leftDay = relay.bornDay + 1 + Math.floor(Math.log(1 - draw()) / Math.log(1 - LEAVE_PER_DAY));
    if (relay.leftDay <= init.days) add(false, relay.leftDay);
  }
  const byPeer = new Map(relays.map(({ facts }, number) => [facts.peer, number]));
  const directoryOn = (day: number): RelayIndex => {
    const listed = relays.filter(({ bornDay, leftDay }) => bornDay <= day && day < leftDay);
    relink(listed, init.closedRanks, draw);
    return indexRelays(listed.map(({ facts }) => facts));
  };
  return { relays, byPeer, directoryOn };
}

export function capacityOf({ facts }: SimRelay): number {
  return facts.entry?.capacity ?? facts.exit?.capacity ?? 0;
}

function createRelay(number: number, hostile: boolean, bornDay: number, families: number, draw: Draw): SimRelay {
  const drawn = logNormal(draw, CAPACITY.median, CAPACITY.sigma);
  const capacity = Math.min(CAPACITY.most, Math.max(CAPACITY.least, drawn));
  const role = draw();
  const offer = { capacity, pricePerMib: 0n };
  const family = Math.floor(draw() * families);
  const facts: RelayFacts = {
    peer: `k51${number.toString(36).padStart(59, '0')}`,
    payee: `0x${family.toString(16).padStart(40, '0')}`,
    operator: `family-${family}`,
    region: 'DE',
    addresses: [`${1 + Math.floor(draw() * 220)}.${Math.floor(draw() * 256)}.0.1`],
    ...(role < 1 - EXIT_ONLY ? { entry: offer } : {}),
    ...(role >= ENTRY_ONLY
      ? { exit: { ...offer, zone: { name: 'zone.test', operator: `zone-${Math.floor(draw() * ZONES)}` }, entries: [] } }
      : {}),
  };
  return { facts, indexed: toIndexed(facts), hostile, bornDay, leftDay: Infinity };
}

/** Relays in a drawn order, until they hold the share; each then an operator, a payee and a network of its own. */
function markHostile(relays: SimRelay[], { hostileShare }: WorldInit, draw: Draw): void {
  let left = relays.reduce((sum, relay) => sum + capacityOf(relay), 0) * hostileShare;
  for (const { relay } of relays.map((each) => ({ relay: each, at: draw() })).sort((one, other) => one.at - other.at)) {
    if (left <= 0) return;
    left -= capacityOf(relay);
    const name = relay.facts.peer.slice(-8);
    relay.hostile = true;
    relay.facts = { ...relay.facts, operator: `alone-${name}`, payee: `0x${name}` };
    relay.indexed = toIndexed(relay.facts);
  }
}

/** Exits keep the links to entries that are still there, and dial others for those that are not. */
function relink(listed: readonly SimRelay[], closedRanks: boolean, draw: Draw): void {
  const all = listed.filter(({ facts }) => facts.entry !== undefined);
  const pools = [false, true].map((hostile) => (closedRanks ? all.filter((relay) => relay.hostile === hostile) : all));
  const tables = pools.map((pool) => tableOf(pool.map(capacityOf)));
  const there = new Set(all.map(({ facts }) => facts.peer));
  for (const { facts, hostile } of listed) {
    if (facts.exit === undefined) continue;
    const pool = pools[Number(hostile)] ?? [];
    const table = tables[Number(hostile)] ?? tableOf([]);
    const entries = new Set(facts.exit.entries.filter((peer) => there.has(peer)));
    // Bounded, since a pool may be smaller than the number of links.
    for (let round = 0; entries.size < LINKS && round < 4 * LINKS; round += 1) {
      const entry = pool[drawIndex(table, draw()) ?? -1];
      if (entry !== undefined) entries.add(entry.facts.peer);
    }
    facts.exit = { ...facts.exit, entries: [...entries] };
  }
}

function toIndexed(facts: RelayFacts): IndexedRelay {
  const indexed = indexRelays([facts]).relays.get(facts.peer);
  if (indexed === undefined) throw new Error(`relay ${facts.peer} is of no use`);
  return indexed;
}
