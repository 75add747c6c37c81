// The run as files: docs/benchmarks.md with its pictures for a whole run, the pictures alone beside the JSON for another.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COURSE_PATH, pathName, PAGE_PATH } from '../conditions/paths.ts';
import type { Series } from '../series.ts';
import { toMarkdown } from './markdown.ts';
import { plotBars } from './plot.ts';
import type { Run } from './run.ts';

const PLOTS = [
  {
    file: 'throughput.svg',
    alt: 'Throughput on loopback, median with least and most, for each peer',
    shows: ({ condition, metric }: Series) =>
      condition === 'loopback' && metric.unit === 'MB/s' && metric.key !== 'forwarded',
  },
  {
    file: 'page.svg',
    alt: 'A page of 60 objects at 25 ms per hop, for each peer',
    shows: ({ condition, metric }: Series) => condition === pathName(PAGE_PATH) && metric.key.includes('load'),
  },
  {
    file: 'course.svg',
    alt: '20 MB at 50 ms per hop: plateau and time until half of it, for each peer',
    shows: ({ condition, metric }: Series) =>
      condition === pathName(COURSE_PATH) && ['plateau', 'half'].includes(metric.key),
  },
];

/** @param folder where pictures go; @param page where they are spoken of, if anywhere */
export async function writeReport(
  run: Run,
  { folder, page }: { folder: string; page: string | undefined },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { file, alt, shows } of PLOTS)
    await writeFile(join(folder, file), plotBars(alt, run.series.filter(shows)));
  if (page === undefined) return;
  const pictures = PLOTS.map(({ file, alt }) => ({ file: `images/bench/${file}`, alt }));
  await writeFile(page, toMarkdown(run, pictures));
}
