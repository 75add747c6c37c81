// Chooses the steering of the browser that the extension runs in. Must be called in the first tick of the background (Firefox).

import type { Steering } from '../ports/steering.ts';
import { hasProxyListener } from './browser.ts';
import { createChromeSteering } from './steering-chrome.ts';
import { createFirefoxSteering, type FirstAnswers } from './steering-firefox.ts';

/** @param first what requests need that come before the first `apply` (Firefox) */
export function createSteering(first: FirstAnswers): Steering {
  return hasProxyListener() ? createFirefoxSteering(first) : createChromeSteering();
}
