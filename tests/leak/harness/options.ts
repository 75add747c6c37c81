// How scripts/leak.ts tells the tests, which run in a process below it, what the person asked for.

import type { BrowserName } from '../../../devnet/browsers/driven-browser.ts';

export type LeakOptions = {
  /** Name of the servers' namespace. */
  serverNamespace: string;
  /** Throw-away folder of the run. */
  folder: string;
  browsers: readonly BrowserName[];
  /** What random choices are drawn from; printed, so that a run can be repeated. */
  seed: number;
  /** The long run. */
  soak: boolean;
  /** That of `npm test`. */
  short: boolean;
};

/** Whether what takes half a minute is of this run: of a short one only if it has that browser, in which more can go wrong with it. */
export function isOfRun(inShort: BrowserName): boolean {
  const { browsers, short } = leakOptions();
  return !short || browsers.includes(inShort);
}

/** Set by scripts/leak.ts as JSON. */
const VARIABLE = 'CONET_LEAK';

export function leakOptions(): LeakOptions {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('leak tests need namespaces of their own: npm run leak');
  return JSON.parse(text) as LeakOptions;
}
