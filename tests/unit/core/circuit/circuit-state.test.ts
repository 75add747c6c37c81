// The circuits' life: no order of events puts one into the list without a check, the list holds no pair twice, and waits grow.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { possibleCircuits } from '../../../../src/core/circuit/choose-circuit.ts';
import {
  CIRCUIT_FAILURES,
  CIRCUIT_OFF,
  circuitsChecked,
  circuitsInUse,
  entriesDialled,
  hasSparesApart,
  isApart,
  MAX_CIRCUITS,
  retryDelay,
  stepCircuit,
  trialOf,
  type CircuitEvent,
  type CircuitState,
} from '../../../../src/core/circuit/circuit-state.ts';
import { CONFLICTS } from '../../../../src/core/state/tab-status.ts';
import { statusWords } from '../../../../src/core/circuit/circuit-advice.ts';
import { say } from '../../../../src/text/translate.ts';
import { createFakeNetwork } from '../../../support/fakes/relays.ts';

const circuits = possibleCircuits((await createFakeNetwork()).records);
const [first, second, third] = circuits;
const names = circuits.map(({ proxyHost }) => proxyHost);

const someHosts = fc.subarray(names);
const events: fc.Arbitrary<CircuitEvent> = fc.oneof(
  fc.constant<CircuitEvent>({ is: 'wanted' }),
  fc.constantFrom(...circuits).map((each): CircuitEvent => ({ is: 'chosen', circuit: each })),
  fc.constant<CircuitEvent>({ is: 'reached', port: 7443 }),
  fc.tuple(fc.nat(), fc.boolean()).map(([now, alone]): CircuitEvent => ({ is: 'checked', roundTripMs: 1, now, alone })),
  fc.constant<CircuitEvent>({ is: 'dropped' }),
  fc
    .tuple(someHosts, someHosts, fc.option(fc.constantFrom(...names), { nil: undefined }), fc.nat())
    .map(([stood, lost, first, now]): CircuitEvent => ({ is: 'answered', stood, lost, first, now })),
  fc.constantFrom(...names).map((host): CircuitEvent => ({ is: 'preferred', host })),
  someHosts.map((hosts): CircuitEvent => ({ is: 'lost', hosts })),
  fc.constantFrom(...CIRCUIT_FAILURES).map((reason): CircuitEvent => ({ is: 'given-up', reason, now: 5 })),
  fc.constant<CircuitEvent>({ is: 'unwanted' }),
);
/** Long enough to fill the list and empty it, whole trials among the loose events. */
const trials = fc
  .constantFrom(...circuits)
  .map((circuit): CircuitEvent[] => [
    { is: 'wanted' },
    { is: 'chosen', circuit },
    { is: 'reached', port: 7443 },
    { is: 'checked', roundTripMs: 1, now: 1, alone: false },
  ]);
const lives = fc
  .array(fc.oneof({ weight: 2, arbitrary: events.map((event) => [event]) }, trials), { maxLength: 30 })
  .map((parts) => parts.flat());

const run = (list: CircuitEvent[]): CircuitState => list.reduce(stepCircuit, CIRCUIT_OFF);
const verified = (circuit: (typeof circuits)[number] | undefined, alone = false): CircuitEvent[] => [
  { is: 'chosen', circuit: circuit! },
  { is: 'reached', port: 7443 },
  { is: 'checked', roundTripMs: 3, now: 9, alone },
];
const listOf = (state: CircuitState): string[] => circuitsInUse(state).map(({ proxyHost }) => proxyHost);

describe('the first circuit', () => {
  test('is wanted, chosen, reached, checked, and only then in use', () => {
    const way: CircuitEvent[] = [{ is: 'wanted' }, ...verified(first)];
    const seen = way.map((_, index) => run(way.slice(0, index + 1)));
    expect(seen.map((state) => [state.at, trialOf(state)?.phase])).toEqual([
      ['connecting', undefined],
      ['connecting', 'reaching'],
      ['connecting', 'checking'],
      ['verified', undefined],
    ]);
    expect(seen.map((state) => circuitsInUse(state).length)).toEqual([0, 0, 0, 1]);
    expect(seen.map((state) => circuitsChecked(state).length)).toEqual([0, 0, 1, 1]);
    expect(seen.map((state) => entriesDialled(state).length)).toEqual([0, 1, 1, 1]);
    expect(run([...way, { is: 'unwanted' }])).toEqual(CIRCUIT_OFF);
  });
});

