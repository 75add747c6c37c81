// What a run measured, and what may be said of it: pure.

import type { PeerName } from './peers/peer.ts';
import { median } from './stats.ts';
import type { Usage } from './usage.ts';
import type { Metric } from './work/work.ts';

export type Sample = { value: number; usage: readonly Usage[] };

/** One metric under one condition: the samples of each peer, those of one round at the same index. */
export type Series = {
  metric: Metric;
  condition: string;
  size: string;
  /** A failed one is null, as JSON has it: its pair is left out. */
  samples: Partial<Record<PeerName, (Sample | null)[]>>;
};

export const values = (samples: readonly (Sample | null)[] = []): number[] =>
  samples.flatMap((sample) => (sample === null ? [] : [sample.value]));

/** `ours / theirs` of each round that has both. */
export function ratios({ samples }: Pick<Series, 'samples'>, ours: PeerName, theirs: PeerName): number[] {
  return pairs(samples, ours, theirs).map(([a, b]) => a / b);
}

/** `ours - theirs` of each round that has both. */
export function differences({ samples }: Pick<Series, 'samples'>, ours: PeerName, theirs: PeerName): number[] {
  return pairs(samples, ours, theirs).map(([a, b]) => a - b);
}

function pairs(samples: Series['samples'], ours: PeerName, theirs: PeerName): [number, number][] {
  return (samples[ours] ?? []).flatMap((sample, round): [number, number][] => {
    const other = samples[theirs]?.[round];
    return sample === null || other == null ? [] : [[sample.value, other.value]];
  });
}

/** Whether ours stands beside at least one other of the same round: nothing else is printed. */
export function hasPeer(series: Pick<Series, 'samples'>): boolean {
  return (Object.keys(series.samples) as PeerName[]).some(
    (peer) => peer !== 'ours' && ratios(series, 'ours', peer).length > 0,
  );
}

/** Medians over the rounds of a peer's processes added up: seconds of a core, and MiB at the peak of each. */
export function usageOf(samples: readonly (Sample | null)[] = []): { cpuSeconds: number; peakMiB: number } | undefined {
  const known = samples.filter((sample) => sample !== null).filter(({ usage }) => usage.length > 0);
  if (known.length === 0) return undefined;
  const sum = (pick: (usage: Usage) => number): number =>
    median(known.map(({ usage }) => usage.reduce((total, each) => total + pick(each), 0)));
  return { cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds), peakMiB: sum(({ peakMiB }) => peakMiB) };
}
