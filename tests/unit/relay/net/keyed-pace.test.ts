// Lines of who comes too fast: each key has turns of its own, evenly spaced, in order, and never more than it may have.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyedPace } from '../../../../relay/net/keyed-pace.ts';

const PACE = { perSecond: 10, atOnce: 5, most: 20, keys: 100 };
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

describe('a pace', () => {
  test('some have their turn at once, then one each tenth of a second, and who comes much too fast has none', () => {
    const pace = new KeyedPace(PACE);
    const waits = times(25, () => pace.take('a', 0));
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(waits.slice(5, 20)).toEqual(times(15, (index) => (index + 1) * 100));
    expect(waits.slice(20)).toEqual(times(5, () => undefined));
    // Another one does not wait behind them.
    expect(pace.take('b', 0)).toBe(0);
  });

  test('who was refused lengthens no line', () => {
    const pace = new KeyedPace(PACE);
    for (let made = 0; made < 1000; made += 1) pace.take('a', 0);
    expect(pace.take('a', 100)).toBe(1500);
    expect(pace.take('a', 2100)).toBe(0);
  });

  test('turns come in order, and in no second more than the pace beyond what is had at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 200 }), (gaps) => {
        const pace = new KeyedPace(PACE);
        const turns: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          const wait = pace.take('a', now);
          if (wait === undefined) continue;
          expect(wait).toBeLessThanOrEqual(((PACE.most - PACE.atOnce) * 1000) / PACE.perSecond);
          turns.push(now + wait);
        }
        // Sums of fractions of a line: a millionth of a ms is nothing.
        for (let at = 1; at < turns.length; at += 1) expect(turns[at]! - turns[at - 1]!).toBeGreaterThan(-1e-6);
        const mostInASecond = PACE.atOnce + PACE.perSecond;
        for (let at = mostInASecond; at < turns.length; at += 1)
          expect(turns[at]! - turns[at - mostInASecond]!).toBeGreaterThan(1000 - 1e-6);
      }),
    );
  });

  test('of too many keys the one that came longest ago is forgotten', () => {
    const pace = new KeyedPace({ ...PACE, keys: 2 });
    for (let made = 0; made < 20; made += 1) pace.take('a', 0);
    expect(pace.take('a', 0)).toBeUndefined();
    pace.take('b', 0);
    pace.take('c', 0);
    expect(pace.take('a', 0)).toBe(0);
  });
});
