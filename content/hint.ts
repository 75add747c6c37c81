// The hint that a page's own response carries in private tabs (src/core/routing/gpc-rules.ts): all that a script can know in a page's first moment.

import { GPC_HINT } from '../src/core/routing/gpc-rules.ts';

/** `unknown`: the document has no response of its own, or a service worker made it. */
export type Hint = 'private' | 'none' | 'unknown';

export function readHint(): Hint {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (entry === undefined || !isOfTheWeb()) return 'unknown';
  // Firefox shows no server timing to insecure pages.
  const timing = (entry.serverTiming as PerformanceNavigationTiming['serverTiming'] | undefined) ?? [];
  if (timing.some(({ name }) => name === GPC_HINT)) return 'private';
  return entry.workerStart > 0 ? 'unknown' : 'none';
}

/** False for about:blank, srcdoc, blob: and data:, which are their maker's documents. */
export function isOfTheWeb(): boolean {
  return /^https?:$/.test(location.protocol);
}
