// Chooses the steering of the browser that the extension runs in. Must be called in the first tick of the background (Firefox).

import type { RoutingPolicy } from '../core/routing/policy.ts';
import type { Steering } from '../ports/steering.ts';
import { hasProxyListener } from './browser.ts';
import { createChromeSteering } from './steering-chrome.ts';
import { createFirefoxSteering } from './steering-firefox.ts';

/** @param restored the policy of the stored state, for requests that come before the first `apply` */
export function createSteering(restored: () => Promise<RoutingPolicy>): Steering {
  return hasProxyListener() ? createFirefoxSteering(restored) : createChromeSteering();
}
