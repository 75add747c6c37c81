// Runs in the page's world before any script of the page, in every frame, while some tab is private. It cannot ask anybody without waiting,
// so it looks for the hint that the browser put into the response of private tabs.

import { askForPrivacy, isAsking } from './global-privacy-control.ts';
import { isOfTheWeb, readHint } from './hint.ts';

/** about:blank, srcdoc and blob: documents have no response; they are their maker's. */
function isInherited(): boolean {
  if (isOfTheWeb()) return false;
  return [parent, opener as Window | null].some((maker) => {
    try {
      return maker !== null && maker !== window && isAsking(maker);
    } catch {
      // Of another origin: gpc-late.ts will see to it.
      return false;
    }
  });
}

if (readHint() === 'private' || isInherited()) askForPrivacy();
