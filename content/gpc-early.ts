// Runs in the page's world before any script of the page, in every frame, while some tab is private. It cannot ask anybody without waiting,
// so it looks for the hint that the browser put into the response of private tabs (src/core/routing/gpc-rules.ts).

import { GPC_HINT } from '../src/core/routing/gpc-rules.ts';
import { askForPrivacy, isAsking } from './global-privacy-control.ts';

function isHinted(): boolean {
  const entries = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  // Firefox shows no server timing to insecure pages.
  return entries.some((entry) =>
    (entry.serverTiming as PerformanceNavigationTiming['serverTiming'] | undefined)?.some(
      ({ name }) => name === GPC_HINT,
    ),
  );
}

/** about:blank, srcdoc and blob: documents have no response; they are their maker's. */
function isInherited(): boolean {
  if (/^https?:$/.test(location.protocol)) return false;
  return [parent, opener as Window | null].some((maker) => {
    try {
      return maker !== null && maker !== window && isAsking(maker);
    } catch {
      // Of another origin: gpc-late.ts will see to it.
      return false;
    }
  });
}

if (isHinted() || isInherited()) askForPrivacy();
