// `npm run contracts`: checks contracts/: forge's unit, fuzz and invariant tests, gas and layout.
//
//   npm run contracts                     as `npm test` does: the same cases each time, 42,000 calls of the invariants
//   npm run contracts:full -- [--seed N]  2,040,000 calls, other cases each time; N is printed
//   npm run contracts -- --write          writes the gas snapshot and the layout anew

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { foundryBinary } from '../devnet/chain/foundry.ts';
import { messageOf } from '../devnet/errors.ts';

const ROOT = join(import.meta.dirname, '..');
const GAS = 'contracts/.gas-snapshot';
/** Fuzz and invariant tests use other gas with each seed; the rest is the same to the unit, but for a change of the compiler's mind. */
const FIXED_GAS = ['--no-match-test', '^(testFuzz|invariant)_'];
const GAS_TOLERANCE_PERCENT = '2';
const LAYOUT = ['fmt', 'contracts/src', 'contracts/test'];
/** A seed is printed and typed again: short. */
const SEEDS = 1_000_000;

const Suites = v.record(
  v.string(),
  v.object({
    test_results: v.record(
      v.string(),
      v.object({ status: v.string(), reason: v.nullable(v.string()), counterexample: v.unknown() }),
    ),
  }),
);

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(randomInt(SEEDS)) },
    /** Where the numbers are written; for `npm test`. */
    report: { type: 'string' },
  },
});
const { full, write, seed, report } = values;
if (!/^\d+$/.test(seed)) {
  console.error('contracts: --seed is a number');
  process.exit(2);
}

const binary = findForge();

if (write) {
  await forge(LAYOUT);
  process.exit((await forge(['snapshot', '--snap', GAS, ...FIXED_GAS])).code);
}
if (full) console.log(`contracts: seed ${seed}`);
const outcomes = [
  await test(full ? ['--fuzz-seed', `0x${Number(seed).toString(16)}`] : []),
  await check('gas', ['snapshot', '--check', GAS, '--tolerance', GAS_TOLERANCE_PERCENT, ...FIXED_GAS]),
  await check('layout', [...LAYOUT, '--check']),
];
const numPassedTests = outcomes.reduce((sum, { passed }) => sum + passed, 0);
const numFailedTests = outcomes.reduce((sum, { failed }) => sum + failed, 0);
if (report !== undefined) writeFileSync(report, JSON.stringify({ numPassedTests, numFailedTests }));
console.log(`contracts: ${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(numFailedTests > 0 ? 1 : 0);

/** Without it nothing can be said about the contracts, so that is a failure, in one line. */
function findForge(): string {
  try {
    return foundryBinary('forge');
  } catch (error) {
    console.error(`contracts: ${messageOf(error)}`);
    process.exit(1);
  }
}

/** Counts forge's tests one by one. A run that gave none, or died, is one failure. */
async function test(words: string[]): Promise<{ passed: number; failed: number }> {
  const { code, stdout, stderr } = await forge(['test', '--json', ...words]);
  const suites = readSuites(stdout);
  const results = Object.values(suites).flatMap((suite) => Object.entries(suite.test_results));
  const bad = results.filter(([, { status }]) => status !== 'Success');
  for (const [name, { reason, counterexample }] of bad) {
    console.error(`contracts: ${name}: ${reason ?? 'failed'} ${counterexample ? JSON.stringify(counterexample) : ''}`);
  }
  const broken = bad.length === 0 && (code !== 0 || results.length === 0);
  if (broken) console.error(stderr, stdout.slice(0, 4000));
  return { passed: results.length - bad.length, failed: bad.length + (broken ? 1 : 0) };
}

/** A command that counts as one. */
async function check(name: string, words: string[]): Promise<{ passed: number; failed: number }> {
  const { code, stdout, stderr } = await forge(words);
  if (code === 0) return { passed: 1, failed: 0 };
  console.error(`contracts: ${name} differs; if that was meant: npm run contracts -- --write\n${stdout}${stderr}`);
  return { passed: 0, failed: 1 };
}

function readSuites(stdout: string): v.InferOutput<typeof Suites> {
  try {
    return v.parse(Suites, JSON.parse(stdout.slice(stdout.indexOf('{'))));
  } catch {
    return {};
  }
}

function forge(words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(binary, words, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // The compiler is a Node program; it is to run on this very Node.
        PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
        FOUNDRY_CONFIG: 'contracts/foundry.toml',
        FOUNDRY_PROFILE: full ? 'full' : 'default',
        NO_COLOR: '1',
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error) => resolve({ code: 1, stdout, stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}
