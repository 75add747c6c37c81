// How the browser is made to follow a routing policy. Two adapters: Chrome (PAC, blocking rules) and Firefox (proxy.onRequest).

import type { RoutingPolicy } from '../core/routing/policy.ts';

/** Who decides the browser's proxy. Only under `ours` may a tab be called private. */
export type ProxyControl =
  | { holder: 'ours' }
  /** Nobody's: applying an active policy makes it ours. */
  | { holder: 'free' }
  | { holder: 'other-extension'; name: string | undefined }
  /** Set by an administrator; no extension can change it. */
  | { holder: 'managed' }
  /** The person's own proxy settings: refused rather than replaced. */
  | { holder: 'user' }
  /** The browser withholds the permission (Firefox: "Run in Private Windows"). */
  | { holder: 'forbidden' };

export interface Steering {
  /**
   * Puts a policy into force, and returns when the next request of any tab follows it. Serialised: calls apply in their order.
   * Between two policies nothing is more open than the more open of both. Throws `SteeringError`, after which private tabs are blocked
   * as far as the browser allows.
   */
  apply(policy: RoutingPolicy): Promise<void>;
  control(): Promise<ProxyControl>;
  onControlChanged(listener: (control: ProxyControl) => void): void;
}

export class SteeringError extends Error {
  override readonly name = 'SteeringError';
}
