// What a run of faults comes to: counts by kind, what leaked and what did not hold, and the three figures with their limits.

import type { FaultName } from './kinds.ts';
import type { Measured } from './inflict.ts';
import type { Outcome } from './run-fault.ts';

/** What each figure must reach, ms (medians). */
export const LIMITS: Record<keyof Measured, { what: string; must: number }> = {
  workerBack: { what: 'worker killed -> state and badge right again', must: 1000 },
  loadedAgain: { what: 'entry or exit killed -> private tab loads again', must: 3000 },
  deadDelay: { what: 'added delay of a private request while the worker is dead', must: 50 },
};

export type Figure = { what: string; median: number; worst: number; count: number; must: number };

export type Summary = {
  faults: number;
  leaks: number;
  problems: number;
  /** Kinds of direct packets between the moment in which another extension took the proxy and the one in which the rules were closed. */
  unguarded: number;
  kinds: { fault: FaultName; count: number; bad: number; medianMs: number }[];
  figures: Figure[];
};

export function summarize(outcomes: readonly Outcome[]): Summary {
  const names = [...new Set(outcomes.map(({ fault }) => fault))].sort();
  return {
    faults: outcomes.length,
    leaks: outcomes.reduce((sum, { leaks }) => sum + leaks.length, 0),
    problems: outcomes.reduce((sum, { problems }) => sum + problems.length, 0),
    unguarded: outcomes.reduce((sum, { unguarded }) => sum + unguarded.length, 0),
    kinds: names.map((fault) => {
      const own = outcomes.filter((outcome) => outcome.fault === fault);
      const bad = own.filter(({ leaks, problems }) => leaks.length + problems.length > 0).length;
      return { fault, count: own.length, bad, medianMs: median(own.map(({ ms }) => ms)) };
    }),
    figures: (Object.keys(LIMITS) as (keyof Measured)[]).flatMap((name) => {
      const values = outcomes.map(({ measured }) => measured[name]).filter((value) => value !== undefined);
      const { what, must } = LIMITS[name];
      return values.length === 0
        ? []
        : [{ what, median: median(values), worst: Math.max(...values), count: values.length, must }];
    }),
  };
}

/** Lines for a person. */
export function describe(title: string, summary: Summary): string {
  const { faults, leaks, problems, unguarded, kinds, figures } = summary;
  return [
    `${title}: ${faults} faults, ${leaks + unguarded} kinds of direct packets, ${problems} other findings`,
    `  of these before the rules were closed, when another extension had taken the proxy (not asserted): ${unguarded}`,
    ...kinds.map(({ fault, count, bad, medianMs }) => {
      const verdict = bad === 0 ? 'ok' : `${bad} BAD`;
      return `  ${fault.padEnd(24)} ${String(count).padStart(4)}  ${verdict.padEnd(8)} ${medianMs.toFixed(0).padStart(6)} ms`;
    }),
    ...figures.map(
      ({ what, median: middle, worst, count, must }) =>
        `  ${what}: median ${middle.toFixed(0)} ms of ${count} (worst ${worst.toFixed(0)}), must be <= ${must} ms`,
    ),
  ].join('\n');
}

/** The one line that tells how to have a fault again. */
export function describeBad({ fault, seed, leaks, problems }: Outcome, step: number): string {
  return `step ${step}, ${fault} (seed ${seed}): ${[...leaks.slice(0, 5), ...problems].join('; ')}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
