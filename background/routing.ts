// Puts the routing policy into force when it changed, and knows whether the browser follows it.
// Nothing else calls Steering.apply.

import { DIRECT_AHEAD_MS, DIRECT_RENEW_MS } from '../src/core/circuit/durations.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import type { Conflict, Hold } from '../src/core/state/tab-status.ts';
import type { Clock, Neighbours, Nudges } from '../src/ports/host.ts';
import { SteeringError, type ProxyControl, type Steering } from '../src/ports/steering.ts';
import type { Words } from '../src/ports/words.ts';

export type Routing = {
  /** How long D may stand, as of the policy in force. */
  directUntil: () => number;
  apply: (policy: RoutingPolicy) => Promise<void>;
  hold: () => Hold;
  /** The browser says who holds the proxy now. True when that is news: the next policy is then applied whatever it is. */
  controlChanged: (control: ProxyControl) => boolean;
  /** A setting that keeps what passes the proxy by is not as it must be. True when that is to be looked at: the next policy is then applied whatever it is. */
  guardLost: () => boolean;
};

export type RoutingDeps = {
  steering: Steering;
  neighbours: Neighbours;
  /** For the names of several that may be in the way. */
  words: Pick<Words, 'anyOf'>;
  clock: Clock;
  nudges: Nudges;
  report: (error: unknown) => void;
};

export function createRouting({ steering, neighbours, words, clock, nudges, report }: RoutingDeps): Routing {
  let inForce: RoutingPolicy | undefined;
  let hold: Hold = { is: 'pending' };
  let holder: ProxyControl['holder'] | undefined;
  let refused: Conflict = 'steering-failed';
  /** Who was in the way of the policy that was refused, as far as the steering saw it. */
  let inTheWay: ProxyControl | undefined;

  return {
    directUntil: () => {
      const now = clock.now();
      const standing = inForce?.byTab === true ? inForce.directUntil : 0;
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
          inTheWay = error instanceof SteeringError ? error.control : undefined;
          report(error);
        }
      }
      if (policy.byTab) nudges.at('renew-direct', policy.directUntil - DIRECT_RENEW_MS);
      else nudges.cancel('renew-direct');
      // The holder matters more than the failure: a conflict has a name and advice.
      const control = policy.active ? await readControl(steering, report) : undefined;
      holder = control?.holder;
      const told = inForce === undefined && control?.holder === 'free' ? (inTheWay ?? control) : control;
      const known = toHold(policy, told, inForce === undefined ? refused : undefined, words);
      hold = await named(known, { neighbours, words, report });
    },

    hold: () => hold,

    controlChanged: (control) => {
      // Setting the proxy ourselves is reported too.
      if (holder === undefined || control.holder === holder) return false;
      inForce = undefined;
      hold = { is: 'pending' };
      return true;
    },

    guardLost: () => {
      // Given back it is not as it must be either: then it can be had again.
      if (inForce?.active !== true) return hold.is === 'lost';
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
function toHold(
  policy: RoutingPolicy,
  control: ProxyControl | undefined,
  refused: Conflict | undefined,
  words: RoutingDeps['words'],
): Hold {
  if (!policy.active) return refused === undefined ? { is: 'pending' } : lost(refused);
  switch (control?.holder) {
    case 'ours':
      return refused === undefined ? { is: 'held' } : lost(refused);
    case 'other-extension':
      return lost('other-extension', control.name);
    case 'rival':
      return {
        ...lost('rival', words.anyOf(control.rivals.map(({ name }) => name))),
        rivals: control.rivals,
      };
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

type NamedDeps = Pick<RoutingDeps, 'neighbours' | 'words' | 'report'>;

/** What an extension must be allowed to be the one in the way. */
const HELD_BY: Partial<Record<Conflict, 'proxy' | 'privacy'>> = {
  'other-extension': 'proxy',
  'privacy-setting': 'privacy',
};

/** With the names of those that may be in the way, where the person lets them be read. */
async function named(hold: Hold, { neighbours, words, report }: NamedDeps): Promise<Hold> {
  if (hold.is !== 'lost' || hold.name !== undefined) return hold;
  const permission = HELD_BY[hold.why];
  if (permission === undefined) return hold;
  try {
    const holders = await neighbours.withPermission(permission);
    if (holders === undefined || holders.length === 0) return hold;
    return { ...hold, name: words.anyOf(holders.map(({ name }) => name)) };
  } catch (error) {
    report(error);
    return hold;
  }
}

function lost(why: Conflict, name?: string): Hold & { is: 'lost' } {
  return { is: 'lost', why, name };
}

/** Policies are plain values in a fixed order (derive-policy.ts). */
function isSame(a: RoutingPolicy, b: RoutingPolicy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