describe('spares', () => {
  const two = [{ is: 'wanted' } as const, ...verified(first), ...verified(second)];

  test('join behind the one in use, and take its place when it is lost', () => {
    expect(listOf(run(two))).toEqual([names[0], names[1]]);
    expect(listOf(run([...two, { is: 'lost', hosts: [names[0]!] }]))).toEqual([names[1]]);
    expect(listOf(run([...two, { is: 'preferred', host: names[1]! }]))).toEqual([names[1], names[0]]);
    const asked = { is: 'answered', stood: [names[1]!], lost: [names[0]!], first: names[1], now: 77 } as const;
    const after = run([...two, asked]);
    expect(listOf(after)).toEqual([names[1]]);
    expect(after).toMatchObject({ at: 'verified', circuits: [{ verifiedAt: 77 }] });
    expect(run([...two, { ...asked, stood: [], lost: names, first: undefined }])).toMatchObject({ at: 'connecting' });
  });

  test('that are all lost leave nothing in use, and a round to begin', () => {
    const state = run([...two, { is: 'lost', hosts: names }]);
    expect(state).toEqual({ at: 'connecting', trial: undefined, failures: 0 });
  });

  test('make room for a new identity, and for nothing else', () => {
    expect(listOf(run([...two, ...verified(third, true)]))).toEqual([names[2]]);
    expect(listOf(run([...two, ...verified(third)]))).toEqual([names[0], names[1], names[2]]);
  });

  test('by its exit make room for one that shares no relay with it, and for no other; those by its entry stay, behind that one', () => {
    const [apart, other] = circuits.filter((each) => isApart(first!, each));
    const byExit = circuits.find((each) => each !== first && each.exit.peer === first!.exit.peer)!;
    const byEntry = circuits.find((each) => each !== first && each.entry.peer === first!.entry.peer)!;
    const hosts = (...list: (typeof circuits)[number][]): string[] => list.map(({ proxyHost }) => proxyHost);
    const poor = [{ is: 'wanted' } as const, ...verified(first), ...verified(byExit)];
    expect(hasSparesApart(circuitsInUse(run(poor)))).toBe(false);
    expect(listOf(run([...poor, ...verified(byEntry)]))).toEqual(hosts(first!, byExit, byEntry));
    const better = run([...poor, ...verified(byEntry), ...verified(apart)]);
    expect(listOf(better)).toEqual(hosts(first!, apart!, byEntry));
    // The exit of one may be among the relays that end with the circuit in use.
    expect(hasSparesApart(circuitsInUse(better))).toBe(false);
    const best = run([...poor, ...verified(byEntry), ...verified(apart), ...verified(other)]);
    expect(listOf(best)).toEqual(hosts(first!, apart!, other!, byEntry));
    expect(hasSparesApart(circuitsInUse(best))).toBe(true);
  });

  test('are not more than it costs to ask', () => {
    const many = Array.from({ length: MAX_CIRCUITS + 2 }, (_, index) => ({
      ...first!,
      proxyHost: `${index}.test`,
      exit: { ...first!.exit, peer: `peer ${index}` },
    }));
    const state = run([{ is: 'wanted' }, ...many.flatMap((each) => verified(each))]);
    expect(listOf(state)).toHaveLength(MAX_CIRCUITS);
  });

  test('that cannot be had do not end the circuit in use', () => {
    expect(listOf(run([...two, { is: 'given-up', reason: 'too-slow', now: 1 }]))).toEqual([names[0], names[1]]);
    expect(listOf(run([...two, { is: 'wanted' }]))).toEqual([names[0], names[1]]);
  });
});

describe('whatever happens in whatever order', () => {
  test('I5: the list holds only circuits that were chosen, reached and checked, in this order', () => {
    fc.assert(
      fc.property(lives, (list) => {
        let state = CIRCUIT_OFF;
        let trial: { host: string; phase: number } | undefined;
        const proved = new Set<string>();
        for (const event of list) {
          const before = new Set(listOf(state));
          state = stepCircuit(state, event);
          // A model of its own: what the last choice was, and how far it got.
          if (event.is === 'chosen') trial = { host: event.circuit.proxyHost, phase: 1 };
          else if (event.is === 'reached' && trial?.phase === 1) trial.phase = 2;
          else if (event.is === 'checked' && trial?.phase === 2) proved.add(trial.host);
          for (const host of listOf(state)) {
            expect(proved).toContain(host);
            if (!before.has(host)) expect([event.is, trial]).toEqual(['checked', { host, phase: 2 }]);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('the list has no pair of entry and exit twice, is not longer than it may be, and is dialled and asked', () => {
    fc.assert(
      fc.property(lives, (list) => {
        const state = run(list);
        const pairs = circuitsInUse(state).map(({ entry, exit }) => `${entry.peer} ${exit.peer}`);
        expect(new Set(pairs).size).toBe(pairs.length);
        expect(pairs.length).toBeLessThanOrEqual(MAX_CIRCUITS);
        expect(state.at === 'verified').toBe(pairs.length > 0);
        for (const circuit of circuitsInUse(state)) {
          expect(circuitsChecked(state)).toContain(circuit);
          expect(entriesDialled(state)).toContain(circuit.entry.host);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('waits grow after each round that failed, up to five minutes, and failures are forgotten once verified', () => {
  const waits = Array.from({ length: 40 }, (_, failures) => retryDelay(failures));
  expect(waits.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits.at(-1)).toBe(300_000);

  const fail: CircuitEvent[] = [{ is: 'wanted' }, { is: 'given-up', reason: 'offline', now: 0 }];
  expect(run([...fail, ...fail])).toMatchObject({ at: 'failed', failures: 2, retryAt: 10_000 });
  const mended = [...fail, { is: 'wanted' } as const, ...verified(first), { is: 'lost', hosts: names } as const];
  expect(run([...mended, ...fail])).toMatchObject({ failures: 1 });
});

test('every way to be blocked has words and advice of its own', () => {
  const said = [...CIRCUIT_FAILURES, ...CONFLICTS].map((why) => statusWords({ is: 'blocked', why, name: undefined }));
  for (const { sentence, advice } of said) {
    expect(say(sentence)).toMatch(/\.$/);
    expect(advice === undefined ? '' : say(advice)).toMatch(/\.$/);
  }
  expect(new Set(said.map(({ sentence }) => say(sentence))).size).toBe(said.length);
});
