// Judges a soak by what was sampled and counted. Pure.

import type { Sample } from './samples.ts';

export type Growth = {
  relay: string;
  what: 'rss' | 'inUse' | 'descriptors';
  second: number;
  last: number;
  percent: number;
};

export type Facts = {
  samples: readonly Sample[];
  /** Relays that ran from the start to the end. */
  steady: readonly string[];
  /** Before the first client, and after the last: each relay that runs. */
  before: readonly Sample[];
  after: readonly Sample[];
  /** Transfers whose bytes were changed, or that looked complete and were not. */
  wrong: readonly string[];
  /** Transfers that failed while both of their relays ran. */
  lost: readonly string[];
  /** Operations that ended as they should. */
  whole: number;
};

export type Limits = {
  /** Growth of resident memory, median of the last fifth against that of the second, in percent. */
  memoryPercent: number;
  /** The same of descriptors. The load is drawn anew all the time: their median moves a little without any leak. */
  descriptorsPercent: number;
};

export const LIMITS: Limits = { memoryPercent: 5, descriptorsPercent: 10 };

/** Descriptors that a relay may have after the load and had not before: what Node opens at first use (resolver, random). */
const DESCRIPTORS_KEPT = 4;

export function judge(facts: Facts, limits: Limits = LIMITS): { growth: Growth[]; faults: string[] } {
  const growth = facts.steady.flatMap((relay) =>
    (['rss', 'inUse', 'descriptors'] as const).map((what) => growthOf(facts.samples, relay, what)),
  );
  const faults = [
    ...facts.wrong.map((text) => `bytes lost or changed: ${text}`),
    ...facts.lost.map((text) => `cut without a restart: ${text}`),
  ];
  if (facts.whole === 0) faults.push('nothing was carried');
  for (const { relay, what, percent } of growth) {
    // In use is told and not judged: between two collections of garbage it is anything.
    const most = { rss: limits.memoryPercent, descriptors: limits.descriptorsPercent, inUse: Infinity }[what];
    if (!(percent <= most)) faults.push(`${relay}: ${what} grew by ${percent.toFixed(1)} %, more than ${most} %`);
  }
  faults.push(...leftBehind(facts.before, facts.after));
  return { growth, faults };
}

/** What relays hold after the last client has gone and did not hold before the first. */
export function leftBehind(before: readonly Sample[], after: readonly Sample[]): string[] {
  return after.flatMap(({ relay, tunnels, connections, descriptors }) => {
    const had = before.find((one) => one.relay === relay)?.descriptors ?? NaN;
    return [
      ...(tunnels + connections === 0
        ? []
        : [`${relay}: ${tunnels} tunnels and ${connections} connections are left after the end`]),
      ...(descriptors <= had + DESCRIPTORS_KEPT
        ? []
        : [`${relay}: ${descriptors} descriptors after the end, ${had} before`]),
    ];
  });
}

function growthOf(samples: readonly Sample[], relay: string, what: Growth['what']): Growth {
  const own = samples.filter((one) => one.relay === relay).map((one) => one[what]);
  const fifth = (index: number): number =>
    median(own.slice(Math.floor((own.length * index) / 5), Math.floor((own.length * (index + 1)) / 5)));
  const [second, last] = [fifth(1), fifth(4)];
  return { relay, what, second, last, percent: (last / second - 1) * 100 };
}

/** NaN of nothing, which no limit holds. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
