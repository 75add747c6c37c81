// Judges a fuzzing by what relays said, what they took, and how others fared. Pure.

import { REFUSAL_CODES } from '../../relay/entry/refusal.ts';
import type { Sample } from '../soak/samples.ts';
import { leftBehind } from '../soak/verdict.ts';
import type { LogLine } from '../support/relay-process.ts';
import type { Done } from './hands.ts';

export type RelayWords = { name: string; lines: readonly LogLine[]; output: string; hasEnded: boolean };

export type FuzzFacts = {
  relays: readonly RelayWords[];
  done: readonly Done[];
  /** Quiet after valid traffic, and quiet again after the last input: each relay. */
  before: readonly Sample[];
  after: readonly Sample[];
  /** Requests that an exit failed by a fault of its own. */
  internal: number;
  /** Of a small request of somebody else, ms. */
  p99: { valid: number; fuzzed: number };
  failures: readonly string[];
};

export type FuzzLimits = {
  /** Resident memory that a relay may have more after the last input than before the first, bytes. */
  memory: number;
  /** p99 beside the fuzzing, in times of that beside valid traffic. */
  times: number;
};

const MB = 1e6;
/**
 * What a relay keeps whatever comes: V8 collects its old space first at 134 MB (128 MiB, relay/heap-flags.ts), three semi-spaces of 8 MiB beside it; tables at their limits have some 40 MB (16,384
 * sources and as many networks, 20,000 networks of DNS and as many of the broker, 10,000 peers of each payee, 160 compressed pages of 60 KiB).
 */
export const FUZZ_LIMITS: FuzzLimits = { memory: (134 + 26 + 40) * MB, times: 2 };

/** A part of the inputs that a surface may have missed: its last rounds were broken off. */
const MISSED = 0.02;

export function judgeFuzz(facts: FuzzFacts, limits: FuzzLimits = FUZZ_LIMITS): string[] {
  const { p99 } = facts;
  return [
    ...facts.relays.flatMap(wordsAgainst),
    ...memoryAgainst(facts, limits.memory),
    ...leftBehind(facts.before, facts.after),
    ...facts.done.flatMap(missed),
    ...facts.done
      .filter(({ answered }) => answered['500'] !== undefined)
      .map(({ surface, answered }) => `${surface}: ${answered['500']} answers of 500, a fault of the relay`),
    ...(facts.internal > 0 ? [`an exit failed ${facts.internal} requests by a fault of its own`] : []),
    ...facts.failures.map((failure) => `somebody else's request failed: ${failure}`),
    ...(p99.fuzzed <= limits.times * p99.valid
      ? []
      : [`p99 ${p99.fuzzed.toFixed(0)} ms, more than ${limits.times} times ${p99.valid.toFixed(0)} ms`]),
  ];
}

/** Faults in a log: an end, an error, a refusal without a code that the documents have, or words that are no line of the log. */
export function wordsAgainst({ name, lines, output, hasEnded }: RelayWords): string[] {
  const faulty = lines.filter(
    ({ level, event, code, refused }) =>
      ['error', 'fatal'].includes(String(level)) ||
      (event === 'tunnel-refused' && !REFUSAL_CODES.some((known) => known === code)) ||
      refused === 'internal',
  );
  const other = output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return [
    ...(hasEnded ? [`${name} has ended`] : []),
    ...new Set(faulty.map(({ time: _, ...line }) => `${name}: ${JSON.stringify(line)}`)),
    ...new Set(other.map((line) => `${name} said beside its log: ${line}`)),
  ];
}

function memoryAgainst({ before, after }: FuzzFacts, most: number): string[] {
  return after.flatMap(({ relay, rss }) => {
    const had = before.find((one) => one.relay === relay)?.rss ?? NaN;
    const text = `${relay}: ${(had / MB).toFixed(0)} MB before, ${(rss / MB).toFixed(0)} MB after`;
    return rss - had <= most ? [] : [`${text}, more than ${(most / MB).toFixed(0)} MB apart`];
  });
}

function missed({ surface, quota, sent }: Done): string[] {
  return sent >= quota * (1 - MISSED) ? [] : [`${surface}: ${sent} of ${quota} inputs, since nobody let it in`];
}
