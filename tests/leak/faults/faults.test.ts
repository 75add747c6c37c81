// Faults, drawn from a printed seed: some twenty in `npm test`, a thousand in `npm run leak -- --soak`, both browsers together. The wire's
// word over the whole time is that nothing of the private tab left but to an entry; the one exception is printed (`Inflicted.openUntil`).

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe as suite, expect, test } from 'vitest';
import { startHarness, type Harness } from '../harness/harness.ts';
import { leakOptions } from '../harness/options.ts';
import { FAULT_NAMES, type FaultName } from './kinds.ts';
import { describe, describeBad, summarize } from './report.ts';
import { runFault, type Outcome } from './run-fault.ts';
import { COUNT, schedule } from './schedule.ts';
import { Session } from './session.ts';

const ARTIFACTS = new URL('../../../artifacts/leak', import.meta.url).pathname;
/** Bounds a hang. */
const LIMIT_MS = { short: 15 * 60_000, soak: 120 * 60_000 } as const;

const { browsers, seed, soak } = leakOptions();
const length = soak ? 'soak' : 'short';
/** For whoever looks into one: names of faults, and how many. */
const chosen = process.env['CONET_FAULTS']
  ?.split(',')
  .filter((name): name is FaultName => FAULT_NAMES.includes(name as FaultName));

suite.each(browsers)('%s, faults', (name) => {
  const count = Number(process.env['CONET_FAULT_COUNT'] ?? COUNT[length][name]);
  let harness: Harness | undefined;
  let opened: Session | undefined;

  beforeAll(async () => {
    harness = await startHarness();
    opened = await Session.open(harness, name);
    await opened.settle('r0');
  }, 180_000);
  afterAll(async () => {
    await opened?.close();
    await harness?.close();
  }, 60_000);

  test(
    `${count} of them, and no direct packet but before rules can close on a taken proxy`,
    { timeout: LIMIT_MS[length] },
    async () => {
      const steps = schedule({ browser: name, count, length, seed, ...(chosen ? { from: chosen } : {}) });
      console.log(`${name}: ${steps.length} faults from seed ${seed}`);
      const outcomes: Outcome[] = [];
      const session = opened!;
      for (const [index, step] of steps.entries()) {
        const outcome = await runFault(session, step, `r${index + 1}`);
        outcomes.push(outcome);
        const isBad = outcome.leaks.length + outcome.problems.length > 0;
        if (!isBad) continue;
        console.log(`${name}: ${describeBad(outcome, index + 1)}`);
        // What one fault left behind is not to be found again in every one after it.
        await session.startAgain();
        await session.settle(`r${index + 1}again`);
      }
      const summary = summarize(outcomes);
      console.log(`${describe(name, summary)}\n  pages loaded again by hand: ${session.nudges}`);
      await mkdir(ARTIFACTS, { recursive: true });
      await writeFile(
        join(ARTIFACTS, `faults-${name}.json`),
        JSON.stringify({ seed, length, ...summary }, undefined, 2),
      );
      // In words of the error itself: of a run that nobody watched, it is often all there is.
      const textsOf = (kind: 'leaks' | 'problems'): string[] =>
        outcomes.flatMap((outcome) => outcome[kind].map((text) => `${outcome.fault} (seed ${outcome.seed}): ${text}`));
      expect(textsOf('leaks').join('\n')).toBe('');
      expect(textsOf('problems').join('\n')).toBe('');
    },
  );
});
