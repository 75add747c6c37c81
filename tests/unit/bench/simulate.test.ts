// The simulation in its short form: it chooses as the code does that it stands for, and its results point where docs/simulation.md says.

import { describe, expect, test } from 'vitest';
import { OUR_GUARDS, runScenario, TOR_GUARDS } from '../../../bench/simulate/scenario.ts';
import { runClients } from '../../../bench/simulate/clients.ts';
import { createMarket } from '../../../bench/simulate/market.ts';
import { plotCourses } from '../../../bench/simulate/plot.ts';
import { drawsOf } from '../../../bench/simulate/random.ts';
import { createWorld, DOWN_PER_DAY } from '../../../bench/simulate/world.ts';
import { addGuard, GUARDS_IN_USE, NO_GUARDS, tendGuards, type GuardSet } from '../../../src/core/circuit/guard-set.ts';
import { selectCircuit } from '../../../src/core/circuit/select-circuit.ts';
import { drawIndex } from '../../../src/core/circuit/weighted-draw.ts';

const DAY = 86_400_000;
const SMALL = { relays: 300, days: 30, hostileShare: 0.2, closedRanks: false };

describe('the tables that a million clients draw from', () => {
  const draw = drawsOf(11);
  const world = createWorld(SMALL, draw);
  const market = createMarket(world, world.directoryOn(0));
  const { index } = market;

  test('give entries as often as the guard set draws them', () => {
    const rounds = 20_000;
    const [fromTable, fromCode] = [new Float64Array(world.relays.length), new Float64Array(world.relays.length)];
    for (let round = 0; round < rounds; round += 1) {
      fromTable[market.entries[drawIndex(market.table, draw())!]!]! += 1;
      fromCode[world.byPeer.get(addGuard(NO_GUARDS, index, 0, draw)[0]!.peer)!]! += 1;
    }
    // Two samples of one distribution: the sum is about the number of kinds, give or take five times its own spread.
    let [sum, kinds] = [0, 0];
    fromTable.forEach((count, number) => {
      const both = count + fromCode[number]!;
      if (both === 0) return;
      sum += (count - fromCode[number]!) ** 2 / both;
      kinds += 1;
    });
    expect(sum).toBeLessThan(kinds + 5 * Math.sqrt(2 * kinds));
  });

  test('give a hostile exit behind a hostile entry as often as the choice of a circuit does', () => {
    const hostile = [...market.entries].filter((number) => world.relays[number]!.hostile);
    expect(hostile.length).toBeGreaterThan(10);
    let [expected, met] = [0, 0];
    const rounds = 500;
    for (const number of hostile) {
      const { peer } = world.relays[number]!.facts;
      const guards: GuardSet = [{ peer, addedAt: 0, expiresAt: 1, unlistedSince: undefined }];
      expected += rounds * market.hostileExit[number]!;
      for (let round = 0; round < rounds; round += 1) {
        const circuit = selectCircuit(index, guards, {}, draw);
        if (typeof circuit === 'string') throw new Error(circuit);
        if (world.relays[world.byPeer.get(circuit.exit.peer)!]!.hostile) met += 1;
      }
    }
    expect(Math.abs(met - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});

test('clients in flat arrays meet as many hostile entries as clients that run the code itself', () => {
  const clients = 1000;
  const days = 100;
  // The directory of the first day throughout, so that what is compared is guards and not directories.
  const world = createWorld({ ...SMALL, days }, drawsOf(12));
  const market = createMarket(world, world.directoryOn(0));
  const flat = runClients(
    world,
    () => market,
    OUR_GUARDS,
    { clients: 10 * clients, days, circuitsPerDay: 8 },
    drawsOf(13),
  );
  const draw = drawsOf(14);
  const sets: GuardSet[] = Array.from({ length: clients }, () => NO_GUARDS);
  const metEntry = new Set<number>();
  const metBoth = new Set<number>();
  const hostile = (peer: string): boolean => world.relays[world.byPeer.get(peer)!]!.hostile;
  const shares: [number, number][] = [];
  for (let day = 0; day < days; day += 1) {
    const there = (peer: string): boolean => world.relays[world.byPeer.get(peer)!]!.leftDay > day;
    const relays = new Map([...market.index.relays].filter(([peer]) => there(peer)));
    const index = { ...market.index, relays, entries: market.index.entries.filter(({ peer }) => there(peer)) };
    const down = new Set([...relays.keys()].filter((peer) => !hostile(peer) && draw() < DOWN_PER_DAY));
    const fits = ({ peer }: { peer: string }): boolean => !down.has(peer);
    sets.forEach((before, client) => {
      let set = tendGuards(before, index, day * DAY, draw);
      if (!set.some(({ peer }) => relays.has(peer) && !down.has(peer)))
        set = addGuard(set, index, day * DAY, draw, fits);
      sets[client] = set;
      const used = set.filter(({ peer }) => relays.has(peer) && !down.has(peer)).slice(0, GUARDS_IN_USE);
      if (!used.some(({ peer }) => hostile(peer))) return;
      metEntry.add(client);
      // Exits are those of the first day, down or not, as in the flat arrays: asked of the directory of that day.
      for (let circuit = 0; circuit < 8 && !metBoth.has(client); circuit += 1) {
        const chosen = selectCircuit(market.index, used, {}, draw);
        if (typeof chosen !== 'string' && hostile(chosen.entry.peer) && hostile(chosen.exit.peer)) metBoth.add(client);
      }
    });
    shares.push([metEntry.size / clients, metBoth.size / clients]);
  }
  // Four spreads of a share counted on so many clients.
  const within = 4 * Math.sqrt(0.25 / clients);
  for (const day of [0, 29, 75, days - 1]) {
    expect(Math.abs(flat.metEntry[day]! - shares[day]![0])).toBeLessThan(within);
    expect(Math.abs(flat.metBoth[day]! - shares[day]![1])).toBeLessThan(within);
  }
});

describe('a short simulation', () => {
  const init = { relays: 400, days: 90, hostileShare: 0.1, closedRanks: false, clients: 40_000, seed: 3 };
  const { courses, loads } = runScenario(init);
  const [ours, tor, weighted, uniform] = courses.map(({ metBoth }) => metBoth);

  test('is the same for the same seed', () => {
    const short = { ...init, clients: 500, days: 10 };
    expect(runScenario(short)).toEqual(runScenario(short));
    expect(runScenario({ ...short, seed: 4 }).courses).not.toEqual(runScenario(short).courses);
  });

  test('finds far fewer clients with a hostile circuit after 90 days with guards than without', () => {
    expect(ours!.at(-1)!).toBeLessThan(uniform!.at(-1)! / 2);
    expect(ours!.at(-1)!).toBeLessThan(weighted!.at(-1)! / 2);
    expect(tor!.at(-1)!).toBeLessThan(ours!.at(-1)!);
    expect(TOR_GUARDS.use).toBeLessThan(OUR_GUARDS.use);
  });

  test('finds relays evenly loaded, which uniform choice does not do', () => {
    const [first, last, even] = loads;
    for (const load of [first!, last!]) {
      expect(load.entries).toBeLessThanOrEqual(1.5);
      expect(load.exits).toBeLessThanOrEqual(1.5);
    }
    expect(even!.entries).toBeGreaterThan(2);
    expect(even!.exits).toBeGreaterThan(2);
  });

  test('finds that guards bound hostile relays that keep to themselves', () => {
    const closed = runScenario({ ...init, clients: 5000, closedRanks: true });
    const [guards, , , none] = closed.courses;
    expect(guards!.metBoth.at(-1)).toBe(guards!.metEntry.at(-1));
    expect(guards!.metBoth.at(-1)!).toBeLessThan(none!.metBoth.at(-1)! / 2);
  });

  test('is drawn as it is', () => {
    const svg = plotCourses([{ title: '10 %', courses }]);
    expect(svg.match(/<polyline/g)).toHaveLength(courses.length);
    expect(svg).not.toContain('NaN');
  });
});
