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

/** Set by scripts/leak.ts as JSON. */
const VARIABLE = 'CONET_LEAK';

export function leakOptions(): LeakOptions {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('leak tests need namespaces of their own: npm run leak');
  return JSON.parse(text) as LeakOptions;
}
