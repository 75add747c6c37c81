// The short form of `npm run kills`: a few kills of each kind in one world, with what must hold behind each of them and at the end.

import { expect, test } from 'vitest';
import { runKills } from '../chaos/kills/run.ts';
import { isLong } from '../support/length.ts';

/** The same draws at each commit; `npm run kills` draws others. */
const SEED = Number(process.env['SEED'] ?? 20261128);
const KILLS = 3;

test.runIf(isLong)(
  `no side loses more than an increment by kill -9 of relays, payer and chain (seed ${SEED})`,
  async () => {
    const said: string[] = [];
    const { kills, faults, figures, bytes } = await runKills({
      ...{ seed: SEED, count: KILLS },
      say: (line) => said.push(line),
    });
    expect(faults, said.join('\n')).toEqual([]);
    expect(kills).toBe(KILLS);
    expect(bytes).toBeGreaterThan(0);
    expect(figures.payerOfOneKill).toBeLessThanOrEqual(1);
    expect(figures.relay).toBeLessThanOrEqual(1);
  },
);
