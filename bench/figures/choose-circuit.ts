// A circuit chosen out of 10,000 relays in a browser: the code of the extension as the extension's build makes it, run in a page of its own origin, beside Node in the same run. The worker itself
// chooses out of the short list, some 200 relays (docs/decisions/0035-a-directory-of-its-own.md): this is what it takes to draw that.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import webpack from 'webpack';
import extension from '../../webpack.config.ts';
import type { BrowserName } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import { startBrowser } from '../../devnet/session.ts';
import type { Figure } from '../figure.ts';
import { timeChoices, type Timing } from '../simulate/timing.ts';

const RELAYS = 10_000;
const SEED = 7;
const MUST_MS = 20;
const BROWSERS: BrowserName[] = ['chromium', 'firefox'];

export async function measureChooseCircuit(network: Network): Promise<Figure[]> {
  const program = await bundled();
  const figures: Figure[] = [];
  const node = timeChoices(RELAYS, SEED);
  for (const name of BROWSERS) {
    const browser = await startBrowser(name, network, { headless: true });
    try {
      const text = await browser.asExtension(
        `(() => { ${program}; return JSON.stringify(timing.timeChoices(${RELAYS}, ${SEED})); })()`,
      );
      figures.push(rowOf(name, JSON.parse(String(text)) as Timing, node));
    } finally {
      await browser.close();
    }
  }
  return figures;
}

function rowOf(name: BrowserName, { choice, indexing, firstGuards }: Timing, node: Timing): Figure {
  return {
    name: `choose a circuit out of ${RELAYS} relays, ${name}`,
    must: `<= ${MUST_MS} ms`,
    measured: `${choice.p99.toFixed(2)} ms`,
    reached: choice.p99 <= MUST_MS,
    detail: `p99; median ${choice.median.toFixed(2)}, most ${choice.most.toFixed(2)} ms; index ${indexing.toFixed(0)} ms, guards ${firstGuards.toFixed(1)} ms, once for each directory; Node beside it ${node.choice.median.toFixed(2)} and ${node.choice.p99.toFixed(2)} ms`,
  };
}

async function bundled(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'conet-choose-'));
  try {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    webpack(
      {
        ...extension,
        plugins: [],
        entry: { timing: join(import.meta.dirname, '../simulate/timing.ts') },
        output: { path: folder, library: { name: 'timing', type: 'var' } },
      },
      (error, stats) => {
        if (error !== null) reject(error);
        else if (stats?.hasErrors() === true) reject(new Error(stats.toString({ preset: 'errors-only' })));
        else resolve(undefined);
      },
    );
    await promise;
    return await readFile(join(folder, 'timing.js'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
