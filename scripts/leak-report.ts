// `npm run docs:leaks`: writes docs/leak-report.md from what the last `npm run leak` left in artifacts/leak. Never written by hand.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FROM = join(ROOT, 'artifacts/leak');
const TO = join(ROOT, 'docs/leak-report.md');

/** As tests/leak/harness/report.ts writes it. */
type Row = {
  browser: string;
  vector: string;
  phase: 'new' | 'normal';
  result: 'pass' | 'leak' | 'broken' | 'not applicable';
  why: string;
  packets: string[];
  arrived: boolean;
};
type Run = { browser: string; version: string; at: string; rows: Row[]; strangers: string[]; system: string[] };

const runs = readRuns();
if (runs.length === 0) {
  console.error('docs:leaks: no run is in artifacts/leak; first: npm run leak');
  process.exit(1);
}
writeFileSync(TO, `${text(runs)}\n`);
execFileSync(join(ROOT, 'node_modules/.bin/prettier'), ['--write', '--log-level', 'warn', TO], { stdio: 'inherit' });
console.log(
  `docs/leak-report.md: ${runs.map(({ browser, rows }) => `${browser} ${count(rows, 'leak')} leaks`).join(', ')}`,
);

function readRuns(): Run[] {
  try {
    const files = readdirSync(FROM).filter((name) => /^vectors-\w+\.json$/.test(name));
    return files.sort().map((name) => JSON.parse(readFileSync(join(FROM, name), 'utf8')) as Run);
  } catch {
    return [];
  }
}

function text(all: readonly Run[]): string {
  const vectors = [...new Set(all.flatMap(({ rows }) => rows.map(({ vector }) => vector)))];
  const heading = all.map(({ browser }) => `${browser}, new host | ${browser}, host of a normal tab`);
  const lines = vectors.map((vector) => {
    const cells = all.flatMap(({ rows }) =>
      (['new', 'normal'] as const).map((phase) =>
        cell(rows.find((row) => row.vector === vector && row.phase === phase)),
      ),
    );
    return `| ${vector} | ${cells.join(' | ')} |`;
  });
  const reasons = all.flatMap(({ browser, rows }) =>
    rows
      .filter(({ result, phase }) => phase === 'new' && (result === 'not applicable' || result === 'broken'))
      .map(({ vector, result, why }) => `- ${browser}, ${vector}: ${result}, ${why}`),
  );
  const leaks = all.flatMap(({ browser, rows, strangers }) => [
    ...rows
      .filter(({ result }) => result === 'leak')
      .map(({ vector, phase, packets }) => `- ${browser}, ${vector} (${phase}): ${packets.join('; ')}`),
    ...strangers.map((packet) => `- ${browser}, of no vector: ${packet}`),
  ]);
  return [
    '# What leaves the machine: vectors, by browser',
    '',
    'Written by `npm run docs:leaks` from a run of `npm run leak`. Each vector is tried without protection first, where it has to be seen on the wire;',
    'then from a private tab, towards a host that nothing else has open, and towards one that a normal tab is on. `exit`: it arrived, through an exit.',
    '`blocked`: nothing left the machine for it. `leak`: a packet did.',
    '',
    ...all.map(
      ({ browser, version, at, rows }) =>
        `- ${browser} ${version}, ${at}: ${count(rows, 'pass')} pass, ${count(rows, 'leak')} leak, ${count(rows, 'broken')} broken`,
    ),
    '',
    `| vector | ${heading.join(' | ')} |`,
    `|---|${all.map(() => '---|---|').join('')}`,
    ...lines,
    '',
    ...section('Leaks', leaks),
    ...section('Not applicable, and broken', reasons),
    ...section(
      "The browsers' own hosts, which are overlooked",
      [...new Set(all.flatMap(({ system }) => system))].map((line) => `- ${line}`),
    ),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}

function cell(row: Row | undefined): string {
  if (row === undefined) return '';
  if (row.result === 'pass') return row.arrived ? 'exit' : 'blocked';
  return row.result === 'not applicable' ? 'n/a' : `**${row.result}**`;
}

function count(rows: readonly Row[], result: Row['result']): number {
  return rows.filter((row) => row.result === result).length;
}
