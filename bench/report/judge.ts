// The figures that must be reached, read from what one run measured. One whose peer is not in the run is not said at all.

import { COURSE_PATH, PAGE_PATH, pathName } from '../conditions/paths.ts';
import type { Figure } from '../figure.ts';
import { TITLES, type PeerName } from '../peers/peer.ts';
import { differences, hasPeer, ratios, values, type Series } from '../series.ts';
import { median, spread } from '../stats.ts';

type Bound = { atLeast: number } | { atMost: number };
type Reading = { numbers: readonly number[]; digits: number; unit: string; detail: string };
type Rule = {
  name: string;
  key: string;
  condition: string;
  bound: Bound;
  /** Undefined where the peer is missing. */
  read: (series: Series) => Reading | undefined;
};

const LOOPBACK = 'loopback';

const against =
  (peer: PeerName): Rule['read'] =>
  (series) => ({
    ...{ numbers: ratios(series, 'ours', peer), digits: 2, unit: '' },
    detail: `ours ${spreadOf(series, 'ours')}, ${TITLES[peer]} ${spreadOf(series, peer)}`,
  });

const overDirect: Rule['read'] = (series) => ({
  ...{ numbers: differences(series, 'ours', 'direct'), digits: 1, unit: ' ms' },
  detail: `ours ${spreadOf(series, 'ours')}, direct over as many hops ${spreadOf(series, 'direct')}`,
});

const alone =
  (unit: string, digits: number): Rule['read'] =>
  (series) =>
    hasPeer(series)
      ? {
          ...{ numbers: values(series.samples.ours), digits, unit },
          detail: `${TITLES['haproxy-squid']} ${spreadOf(series, 'haproxy-squid')}, direct ${spreadOf(series, 'direct')}`,
        }
      : undefined;

const [at25, at50] = [pathName(PAGE_PATH), pathName(COURSE_PATH)];

const RULES: readonly Rule[] = [
  {
    ...{ name: 'one stream down, against haproxy + squid', key: 'down', condition: LOOPBACK },
    ...{ bound: { atLeast: 0.5 }, read: against('haproxy-squid') },
  },
  {
    ...{ name: 'one stream down, against Tor', key: 'down', condition: LOOPBACK },
    ...{ bound: { atLeast: 15 }, read: against('tor') },
  },
  {
    ...{ name: '64 streams in total, against haproxy + squid', key: 'down-64', condition: LOOPBACK },
    ...{ bound: { atLeast: 0.5 }, read: against('haproxy-squid') },
  },
  {
    ...{ name: `page of 60 objects at ${at25}, against direct over as many hops`, key: 'load', condition: at25 },
    ...{ bound: { atMost: 1.25 }, read: against('direct') },
  },
  {
    ...{ name: `page of 60 objects at ${at25}, against Tor`, key: 'load', condition: at25 },
    ...{ bound: { atMost: 0.5 }, read: against('tor') },
  },
  {
    ...{ name: `20 MB at ${at50}: plateau`, key: 'plateau', condition: at50 },
    ...{ bound: { atLeast: 10 }, read: alone(' MB/s', 1) },
  },
  {
    ...{ name: `20 MB at ${at50}: time until half of the plateau`, key: 'half', condition: at50 },
    ...{ bound: { atMost: 0.7 }, read: alone(' s', 2) },
  },
  ...[LOOPBACK, at25].map((condition): Rule => ({
    ...{ name: `warm first byte over direct, ${condition}`, key: 'warm', condition },
    ...{ bound: { atMost: 8 }, read: overDirect },
  })),
  {
    ...{ name: 'downloads and uploads lost or changed', key: 'wrong', condition: LOOPBACK },
    ...{ bound: { atMost: 0 }, read: alone('', 0) },
  },
];

/** The median decides, since the machine is shared; for what is counted, every one. */
export function judge(all: readonly Series[]): Figure[] {
  return RULES.flatMap(({ name, key, condition, bound, read }) => {
    const series = all.find((each) => each.metric.key === key && each.condition === condition);
    const reading = series && read(series);
    if (reading === undefined || reading.numbers.length === 0) return [];
    const { numbers, digits, unit, detail } = reading;
    const value = key === 'wrong' ? Math.max(...numbers) : median(numbers);
    const must = 'atLeast' in bound ? `>= ${bound.atLeast}${unit}` : `<= ${bound.atMost}${unit}`;
    const reached = 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
    return [
      {
        name,
        must,
        measured: `${spread(numbers, digits)}${unit}`,
        reached,
        detail: `${detail}; ${numbers.length} rounds`,
      },
    ];
  });
}

function spreadOf({ samples, metric }: Series, peer: PeerName): string {
  const own = values(samples[peer]);
  return own.length === 0 ? 'not measured' : `${spread(own, metric.digits)} ${metric.unit}`.trim();
}
