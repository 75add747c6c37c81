// What the bench says of its samples: pairs of one round, and nothing without its peer.

import { describe, expect, test } from 'vitest';
import { COURSE_PATH, PAGE_PATH, pathName } from '../../../bench/conditions/paths.ts';
import { PEER_NAMES, type PeerName } from '../../../bench/peers/peer.ts';
import { judge } from '../../../bench/report/judge.ts';
import { toMarkdown } from '../../../bench/report/markdown.ts';
import { plotBars } from '../../../bench/report/plot.ts';
import { toRows } from '../../../bench/report/table.ts';
import { differences, hasPeer, ratios, usageOf, type Sample, type Series } from '../../../bench/series.ts';
import { parseCpuSeconds } from '../../../bench/usage.ts';
import { readCourse } from '../../../bench/work/course.ts';

const sample = (value: number): Sample => ({ value, usage: [] });

function seriesOf(given: Partial<Record<PeerName, (number | null)[]>>, key = 'down', condition = 'loopback'): Series {
  const samples = Object.fromEntries(
    Object.entries(given).map(([peer, all]) => [peer, all.map((value) => (value === null ? null : sample(value)))]),
  );
  const metric = { key, title: `title of ${key}`, unit: 'MB/s', better: 'more' as const, digits: 0 };
  return { metric, condition, size: '1 MB', samples };
}

describe('ratios', () => {
  test('are taken within a round, not between medians', () => {
    const series = seriesOf({ ours: [10, 100, 20], direct: [20, 400, 10] });
    expect(ratios(series, 'ours', 'direct')).toEqual([0.5, 0.25, 2]);
    expect(differences(series, 'ours', 'direct')).toEqual([-10, -300, 10]);
  });

  test('leave out a round in which either failed', () => {
    const series = seriesOf({ ours: [10, null, 20, 30], direct: [20, 40, null] });
    expect(ratios(series, 'ours', 'direct')).toEqual([0.5]);
  });

  test('of a peer that was not there are none', () => {
    expect(ratios(seriesOf({ ours: [1] }), 'ours', 'tor')).toEqual([]);
  });
});

describe('a result without its peer', () => {
  const alone = [
    seriesOf({ ours: [1, 2] }),
    seriesOf({ squid: [1], direct: [1] }),
    seriesOf({ ours: [null, 1], direct: [1, null] }),
  ];

  test('is in no table, picture or page', () => {
    expect(alone.map(hasPeer)).toEqual([false, false, false]);
    expect(toRows(alone)).toEqual([]);
    expect(plotBars('title', alone)).not.toContain('title of down');
    const machine = { cpu: 'x', cores: 2, memoryGiB: 1, kernel: '6', node: 'v24' };
    const run = { machine, startedAt: '2026-01-01T00:00:00Z', load: [], quick: false, series: alone };
    expect(toMarkdown(run, [])).not.toContain('title of down');
  });

  test('is not judged, whatever it is', () => {
    const at50 = pathName(COURSE_PATH);
    expect(judge([seriesOf({ ours: [99], direct: [1], squid: [1] })])).toEqual([]);
    expect(judge([seriesOf({ ours: [99] }, 'plateau', at50), seriesOf({ ours: [0] }, 'wrong')])).toEqual([]);
  });
});

describe('the table', () => {
  test('has a row for each peer that was measured, ours without a ratio to itself', () => {
    const rows = toRows([seriesOf({ ours: [10, 30, 20], 'haproxy-squid': [40, 40, 40] })]);
    expect(rows).toEqual([
      ['loopback', 'title of down (1 MB)', 'haproxy + squid', '40 (40 - 40) MB/s', '0.50 (0.25 - 0.75)', '', ''],
      ['loopback', 'title of down (1 MB)', 'ours', '20 (10 - 30) MB/s', '', '', ''],
    ]);
  });

  test('says nothing of nothing lost against nothing lost', () => {
    expect(toRows([seriesOf({ ours: [0], direct: [0] }, 'wrong')])[0]?.[4]).toBe('');
  });
});

describe('the judgement', () => {
  const isReached = (series: Series): boolean[] => judge([series]).map(({ reached }) => reached);

  test('is by the median of pairs', () => {
    expect(isReached(seriesOf({ ours: [49, 51, 52], 'haproxy-squid': [100, 100, 100] }))).toEqual([true]);
    expect(isReached(seriesOf({ ours: [49, 49, 99], 'haproxy-squid': [100, 100, 100] }))).toEqual([false]);
    expect(isReached(seriesOf({ ours: [150], tor: [10] }))).toEqual([true]);
    expect(isReached(seriesOf({ ours: [149], tor: [10] }))).toEqual([false]);
    const at25 = pathName(PAGE_PATH);
    expect(isReached(seriesOf({ ours: [126], direct: [100], tor: [253] }, 'load', at25))).toEqual([false, true]);
    expect(isReached(seriesOf({ ours: [9.1], direct: [1] }, 'warm'))).toEqual([false]);
  });

  test('of what is lost is by the worst round', () => {
    expect(isReached(seriesOf({ ours: [0, 0, 1], direct: [0, 0, 0] }, 'wrong'))).toEqual([false]);
    expect(isReached(seriesOf({ ours: [0, 0, 0], direct: [0, 0, 0] }, 'wrong'))).toEqual([true]);
  });
});

test('the use of a peer is that of its processes added up, at the median round', () => {
  const round = (a: number, b: number): Sample => ({
    value: 1,
    usage: [
      { name: 'a', cpuSeconds: a, peakMiB: 10 },
      { name: 'b', cpuSeconds: b, peakMiB: 20 },
    ],
  });
  expect(usageOf([round(1, 1), null, round(2, 3), round(9, 9)])).toEqual({ cpuSeconds: 5, peakMiB: 30 });
  expect(usageOf([sample(1)])).toBeUndefined();
});

test('cores are read beyond a name with brackets and spaces', () => {
  expect(parseCpuSeconds('7 (a) (b c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0')).toBe(2);
});

describe('the course of a download', () => {
  /** Nothing for half a second, then 2 MB/s for one second, then 10 MB/s for two. */
  const points = Array.from({ length: 350 }, (_, index) => {
    const at = index / 100;
    const bytes = at < 0.5 ? 0 : at < 1.5 ? (at - 0.5) * 2e6 : 2e6 + (at - 1.5) * 10e6;
    return { at, bytes };
  }).filter(({ bytes }) => bytes > 0);

  test('has its plateau, and half of it soon after the step', () => {
    const { plateau, half } = readCourse(points);
    expect(plateau).toBeCloseTo(10, 0);
    expect(half).toBeGreaterThan(1);
    expect(half).toBeLessThan(1.15);
  });

  test('of what came at once is an error or a number, never without end', () => {
    expect(() => readCourse([])).toThrow('nothing came');
    expect(Number.isFinite(readCourse([{ at: 1, bytes: 5 }]).plateau)).toBe(true);
  });
});

test('a picture has every peer by its name', () => {
  const picture = plotBars('t', [seriesOf(Object.fromEntries(PEER_NAMES.map((peer) => [peer, [1, 2, 3]])))]);
  for (const name of ['direct', 'squid', 'haproxy', 'Tor', 'ours']) expect(picture).toContain(name);
});
