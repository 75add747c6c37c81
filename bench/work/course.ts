// 20 MB at 50 ms per hop: how fast it gets and how soon, the set-up of HOPR's own figures (5.7 MB/s and 4.4 s to half of it over two hops). Its delays vary
// around 50 ms, ours do not.

import { SITE_URL } from './streams.ts';
import { curl } from './curl.ts';
import type { Work } from './work.ts';

export const COURSE_BYTES = 20_000_000;

export function course({ rounds }: { rounds: number }): Work {
  return {
    name: 'course',
    metrics: [
      { key: 'plateau', title: 'plateau of one download', unit: 'MB/s', better: 'more', digits: 1 },
      { key: 'half', title: 'time until half of the plateau', unit: 's', better: 'less', digits: 2 },
      { key: 'whole', title: 'all of it, from nothing open', unit: 's', better: 'less', digits: 2 },
    ],
    ...{ rounds, size: `${COURSE_BYTES / 1e6} MB` },
    run: async (peer, lab) => {
      const words = ['--proxytunnel', `${SITE_URL}/bytes?n=${COURSE_BYTES}`];
      const { course: points, transfers } = await curl(peer, lab, { words, read: 'course' });
      if (transfers[0]?.downBytes !== COURSE_BYTES) throw new Error('not all of it came');
      return { ...readCourse(points), whole: transfers[0].total };
    },
  };
}

/** Seconds over which a speed is taken: one round trip of the client's own hop, which has one burst of its window. */
export const WINDOW_S = 0.1;
const STEP_S = 0.025;
/** The share of windows that are slower than the plateau: the fast half of them, less its own peaks. */
const PLATEAU_SHARE = 0.75;

/**
 * @param points bytes so far, at seconds since curl was started
 * `half` is counted from the first byte: what is before it is what `first byte` measures.
 */
export function readCourse(points: readonly { at: number; bytes: number }[]): { plateau: number; half: number } {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing came');
  const bytesAt = (at: number): number => points.findLast((point) => point.at <= at)?.bytes ?? 0;
  const windows: { end: number; speed: number }[] = [];
  for (let end = first.at + WINDOW_S; end <= last.at; end += STEP_S)
    windows.push({ end, speed: (bytesAt(end) - bytesAt(end - WINDOW_S)) / 1e6 / WINDOW_S });
  const sorted = windows.map(({ speed }) => speed).sort((a, b) => a - b);
  const plateau =
    sorted[Math.floor(sorted.length * PLATEAU_SHARE)] ?? last.bytes / 1e6 / (last.at - first.at || WINDOW_S);
  const half = windows.find(({ speed }) => speed >= plateau / 2)?.end ?? last.at;
  return { plateau, half: half - first.at };
}
