// Which fault comes when: drawn from a seed, so that a run that failed can be had again. Pure.

import type { BrowserName } from '../../../devnet/browsers/driven-browser.ts';
import { createDraw } from './draw.ts';
import { FAULT_NAMES, kindOf, type FaultName } from './kinds.ts';

export type Step = {
  fault: FaultName;
  /** Seed of what the fault itself leaves to chance. */
  seed: number;
};

export type ScheduleInit = {
  browser: BrowserName;
  count: number;
  length: 'short' | 'soak';
  seed: number;
  /** Faults to choose from; all, unless said. */
  from?: readonly FaultName[];
};

/** In `npm test` every kind in one browser, those that the browser itself decides in both. Firefox takes half as long again for each and for every vector, and both run at once. */
export const COUNT = { short: { chromium: 14, firefox: 8 }, soak: { chromium: 500, firefox: 500 } } as const;
/** `times` of a dear fault are meant for as many faults of one browser. */
const SOAK_COUNT = 500;

/** Every cheap kind of this browser's comes at least once when `count` lets it; dear ones as often as they are said to. */
export function schedule({ browser, count, length, seed, from = FAULT_NAMES }: ScheduleInit): Step[] {
  const draw = createDraw(seed);
  const names = from.filter((name) => {
    const { only = browser, shortIn = browser } = kindOf(name);
    return only === browser && (length === 'soak' || shortIn === browser);
  });
  const dear = names.flatMap((name) => Array.from({ length: timesOf(name, { length, count }) }, () => name));
  const cheap = names.filter((name) => kindOf(name).share !== undefined);
  const chosen = [...dear, ...cheap].slice(0, count);
  const bag = cheap.flatMap((name) => Array.from({ length: kindOf(name).share ?? 0 }, () => name));
  while (chosen.length < count && bag.length > 0) chosen.push(draw.from(bag));
  return shuffled(chosen, draw.number).map((fault) => ({ fault, seed: draw.between(0, 2 ** 32 - 1) }));
}

function timesOf(name: FaultName, run: Pick<ScheduleInit, 'length' | 'count'>): number {
  const { times } = kindOf(name);
  if (times === undefined) return 0;
  if (run.length === 'short') return times.short;
  return Math.ceil((times.soak * run.count) / SOAK_COUNT);
}

/** Fisher and Yates. */
function shuffled<T>(list: readonly T[], number: () => number): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(number() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
