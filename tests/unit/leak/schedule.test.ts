// The faults of a run: the same from the same seed, every kind among them, and as many as were asked for.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDraw } from '../../leak/faults/draw.ts';
import { FAULT_NAMES, kindOf } from '../../leak/faults/kinds.ts';
import { COUNT, schedule } from '../../leak/faults/schedule.ts';

const init = fc.record({
  browser: fc.constantFrom('chromium' as const, 'firefox' as const),
  length: fc.constantFrom('short' as const, 'soak' as const),
  count: fc.integer({ min: 40, max: 600 }),
  seed: fc.nat(),
});

describe('a schedule of faults', () => {
  test('is the same for the same seed, and has as many as were asked for', () => {
    fc.assert(
      fc.property(init, (given) => {
        const steps = schedule(given);
        expect(steps).toHaveLength(given.count);
        expect(schedule(given)).toEqual(steps);
      }),
    );
  });

  test('has every cheap kind, and each dear one as often as it says', () => {
    fc.assert(
      fc.property(init, (given) => {
        const steps = schedule(given);
        for (const name of FAULT_NAMES) {
          const { times, only, shortIn = given.browser } = kindOf(name);
          const seen = steps.filter(({ fault }) => fault === name).length;
          const isElsewhere = (only ?? given.browser) !== given.browser;
          if (isElsewhere || (given.length === 'short' && shortIn !== given.browser)) expect(seen).toBe(0);
          else if (times === undefined) expect(seen).toBeGreaterThan(0);
          else if (given.length === 'short') expect(seen).toBe(times.short);
          else expect(seen).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });

  test('of a short run leaves no kind out of both browsers', () => {
    const drawn = (['chromium', 'firefox'] as const).flatMap((browser) =>
      schedule({ browser, count: COUNT.short[browser], length: 'short', seed: 1 }),
    );
    const missing = FAULT_NAMES.filter((name) => !drawn.some(({ fault }) => fault === name));
    expect(missing.filter((name) => kindOf(name).times?.short !== 0)).toEqual([]);
  });

  test('of another seed is another one', () => {
    const given = { browser: 'chromium', length: 'short', count: 50 } as const;
    expect(schedule({ ...given, seed: 1 })).not.toEqual(schedule({ ...given, seed: 2 }));
  });

  test('holds to the faults it is given', () => {
    const steps = schedule({ browser: 'firefox', length: 'short', count: 7, seed: 3, from: ['worker killed'] });
    expect(steps.map(({ fault }) => fault)).toEqual(Array(7).fill('worker killed'));
  });
});

describe('the chance behind it', () => {
  test('draws what a list holds, `undefined` too', () => {
    const draw = createDraw(1);
    expect(Array.from({ length: 20 }, () => draw.from([undefined]))).toEqual(Array(20).fill(undefined));
    expect(() => draw.from([])).toThrow(RangeError);
  });

  test('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.nat(100), (seed, low, span) => {
        const draw = createDraw(seed);
        for (let turn = 0; turn < 50; turn++) {
          expect(draw.number()).toSatisfy((value: number) => value >= 0 && value < 1);
          expect(draw.between(low, low + span)).toSatisfy((value: number) => value >= low && value <= low + span);
          expect(['a', 'b']).toContain(draw.from(['a', 'b']));
        }
      }),
    );
  });
});
