// `npm test`: every check there is, in the order in which a mistake is cheapest to find. Ends with one line "N passed, N failed".
//
//   npm test                    everything
//   npm test -- unit e2e        only these steps

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { judge, readReport, sum, type Outcome } from './test/outcome.ts';

type Step = { name: string; run: () => Promise<Outcome> };
type Row = Outcome & {
  name: string;
  seconds: number;
  /** Of all processors' time while it ran, other steps of its line and other programs included, 0 to 1: what is not near 1 has room for something beside it. */
  busy: number;
};

/** The same faults at each commit, so that a red check is the commit's; `npm run leak` draws others. */
const FAULTS_SEED = '20261122';

const root = join(import.meta.dirname, '..');
const reports = join(root, 'artifacts', 'test');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

/** One after another; those of one line at once, where each leaves a core to the others and writes what none of them reads. */
const stages: Step[][] = [
  [
    check('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
    check('lint', 'eslint', ['--max-warnings', '0', '.']),
    check('types', 'tsc', ['-p', 'tsconfig.json']),
    check('types of core without DOM', 'tsc', ['-p', 'tsconfig.core.json']),
    check('imports', 'depcruise', [
      ...['--config', '.dependency-cruiser.cjs'],
      ...['background', 'content', 'pages', 'popup', 'src', 'relay', 'devnet', 'bench', 'scripts', 'tests'],
    ]),
    // Beside what lint leaves free: it takes twice as long as all the others, on one core.
    contracts(),
    check('build of the relay', 'tsc', ['-p', 'tsconfig.relay.json']),
    check('build of the extension', 'webpack', ['--config', 'webpack.config.ts']),
  ],
  // Relays wait for one another for nearly half of the time; what waits for nothing has the rest.
  [suite('integration'), suite('unit', { patient: true })],
  [suite('screens'), suite('contract')],
  [suite('e2e')],
  [leak()],
];
const steps = stages.flat();

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}; there are: ${steps.map((step) => step.name).join(', ')}`);
  process.exit(2);
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const isWanted = ({ name }: Step): boolean => wanted.length === 0 || wanted.includes(name);
const rows: Row[] = [];
for (const stage of stages) rows.push(...(await Promise.all(stage.filter(isWanted).map(perform))));

console.log();
for (const { name, passed, failed, seconds, busy } of rows) {
  const counts = `${passed} passed, ${failed} failed,`.padEnd(24);
  const used = `${(busy * 100).toFixed(0).padStart(3)} % busy`;
  console.log(`${name.padEnd(28)} ${counts} ${seconds.toFixed(0).padStart(4)} s, ${used}`);
}
const total = sum(rows);
// Once more at the end: between them and here are thousands of lines, of which a log may keep the last.
for (const failure of total.failures) console.log(`\nFAILED ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

async function perform({ name, run }: Step): Promise<Row> {
  console.log(`\n--- ${name}`);
  const start = performance.now();
  const before = processorTime();
  const outcome = await run();
  const { busy, all } = processorTime();
  const seconds = (performance.now() - start) / 1000;
  return { name, ...outcome, seconds, busy: (busy - before.busy) / (all - before.all) };
}

/** Of all processors since the machine's start, ms. */
function processorTime(): { busy: number; all: number } {
  const sums = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = sums.reduce((sum, each) => sum + each.busy, 0);
  return { busy, all: sums.reduce((sum, each) => sum + each.idle, busy) };
}

/** A command that counts as one check. */
function check(name: string, command: string, words: string[]): Step {
  const run = async (): Promise<Outcome> => {
    const code = await execute(bin(command), words);
    return code === 0
      ? { passed: 1, failed: 0, failures: [] }
      : { passed: 0, failed: 1, failures: [`${name}: ended with ${String(code)}`] };
  };
  return { name, run };
}

/**
 * A vitest project, whose tests count one by one. A run without a test, or that died, counts as one failure.
 * @param options `patient`: runs on what others leave of the processors
 */
function suite(name: string, { patient = false } = {}): Step {
  const run = async (): Promise<Outcome> => {
    const report = join(reports, `${name}.json`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = [bin('vitest'), 'run', '--project', name, ...reporters];
    const [command = '', ...words] = patient ? ['nice', '-n', '10', ...vitest] : vitest;
    const code = await execute(command, words);
    return judge(name, code, readReport(report, root));
  };
  return { name, run };
}

/** The Solidity of contracts/, whose tests count one by one. */
function contracts(): Step {
  const run = async (): Promise<Outcome> => {
    const report = join(reports, 'contracts.json');
    const code = await execute(process.execPath, [join(root, 'scripts/contracts.ts'), '--report', report]);
    return judge('contracts', code, readReport(report, root));
  };
  return { name: 'contracts', run };
}

/**
 * The leak tests make their own namespaces, so that both browsers run at once: most of their time is waiting. Where they cannot run and
 * need not, they count as nothing.
 */
function leak(): Step {
  const runIn = async (browser: string): Promise<Outcome> => {
    const report = join(reports, `leak-${browser}.json`);
    const code = await execute(process.execPath, [
      ...[join(root, 'scripts/leak.ts'), '--short', '--browser', browser, '--report', report, '--seed', FAULTS_SEED],
    ]);
    const outcome = readReport(report, root);
    return code === 0 ? outcome : judge(`leak, ${browser}`, code, outcome);
  };
  return {
    name: 'leak',
    run: async () => sum(await Promise.all(['chromium', 'firefox'].map(runIn))),
  };
}

function execute(command: string, words: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
