// Both extensions into dist/chrome and dist/firefox, and the sizes of worker, popup and scan page against their limits. Called by scripts/build.ts and scripts/package.ts.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import webpack from 'webpack';
import extension from '../../webpack.config.ts';

/**
 * The popup's first view, minified and gzipped, with the formatter of messages (issue "The product" allows 60): 13.7 kB before the wallet, whose views are a file of their own, 2 kB for the way to them, and
 * half a one for what a person decides about extensions that may take the proxy, and a few words on entries that misled.
 */
const POPUP_LIMIT_BYTES = 40_000;

/** The worker, minified and gzipped (issue "A tab goes private", figures): what a browser parses at every wake. 220 kB was the aim before the worker paid: the rail with ethers'
 * ABI coder brought 40 kB, which run with the first quote only. The directory, opened and chosen from by the client itself, brought 10 kB; what a person may wish of relays 1.5, places to begin that they name 3, and
 * exits for sites 2. Not to wait for a word that is known (src/net/presumed-protocol.ts) costs half a one, and so do the keyword in the address bar and
 * what a tab does being noted at once (docs/decisions/0047). Settings, what is stored and its end, the first run and the debug log cost 2.8 (measured). */
const WORKER_LIMIT_BYTES = 277_000;

/** The page that scans, minified and gzipped: a third of it is the decoder, which nothing else may load, and a quarter the formatter of messages. */
const SCAN_LIMIT_BYTES = 44_000;

/** `sizes`: a line for each file that has a limit. `problem`: why there is nothing to be had, in words. */
export async function build(): Promise<{ sizes: string[]; problem?: string }> {
  let stats: webpack.Stats | undefined;
  try {
    stats = await run();
  } catch (error) {
    return { sizes: [], problem: `the build could not start: ${String(error)}` };
  }
  if (stats === undefined) return { sizes: [], problem: 'the build gave no result' };
  if (stats.hasErrors()) {
    const errors = stats.toString({ preset: 'errors-only', colors: false });
    return { sizes: [], problem: `${errors}\nthe build failed: see the errors above` };
  }
  const sizes: string[] = [];
  const limits = [
    ['worker', 'worker.js', WORKER_LIMIT_BYTES],
    ['popup', 'popup/popup.js', POPUP_LIMIT_BYTES],
    ['scan page', 'pages/scan/scan.js', SCAN_LIMIT_BYTES],
  ] as const;
  for (const [what, file, limit] of limits) {
    const text = readFileSync(join(extension.output?.path ?? '', file));
    const size = gzipSync(text, { level: 9 }).length;
    const line = `${what} ${kilobytes(text.length)} minified, ${kilobytes(size)} gzipped (limit ${kilobytes(limit)})`;
    if (size > limit) return { sizes, problem: `${line}: too large` };
    sizes.push(line);
  }
  return { sizes };
}

function run(): Promise<webpack.Stats | undefined> {
  return new Promise((resolve, reject) => {
    webpack(extension, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
