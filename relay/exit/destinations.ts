// Opens a connection to a destination: policy on port and name, resolve, policy on every address, dial one of those that passed.
// The only way from a request to the network.

import type { Socket } from 'node:net';
import { connect } from './connect.ts';
import type { DestinationPolicy } from './destination-policy.ts';
import { ExitError } from './exit-error.ts';
import type { Resolve } from './resolve.ts';
import type { Destination } from './target.ts';

/** Throws `ExitError`, or the signal's reason. */
export type OpenDestination = (destination: Destination, signal: AbortSignal) => Promise<Socket>;

export function createOpenDestination(
  policy: DestinationPolicy,
  resolve: Resolve,
  source: string | undefined,
): OpenDestination {
  return async ({ host, port }, signal) => {
    if (!policy.mayUsePort(port)) throw new ExitError('port-refused');
    if (host.kind === 'name' && !policy.mayUseName(host.name)) throw new ExitError('name-refused');
    const found = host.kind === 'address' ? [host.address] : await resolve(host.name, signal);
    const addresses = found.filter((address) => policy.mayUseAddress(address));
    if (addresses.length === 0) throw new ExitError('address-refused');
    return connect({ addresses, port, source, signal });
  };
}
