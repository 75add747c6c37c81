// `npm run leak`: the leak tests, in network namespaces of their own. Needs root and iproute2; without them it says so and, where
// CI is set, fails.
//
//   npm run leak -- [--short|--soak] [--seed N] [--browser chromium|firefox] [--only vectors|faults]...

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CABLE, LOCAL_BLOCKS, RESOLVER, SERVER_ADDRESSES, SITE_BLOCKS } from '../devnet/laboratory/plan.ts';
import { createLifeline } from '../devnet/lifeline.ts';
import { createNamespaces } from './leak/namespaces.ts';

const ROOT = join(import.meta.dirname, '..');
const BROWSERS = ['chromium', 'firefox'];
const TOOLS = [
  ['ip', '-V'],
  ['tcpdump', '--version'],
] as const;
/** A seed is printed and typed again: short. */
const SEEDS = 1_000_000;

const { values } = parseArgs({
  options: {
    soak: { type: 'boolean', default: false },
    /** What `npm test` has time for. */
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Math.floor(Math.random() * SEEDS)) },
    browser: { type: 'string' },
    /** Parts of the files' names; may be said several times. */
    only: { type: 'string', multiple: true, default: [] },
    /** Where vitest writes its report; for `npm test`. */
    report: { type: 'string' },
  },
});
const { seed, browser, soak, short, only, report } = values;
if (!/^\d+$/.test(seed) || (browser !== undefined && !BROWSERS.includes(browser))) {
  console.error(`leak: --seed is a number, --browser one of ${BROWSERS.join(', ')}`);
  process.exit(2);
}

const missing = whatIsMissing();
if (missing !== undefined) {
  console.log(`leak: not run: ${missing}`);
  process.exit(process.env['CI'] ? 1 : 0);
}
process.exit(await run());

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'it needs root for network namespaces';
  const absent = TOOLS.find(([tool, flag]) => !works(tool, flag));
  return absent && `${absent[0]} is not installed (packages iproute2 and tcpdump)`;
}

function works(tool: string, flag: string): boolean {
  try {
    execFileSync(tool, [flag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function run(): Promise<number> {
  const lifeline = createLifeline();
  try {
    const folder = mkdtempSync(join(tmpdir(), 'conet-leak-'));
    lifeline.holdFolder(folder);
    const namespaces = createNamespaces({
      ...{ tag: String(process.pid), lifeline, cable: CABLE, resolver: RESOLVER },
      ...{ addresses: SERVER_ADDRESSES, blocks: [...SITE_BLOCKS, ...LOCAL_BLOCKS] },
    });
    console.log(`leak: seed ${seed}`);
    const options = {
      ...{ serverNamespace: namespaces.server, folder, seed: Number(seed), soak, short },
      browsers: browser === undefined ? BROWSERS : [browser],
    };
    const reporters = ['--reporter=default', ...(report ? ['--reporter=json', `--outputFile.json=${report}`] : [])];
    const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'leak', ...reporters];
    const words = ['netns', 'exec', namespaces.client, process.execPath, ...vitest, ...only];
    return await execute('ip', words, { CONET_LEAK: JSON.stringify(options) });
  } finally {
    await lifeline.close();
  }
}

function execute(command: string, words: string[], env: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
    // Ctrl-C reaches the tests as well; this process stays until they have cleaned up.
    process.on('SIGINT', () => undefined);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
