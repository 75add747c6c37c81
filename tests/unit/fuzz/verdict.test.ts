// What a fuzzing is judged by: each fault is told, and a run without one is clean.

import { expect, test } from 'vitest';
import type { Sample } from '../../soak/samples.ts';
import { judgeFuzz, type FuzzFacts, type RelayWords } from '../../fuzz/verdict.ts';

const MB = 1e6;

function sampleOf(parts: Partial<Sample> = {}): Sample {
  const none = { at: 0, answerMs: 1, inUse: 1, tunnels: 0, connections: 0, active: 0, cpu: 0 };
  return { relay: 'entry', rss: 200 * MB, descriptors: 30, ...none, ...parts };
}

function words(parts: Partial<RelayWords> = {}): RelayWords {
  return { name: 'entry', lines: [], output: '', hasEnded: false, ...parts };
}

function facts(parts: Partial<FuzzFacts> = {}): FuzzFacts {
  const done = [{ surface: 'a', quota: 100, sent: 100, next: 5, broken: 0, answered: { '400': 100 } }];
  return {
    ...{ relays: [words()], done, before: [sampleOf()], after: [sampleOf()], internal: 0 },
    ...{ p99: { valid: 10, fuzzed: 19 }, failures: [] },
    ...parts,
  };
}

test('a run in which everything held has no faults', () => {
  const lines = [{ level: 'info', event: 'tunnel-refused', code: 'not-tls' }];
  const output = `${JSON.stringify(lines[0])}\n`;
  expect(judgeFuzz(facts({ relays: [words({ lines, output })] }))).toEqual([]);
});

test.each<[string, Partial<FuzzFacts>, string]>([
  ['an end', { relays: [words({ hasEnded: true })] }, 'entry has ended'],
  ['an error in the log', { relays: [words({ lines: [{ level: 'error', event: 'relay-fault' }] })] }, 'relay-fault'],
  [
    'a refusal without a code',
    { relays: [words({ lines: [{ level: 'info', event: 'tunnel-refused', code: 'other' }] })] },
    'other',
  ],
  ['a warning of Node', { relays: [words({ output: '(node:1) MaxListenersExceededWarning\n' })] }, 'MaxListeners'],
  ['memory', { after: [sampleOf({ rss: 401 * MB })] }, 'more than 200 MB apart'],
  ['a tunnel that stays', { after: [sampleOf({ tunnels: 1 })] }, '1 tunnels'],
  ['descriptors that stay', { after: [sampleOf({ descriptors: 40 })] }, '40 descriptors'],
  ['a fault of the exit', { internal: 1 }, 'a fault of its own'],
  ['a slower service', { p99: { valid: 10, fuzzed: 21 } }, 'more than 2 times'],
  ['nobody served', { p99: { valid: NaN, fuzzed: NaN } }, 'p99'],
  ['a failed request', { failures: ['closed'] }, 'closed'],
  [
    'inputs that were not let in',
    { done: [{ surface: 'a', quota: 100, sent: 90, next: 5, broken: 9, answered: {} }] },
    '90 of 100',
  ],
  [
    'answers of 500',
    { done: [{ surface: 'a', quota: 1, sent: 1, next: 1, broken: 0, answered: { '500': 1 } }] },
    'answers of 500',
  ],
])('%s is a fault', (_, parts, text) => {
  const faults = judgeFuzz(facts(parts));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(text);
});
