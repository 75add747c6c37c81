// How the browser is made to follow a routing policy. Two adapters: Chrome (PAC, blocking rules) and Firefox (proxy.onRequest).

import type { RoutingPolicy } from '../core/routing/policy.ts';
import type { Neighbour } from '../core/state/neighbour.ts';

/** Who decides the browser's proxy. Only under `ours` may a tab be called private. */
export type ProxyControl =
  | { holder: 'ours' }
  /** Nobody's: applying an active policy makes it ours. */
  | { holder: 'free' }
  | { holder: 'other-extension'; name: string | undefined }
  /**
   * Nobody else's yet. Chrome gives the proxy to the extension that was installed last, and tells the others when requests have gone that way
   * already: any of these may take it at any moment, and the person has not said that this is all the same to them.
   */
  | { holder: 'rival'; rivals: Neighbour[] }
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
  /** A setting that holds back what passes the proxy by (WebRTC, prediction) was changed, and is not as it must be: the policy is to be applied again. */
  onGuardLost(listener: () => void): void;
}

export type SteeringErrorCode =
  /** The proxy setting is not ours; `control` says whose it is. */
  | 'conflict'
  /** The policy holds a host, a proxy or a time that no rule can be made of. */
  | 'bad-policy'
  /** WebRTC or prediction could not be held back, so something would leak around the proxy. */
  | 'privacy-setting'
  /** The browser refused a rule or a setting. */
  | 'browser-refused';

export class SteeringError extends Error {
  override readonly name = 'SteeringError';
  readonly code: SteeringErrorCode;
  /** Who holds the proxy, under the code `conflict`. */
  readonly control: ProxyControl | undefined;

  constructor(
    message: string,
    options: { code?: SteeringErrorCode; control?: ProxyControl | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = options.code ?? 'browser-refused';
    this.control = options.control;
  }
}
