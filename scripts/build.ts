// `npm run build`: both extensions into dist/chrome and dist/firefox, and the size of the worker against its limit.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import webpack from 'webpack';
import configurations from '../webpack.config.ts';

/** The worker, minified and gzipped (issue "A tab goes private", figures): what a browser parses at every wake. */
const WORKER_LIMIT_BYTES = 220_000;

webpack(configurations, (error, stats) => {
  if (error !== null) fail(`the build could not start: ${error.message}`);
  if (stats === undefined) fail('the build gave no result');
  if (stats.hasErrors()) {
    console.error(stats.toString({ preset: 'errors-only', colors: false }));
    fail('the build failed: see the errors above');
  }
  for (const { name = '', output } of configurations) {
    const worker = readFileSync(join(output?.path ?? '', 'worker.js'));
    const size = gzipSync(worker, { level: 9 }).length;
    const line = `dist/${name}: worker ${kilobytes(worker.length)} minified, ${kilobytes(size)} gzipped (limit ${kilobytes(WORKER_LIMIT_BYTES)})`;
    if (size > WORKER_LIMIT_BYTES) fail(`${line}: too large`);
    console.log(line);
  }
});

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function fail(line: string): never {
  console.error(line);
  process.exit(1);
}
