// Wrong passwords are slowed. A try is written down as failed before it is made, so killing the worker in the middle gains none.
// It is a brake for whoever sits at the machine; whoever takes the vault away meets only its key derivation.

import { asNumber, asObject, ParseError } from '../state/parse.ts';

/** `notBefore`: ms since the epoch, when the next try is allowed. */
export type Attempts = { failures: number; notBefore: number };

export const NO_ATTEMPTS: Attempts = { failures: 0, notBefore: 0 };
/** What a damaged cell reads as: a try, and a long wait after it. Not a lock: the person has to get in. */
export const UNKNOWN_ATTEMPTS: Attempts = { failures: 9, notBefore: 0 };

/** Three slips of a finger cost nothing more than a second each. */
const FREE_FAILURES = 3;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/** How long after so many failures: 1 s for the first three, then 2, 4, 8 s and so on to 15 min. */
export function waitAfter(failures: number): number {
  const doubled = FIRST_WAIT_MS * 2 ** Math.min(Math.max(0, failures - FREE_FAILURES), 20);
  return Math.min(doubled, LONGEST_WAIT_MS);
}

/** When the next try is allowed; undefined: now. A clock that was set back cannot lock the person out for longer than the longest wait. */
export function tryAgainAt({ failures, notBefore }: Attempts, now: number): number | undefined {
  const until = Math.min(notBefore, now + waitAfter(failures));
  return until > now ? until : undefined;
}

/** The state to be stored before the try is made. */
export function noteTry({ failures }: Attempts, now: number): Attempts {
  return { failures: failures + 1, notBefore: now + waitAfter(failures + 1) };
}

/** Throws `ParseError`. */
export function parseAttempts(value: unknown): Attempts {
  const fields = asObject(value);
  const failures = asNumber(fields['failures']);
  if (!Number.isSafeInteger(failures) || failures < 0) throw new ParseError('not a count');
  return { failures, notBefore: asNumber(fields['notBefore']) };
}
