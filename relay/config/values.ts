// The kinds of values that several sections of the configuration have.

import { multiaddr } from '@multiformats/multiaddr';
import * as v from 'valibot';

export const MAX_PORT = 65_535;

export const PortSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PORT));
export const PathSchema = v.pipe(v.string(), v.nonEmpty('must be a path'));

/** Another relay, by its key. */
export const NeighbourSchema = v.pipe(
  v.string(),
  v.check(isNeighbour, 'must be a multiaddr such as /ip4/192.0.2.1/tcp/7401/p2p/12D3KooW…'),
);

function isNeighbour(text: string): boolean {
  try {
    const [host, port, peer, ...more] = multiaddr(text).getComponents();
    return (
      /^(ip[46]|dns[46]?)$/.test(host?.name ?? '') && port?.name === 'tcp' && peer?.name === 'p2p' && more.length === 0
    );
  } catch {
    return false;
  }
}
