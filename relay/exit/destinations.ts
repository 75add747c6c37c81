// Opens a connection to a destination: block lists and policy on port and name, resolve, the same on every address, dial one of those that passed.
// The only way from a request to the network.

import type { Socket } from 'node:net';
import type { Shortage } from '../operations/pressure.ts';
import type { BlockLists } from './block-lists.ts';
import { connect } from './connect.ts';
import type { DestinationPolicy } from './destination-policy.ts';
import type { DestinationRate } from './destination-rate.ts';
import { ExitError } from './exit-error.ts';
import type { Resolve } from './resolve.ts';
import type { Destination } from './target.ts';

/** Throws `ExitError`, or the signal's reason. */
export type OpenDestination = (destination: Destination, signal: AbortSignal) => Promise<Socket>;

/** What may be another one at the next request. */
export type Abuse = {
  lists: BlockLists;
  rate: DestinationRate;
};

export type OpenDestinationMore = {
  /** Missing: nothing is blocked, and nobody is counted. */
  abuse?: (() => Abuse) | undefined;
  /** Whether the process has room for another connection. Missing: always. */
  shortage?: (() => Shortage | undefined) | undefined;
};

/** @param policy of the time of the request */
export function createOpenDestination(
  policy: DestinationPolicy | (() => DestinationPolicy),
  resolve: Resolve,
  source: string | undefined,
  { abuse, shortage }: OpenDestinationMore = {},
): OpenDestination {
  return async ({ host, port }, signal) => {
    const now = typeof policy === 'function' ? policy() : policy;
    const { lists, rate } = abuse?.() ?? {};
    if (!now.mayUsePort(port)) throw new ExitError('port-refused');
    if (host.kind === 'name') {
      if (!now.mayUseName(host.name)) throw new ExitError('name-refused');
      refuseFor(lists?.reasonOfName(host.name));
    }
    if (shortage?.() !== undefined) throw new ExitError('overloaded');
    const found = host.kind === 'address' ? [host.address] : await resolve(host.name, signal);
    const open = found.filter((address) => now.mayUseAddress(address));
    if (open.length === 0) throw new ExitError('address-refused');
    const reasons = new Map(open.map((address) => [address, lists?.reasonOfAddress(address)]));
    const addresses = open.filter((address) => reasons.get(address) === undefined);
    if (addresses.length === 0) refuseFor(reasons.get(open[0] ?? ''));
    // Counted when it is dialled: the other addresses of a name are not, where the first one answers.
    return connect({ ...{ addresses, port, source, signal }, mayDial: rate && ((address) => rate.take(address)) });
  };
}

function refuseFor(reason: string | undefined): void {
  if (reason !== undefined) throw new ExitError('blocked', { reason });
}
