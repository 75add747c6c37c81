// The worker's own count of what private tabs carry, to hold against the relay's. Not counted yet: nobody is compared.

import type { OwnTotal } from '../../src/core/session/payer-channel.ts';

export type Traffic = {
  /** Of what went to an entry. */
  of: (peer: string) => OwnTotal | undefined;
  bytes: (tab: number) => { tab: bigint | undefined; today: bigint };
};

export function createTraffic(): Traffic {
  return { of: () => undefined, bytes: () => ({ tab: undefined, today: 0n }) };
}
