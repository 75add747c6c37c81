// Puts the routing policy into force when it changed, and knows whether the browser follows it.
// Nothing else calls Steering.apply.

import { DIRECT_AHEAD_MS, DIRECT_RENEW_MS } from '../src/core/circuit/durations.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import type { Conflict, Hold } from '../src/core/state/tab-status.ts';
import type { Clock, Nudges } from '../src/ports/host.ts';
import { SteeringError, type ProxyControl, type Steering } from '../src/ports/steering.ts';

export type Routing = {
  /** How long D may stand, as of the policy in force. */
  directUntil: () => number;
  apply: (policy: RoutingPolicy) => Promise<void>;
  hold: () => Hold;
  /** The browser says who holds the proxy now. True when that is news: the next policy is then applied whatever it is. */
  controlChanged: (control: ProxyControl) => boolean;
};

export type RoutingDeps = { steering: Steering; clock: Clock; nudges: Nudges; report: (error: unknown) => void };

export function createRouting({ steering, clock, nudges, report }: RoutingDeps): Routing {
  let inForce: RoutingPolicy | undefined;
  let hold: Hold = { is: 'pending' };
  let holder: ProxyControl['holder'] | undefined;
  let refused: Conflict = 'steering-failed';

  return {
    directUntil: () => {
      const now = clock.now();
      const standing = inForce?.active === true ? inForce.directUntil : 0;
      return standing - now > DIRECT_RENEW_MS ? standing : now + DIRECT_AHEAD_MS;
    },

    apply: async (policy) => {
      if (inForce === undefined || !isSame(inForce, policy)) {
        inForce = undefined;
        try {
          await steering.apply(policy);
          inForce = policy;
        } catch (error) {
          refused =
            error instanceof SteeringError && error.code === 'privacy-setting' ? 'privacy-setting' : 'steering-failed';
          report(error);
        }
      }
      if (policy.active) nudges.at('renew-direct', policy.directUntil - DIRECT_RENEW_MS);
      else nudges.cancel('renew-direct');
      // The holder matters more than the failure: a conflict has a name and advice.
      const control = policy.active ? await readControl(steering, report) : undefined;
      holder = control?.holder;
      hold = toHold(policy, control, inForce === undefined ? refused : undefined);
    },

    hold: () => hold,

    controlChanged: (control) => {
      // Setting the proxy ourselves is reported too.
      if (holder === undefined || control.holder === holder) return false;
      inForce = undefined;
      hold = { is: 'pending' };
      return true;
    },
  };
}

async function readControl(steering: Steering, report: (error: unknown) => void): Promise<ProxyControl | undefined> {
  try {
    return await steering.control();
  } catch (error) {
    report(error);
    return undefined;
  }
}

/** @param refused why the policy is not in force; undefined when it is */
function toHold(policy: RoutingPolicy, control: ProxyControl | undefined, refused: Conflict | undefined): Hold {
  if (!policy.active) return refused === undefined ? { is: 'pending' } : lost(refused);
  switch (control?.holder) {
    case 'ours':
      return refused === undefined ? { is: 'held' } : lost(refused);
    case 'other-extension':
      return lost('other-extension', control.name);
    case 'managed':
      return lost('managed');
    case 'user':
      return lost('user-proxy');
    case 'forbidden':
      return lost('forbidden');
    // Nobody's although it was set: the browser did not take it.
    case 'free':
    case undefined:
      return lost(refused ?? 'steering-failed');
  }
}

function lost(why: Conflict, name?: string): Hold {
  return { is: 'lost', why, name };
}

/** Policies are plain values in a fixed order (derive-policy.ts). */
function isSame(a: RoutingPolicy, b: RoutingPolicy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
