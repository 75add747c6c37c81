// What a step of `npm test` came to.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** `failures` has a text for each failed test that a report names. */
export type Outcome = { passed: number; failed: number; failures: string[] };

/** A run that died, or ran no test, is one failure though no test says so. */
export function judge(name: string, code: number, { passed, failed, failures }: Outcome): Outcome {
  if (failed === 0 && code === 0 && passed > 0) return { passed, failed, failures };
  const inAll = Math.max(failed, 1);
  const said = failures.length > 0 ? failures : [`${name}: ended with ${String(code)}, its own words are above`];
  return { passed, failed: inAll, failures: said };
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  const total: Outcome = { passed: 0, failed: 0, failures: [] };
  for (const { passed, failed, failures } of outcomes) {
    total.passed += passed;
    total.failed += failed;
    total.failures.push(...failures);
  }
  return total;
}

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults?: {
    name: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
  }[];
};

/** What vitest's JSON reporter, and scripts/contracts.ts in its manner, wrote; paths are said relative to `root`. */
export function readReport(file: string, root: string): Outcome {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    const failures = (report.testResults ?? []).flatMap(({ name, message = '', assertionResults }) => {
      const path = relative(root, name);
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      // A file that failed without a failed test: its own words, as of a hook.
      if (failed.length === 0) return message === '' ? [] : [`${path}\n${message}`];
      return failed.map(({ fullName, failureMessages = [] }) => `${path} > ${fullName}\n${failureMessages.join('\n')}`);
    });
    return { passed: report.numPassedTests, failed: report.numFailedTests, failures };
  } catch {
    return { passed: 0, failed: 0, failures: [] };
  }
}
