// Does a work through all its peers in turn, round by round.

import { messageOf } from '../devnet/errors.ts';
import type { Lab } from './lab.ts';
import type { Peer } from './peers/peer.ts';
import type { Sample, Series } from './series.ts';
import { withUsage } from './usage.ts';
import type { Work } from './work/work.ts';

/** Every round begins with another peer, so that none always has the machine as the one before it left it. */
export async function measure(work: Work, peers: readonly Peer[], lab: Lab, condition: string): Promise<Series[]> {
  const wanted = peers.filter(({ name }) => work.peers?.includes(name) ?? true);
  const series = work.metrics.map((metric): Series => ({ metric, condition, size: work.size, samples: {} }));
  const { warmUp = 0 } = work;
  for (let round = -warmUp; round < work.rounds; round += 1) {
    for (let turn = 0; turn < wanted.length; turn += 1) {
      const peer = wanted[(warmUp + round + turn) % wanted.length];
      if (peer === undefined) continue;
      const samples = await sampleOnce(work, peer, lab);
      if (round < 0) continue;
      for (const { metric, samples: all } of series) (all[peer.name] ??= [])[round] = samples?.[metric.key] ?? null;
    }
  }
  return series;
}

/** Undefined for a failure, which is said: what fails under loss is a result as well. */
async function sampleOnce(work: Work, peer: Peer, lab: Lab): Promise<Record<string, Sample> | undefined> {
  try {
    const { result, usage } = await withUsage(peer.processes, () => work.run(peer, lab));
    return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, { value, usage }]));
  } catch (error) {
    console.error(`bench: ${work.name} by way of ${peer.title} failed: ${messageOf(error)}`);
    return undefined;
  }
}
