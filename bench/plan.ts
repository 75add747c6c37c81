// What is measured under which conditions, and how much of it.

import type { PathPlan } from './conditions/slow-path.ts';
import { course } from './work/course.ts';
import { firstByte } from './work/first-byte.ts';
import { page } from './work/page.ts';
import { smallRequests } from './work/small-requests.ts';
import { manyStreams, singleStream } from './work/streams.ts';
import type { Amount, Work } from './work/work.ts';

/** @property path undefined for loopback as it is */
export type Step = { path: PathPlan | undefined; works: Work[] };

/** HOPR's. */
const COURSE_PATH: PathPlan = { delayMs: 50, lossPercent: 0, rateMbit: undefined };
const PAGE_PATH: PathPlan = { delayMs: 25, lossPercent: 0, rateMbit: undefined };

export function createPlan({ quick }: Amount): Step[] {
  const [bytes, rounds] = quick ? [100_000_000, 3] : [300_000_000, 11];
  const loopback = [
    singleStream({ bytes, rounds, direction: 'down' }),
    singleStream({ bytes, rounds, direction: 'up' }),
    ...(quick ? [] : [singleStream({ bytes, rounds, direction: 'forwarded' })]),
    manyStreams({ bytes, rounds, streams: quick ? [64] : [8, 64] }),
    firstByte({ rounds: quick ? 5 : 21 }),
    smallRequests({ rounds: quick ? 2 : 7, seconds: quick ? 1 : 3 }),
    page({ rounds: quick ? 1 : 5 }),
  ];
  return [
    { path: undefined, works: loopback },
    { path: PAGE_PATH, works: [firstByte({ rounds: quick ? 2 : 5 }), page({ rounds: quick ? 1 : 7 })] },
    { path: COURSE_PATH, works: [course({ rounds: quick ? 2 : 7 })] },
    ...(quick ? [] : manyPaths().map((path): Step => ({ path, works: [slowStream(), firstByte({ rounds: 3 })] }))),
  ];
}

/** 20 MB: at 50 ms per hop and 1 % of loss nobody moves more in a minute. */
const slowStream = (): Work => singleStream({ bytes: 20_000_000, rounds: 3, direction: 'down' });

function manyPaths(): PathPlan[] {
  return [25, 50].flatMap((delayMs) =>
    [0, 0.5, 1].flatMap((lossPercent) => [100, undefined].map((rateMbit) => ({ delayMs, lossPercent, rateMbit }))),
  );
}
