// The debug log: times, names of events and codes of errors, and nothing else, so that a person can show it to anybody. In memory only. No host, no
// address, no key and no text of anybody gets in: an entry is made of a name of this file and a code of letters. Pure.

import type { Cell } from './cell.ts';
import { asNumber, asObject, asOneOf, asText, ParseError } from './parse.ts';

/** `circuit`, `steering`: what it is now. `tabs`: how many are private. `error`: its code. */
export const LOG_EVENTS = ['started', 'circuit', 'steering', 'tabs', 'error'] as const;
export type LogEvent = (typeof LOG_EVENTS)[number];

/** `at`: ms since the epoch. */
export type LogEntry = { at: number; event: LogEvent; code: string };

/** Some hours of a restless circuit, in 20 kB. */
export const MAX_LOG_ENTRIES = 300;

/** Letters and hyphens, or a small number: no host, address, key or peer id has that form. Underscores as in the browsers' own codes. */
const CODE = /^(?:[a-z][a-z_-]{0,39}|\d{1,4})$/i;
export const REDACTED = 'redacted';

export const logCell: Cell<readonly LogEntry[]> = {
  key: 'log',
  area: 'session',
  version: 1,
  secret: false,
  inPopup: true,
  parse: parseLog,
  missing: [],
  damaged: [],
};

/** The oldest make room. */
export function withEntry(log: readonly LogEntry[], at: number, event: LogEvent, code: string): readonly LogEntry[] {
  return [...log, { at, event, code: CODE.test(code) ? code : REDACTED }].slice(-MAX_LOG_ENTRIES);
}

/** Of an error its code, or else its name: never its text, which may hold anything. */
export function codeOfError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}

/** As it is shown and copied: a line an entry, in UTC. */
export function logText(log: readonly LogEntry[], version: string): string {
  const lines = log.map(({ at, event, code }) => `${new Date(at).toISOString()} ${event} ${code}`);
  return [`CONET ${version}`, ...lines].join('\n');
}

function parseLog(value: unknown): readonly LogEntry[] {
  if (!Array.isArray(value) || value.length > MAX_LOG_ENTRIES) throw new ParseError('not a log');
  return value.map((each) => {
    const fields = asObject(each);
    const code = asText(fields['code']);
    if (!CODE.test(code)) throw new ParseError('not a code');
    return { at: asTime(fields['at']), event: asOneOf(fields['event'], LOG_EVENTS), code };
  });
}

/** What `Date` can write. */
function asTime(value: unknown): number {
  const at = asNumber(value);
  if (Math.abs(at) > 8.64e15) throw new ParseError('no time');
  return at;
}
