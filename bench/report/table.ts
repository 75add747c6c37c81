// The run as a table for a terminal.

import { formatTable } from '../../devnet/table.ts';
import type { Figure } from '../figure.ts';
import { PEER_NAMES, TITLES, type PeerName } from '../peers/peer.ts';
import { hasPeer, ratios, usageOf, values, type Series } from '../series.ts';
import { spread } from '../stats.ts';

export const HEADER = ['under', 'what', 'through', 'median (least - most)', 'ours / it', 'cores, s', 'peak, MiB'];

/** Rows of all that has a peer; a series without one is not printed. */
export function toRows(series: readonly Series[]): string[][] {
  return series.filter(hasPeer).flatMap((each) =>
    PEER_NAMES.flatMap((peer) => {
      const samples = each.samples[peer];
      return values(samples).length === 0 ? [] : [row(each, peer)];
    }),
  );
}

function row(series: Series, peer: PeerName): string[] {
  const { metric, condition, size, samples } = series;
  const against = peer === 'ours' ? [] : ratios(series, 'ours', peer).filter(Number.isFinite);
  const usage = usageOf(samples[peer]);
  return [
    condition,
    `${metric.title} (${size})`,
    TITLES[peer],
    `${spread(values(samples[peer]), metric.digits)} ${metric.unit}`,
    against.length === 0 ? '' : spread(against, 2),
    usage === undefined ? '' : usage.cpuSeconds.toFixed(2),
    usage === undefined ? '' : usage.peakMiB.toFixed(0),
  ];
}

export const toTable = (series: readonly Series[]): string => formatTable([HEADER, ...toRows(series)]);

export const toJudgement = (figures: readonly Figure[]): string =>
  formatTable([
    ['figure', 'must', 'measured', 'reached'],
    ...figures.map(({ name, must, measured, reached }) => [name, must, measured, reached ? 'yes' : 'NO']),
  ]);
