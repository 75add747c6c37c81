// The verdict of `npm run soak` can fail. A short run of it is tests/long/soak.test.ts.

import { describe, expect, test } from 'vitest';
import type { Sample } from '../../soak/samples.ts';
import { judge, type Facts } from '../../soak/verdict.ts';

describe('the verdict', () => {
  const at = (index: number, more: Partial<Sample> = {}): Sample => ({
    ...{ relay: 'r', at: index, rss: 100e6, inUse: 30e6, descriptors: 50, tunnels: 0, connections: 0 },
    ...{ answerMs: 1, active: 0.1, cpu: 1 },
    ...more,
  });
  const facts = (change: (index: number) => Partial<Sample>, more: Partial<Facts> = {}): Facts => ({
    ...{ samples: Array.from({ length: 50 }, (_, index) => at(index, change(index))), steady: ['r'] },
    ...{ before: [at(0)], after: [at(51)], wrong: [], lost: [], whole: 1 },
    ...more,
  });

  test.each<[string, Facts, RegExp | undefined]>([
    ['flat', facts(() => ({})), undefined],
    ['growth in the warm-up', facts((index) => ({ rss: index < 10 ? 50e6 : 100e6 })), undefined],
    ['4 % more memory', facts((index) => ({ rss: 100e6 + index * 1e5 })), undefined],
    ['20 % more memory', facts((index) => ({ rss: 100e6 + index * 5e5 })), /rss grew/],
    ['descriptors that grow', facts((index) => ({ descriptors: 50 + index })), /descriptors grew/],
    ['a tunnel that is left', facts(() => ({}), { after: [at(51, { tunnels: 1 })] }), /1 tunnels/],
    ['descriptors that are left', facts(() => ({}), { after: [at(51, { descriptors: 60 })] }), /60 descriptors/],
    ['a transfer that was lost', facts(() => ({}), { lost: ['x'] }), /cut without a restart/],
    ['no samples', { ...facts(() => ({})), samples: [] }, /grew by NaN/],
  ])('%s', (_, given, fault) => {
    const { faults } = judge(given);
    if (fault === undefined) expect(faults).toEqual([]);
    else expect(faults.join('\n')).toMatch(fault);
  });
});
