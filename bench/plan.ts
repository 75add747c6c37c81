// What is measured under which conditions, and how much of it.

import { COURSE_PATH, MATRIX, PAGE_PATH, type PathPlan } from './conditions/paths.ts';
import { course } from './work/course.ts';
import { firstByte } from './work/first-byte.ts';
import { integrity } from './work/integrity.ts';
import { page } from './work/page.ts';
import { smallRequests } from './work/small-requests.ts';
import { manyStreams, singleStream, slowStream } from './work/streams.ts';
import type { Amount, Work } from './work/work.ts';

/** @property path undefined for loopback as it is */
export type Step = { path: PathPlan | undefined; works: Work[] };

export function createPlan({ quick }: Amount): Step[] {
  const [bytes, rounds] = quick ? [100_000_000, 3] : [300_000_000, 7];
  const loopback = [
    singleStream({ bytes, rounds, direction: 'down' }),
    singleStream({ bytes, rounds, direction: 'up' }),
    ...(quick ? [] : [singleStream({ bytes, rounds, direction: 'forwarded' })]),
    manyStreams({ bytes, rounds, streams: quick ? [64] : [8, 64] }),
    firstByte({ rounds: quick ? 3 : 15 }),
    smallRequests({ rounds: quick ? 1 : 5, seconds: quick ? 1 : 2 }),
    integrity({ rounds: quick ? 1 : 5, bytes: quick ? 30_000_000 : 100_000_000 }),
    ...(quick ? [] : [page({ rounds: 3 })]),
  ];
  return [
    { path: undefined, works: loopback },
    { path: PAGE_PATH, works: [firstByte({ rounds: quick ? 1 : 3 }), page({ rounds: quick ? 1 : 5 })] },
    { path: COURSE_PATH, works: [course({ rounds: quick ? 1 : 3 })] },
    ...(quick ? [] : MATRIX.map((path): Step => ({ path, works: [slowStream(SLOW_STREAM)] }))),
  ];
}

/** At 50 ms per hop and 1 % of loss nobody moves 20 MB in a minute. */
const SLOW_STREAM = { bytes: 20_000_000, seconds: 5, rounds: 2 };
