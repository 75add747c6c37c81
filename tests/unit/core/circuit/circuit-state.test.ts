// The circuit's life: no order of events makes it verified without a check, and waits grow.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { possibleCircuits } from '../../../../src/core/circuit/choose-circuit.ts';
import {
  CIRCUIT_FAILURES,
  CIRCUIT_OFF,
  circuitDialled,
  circuitInUse,
  retryDelay,
  stepCircuit,
  type CircuitEvent,
  type CircuitState,
} from '../../../../src/core/circuit/circuit-state.ts';
import { CONFLICTS } from '../../../../src/core/state/tab-status.ts';
import { statusWords } from '../../../../src/core/circuit/circuit-advice.ts';
import { createFakeNetwork } from '../../../support/fakes/relays.ts';

const circuits = possibleCircuits((await createFakeNetwork()).records);
const circuit = circuits[0]!;

const events: fc.Arbitrary<CircuitEvent> = fc.oneof(
  fc.constant<CircuitEvent>({ is: 'wanted' }),
  fc.constantFrom(...circuits).map((each): CircuitEvent => ({ is: 'chosen', circuit: each })),
  fc.constant<CircuitEvent>({ is: 'reached' }),
  fc.nat().map((now): CircuitEvent => ({ is: 'checked', roundTripMs: 1, now })),
  fc.constantFrom(...CIRCUIT_FAILURES).map((reason): CircuitEvent => ({ is: 'given-up', reason, now: 5 })),
  fc.constant<CircuitEvent>({ is: 'unwanted' }),
);

const run = (list: CircuitEvent[]): CircuitState => list.reduce(stepCircuit, CIRCUIT_OFF);

describe('the circuit', () => {
  test('goes off -> choosing -> reaching -> checking -> verified -> off', () => {
    const way: CircuitEvent[] = [
      { is: 'wanted' },
      { is: 'chosen', circuit },
      { is: 'reached' },
      { is: 'checked', roundTripMs: 3, now: 9 },
    ];
    const seen = way.map((_, index) => run(way.slice(0, index + 1)));
    expect(seen.map((state) => (state.at === 'connecting' ? state.phase : state.at))).toEqual([
      'choosing',
      'reaching',
      'checking',
      'verified',
    ]);
    expect(seen.at(-1)).toEqual({ at: 'verified', circuit, roundTripMs: 3, verifiedAt: 9 });
    expect(run([...way, { is: 'unwanted' }])).toEqual(CIRCUIT_OFF);
  });

  test('is verified only where that very circuit was chosen, reached and checked, in this order', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (list) => {
        const state = run(list);
        if (state.at !== 'verified') return;
        const since = list.slice(list.findLastIndex((event) => event.is === 'wanted' || event.is === 'unwanted'));
        // The first, as one that comes when there is a circuit already is not followed.
        const chosen = since.findIndex((event) => event.is === 'chosen' && event.circuit === state.circuit);
        const reached = since.findIndex((event, index) => event.is === 'reached' && index > chosen);
        const checked = since.findIndex((event, index) => event.is === 'checked' && index > reached);
        expect(chosen).toBeGreaterThan(0);
        expect(reached).toBeGreaterThan(chosen);
        expect(checked).toBeGreaterThan(reached);
      }),
      { numRuns: 2000 },
    );
  });

  test('is never in use without being dialled', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (list) => {
        const state = run(list);
        const inUse = circuitInUse(state);
        if (inUse !== undefined) expect(circuitDialled(state)).toBe(inUse);
      }),
    );
  });

  test('waits longer after each round that failed, up to five minutes, and forgets failures once verified', () => {
    const waits = Array.from({ length: 40 }, (_, failures) => retryDelay(failures));
    expect(waits.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBe(300_000);

    const fail: CircuitEvent[] = [{ is: 'wanted' }, { is: 'given-up', reason: 'offline', now: 0 }];
    expect(run([...fail, ...fail])).toMatchObject({ at: 'failed', failures: 2, retryAt: 10_000 });
    const mend: CircuitEvent[] = [
      { is: 'wanted' },
      { is: 'chosen', circuit },
      { is: 'reached' },
      { is: 'checked', roundTripMs: 1, now: 0 },
    ];
    expect(run([...fail, ...mend, ...fail])).toMatchObject({ failures: 1 });
  });
});

test('every way to be blocked has words and advice of its own', () => {
  const said = [...CIRCUIT_FAILURES, ...CONFLICTS].map((why) => statusWords({ is: 'blocked', why, name: undefined }));
  for (const { sentence, advice } of said) {
    expect(sentence).toMatch(/\.$/);
    expect(advice).toMatch(/\.$/);
  }
  expect(new Set(said.map(({ sentence }) => sentence)).size).toBe(said.length);
});
