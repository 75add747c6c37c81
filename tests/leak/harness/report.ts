// The result of the vectors as a table, for the test's output, and as JSON in artifacts/leak, from which docs/leak-report.md is written.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserName } from '../../../devnet/browsers/driven-browser.ts';
import { SYSTEM_HOSTS } from './system-hosts.ts';

export type Row = {
  browser: BrowserName;
  vector: string;
  phase: 'new' | 'normal';
  result: 'pass' | 'leak' | 'broken' | 'not applicable';
  /** Of `broken` and `not applicable`. */
  why: string;
  /** What leaked. */
  packets: string[];
  /** The site was reached, through an exit. Otherwise it was blocked, or is nothing that a proxy carries. */
  arrived: boolean;
};

export type Run = {
  browser: BrowserName;
  version: string;
  rows: readonly Row[];
  /** What no vector is known for. */
  strangers: readonly string[];
};

const FOLDER = join(import.meta.dirname, '../../../artifacts/leak');

export function report(run: Run): void {
  mkdirSync(FOLDER, { recursive: true });
  const system = SYSTEM_HOSTS[run.browser].map(({ host, what }) => `${host} (${run.browser}): ${what}`);
  const record = { ...run, at: new Date().toISOString(), system };
  writeFileSync(join(FOLDER, `vectors-${run.browser}.json`), `${JSON.stringify(record, undefined, 1)}\n`);
  console.log(table(run.browser, run.rows));
}

function table(browser: string, rows: readonly Row[]): string {
  const lines = [...new Set(rows.map(({ vector }) => vector))].map((vector) => {
    const cells = (['new', 'normal'] as const).map((phase) => {
      const row = rows.find((each) => each.vector === vector && each.phase === phase);
      if (row === undefined) return '';
      const how = row.result === 'pass' ? (row.arrived ? 'pass (exit)' : 'pass (blocked)') : row.result;
      return `${how}${row.packets.length > 0 ? ` ${row.packets.join('; ')}` : ''}`;
    });
    return `${vector.padEnd(34)} ${(cells[0] ?? '').padEnd(18)} ${cells[1] ?? ''}`;
  });
  const heading = `${browser.padEnd(34)} ${'new host'.padEnd(18)} host of a normal tab`;
  return ['', heading, ...lines, ''].join('\n');
}
