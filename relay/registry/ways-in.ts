// The ways in to an entry for somebody's extension, as text: its own name, at which TLS ends, and its peer id. What is typed or scanned is a multiaddr that libp2p dials as it stands. Used by
// `conet-relay address` and by the status of a running relay.

import { CircuitNameError, formatCircuitName, type CircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { ConfigError } from '../config/load.ts';
import type { RelayConfig } from '../config/schema.ts';
import type { Identity } from '../identity.ts';

/** Of 253 characters the relay's own label has 62. */
function ownName(parts: CircuitName): string {
  try {
    return formatCircuitName(parts);
  } catch (error) {
    if (error instanceof CircuitNameError) throw new ConfigError([`public.zone: ${error.message}`]);
    throw error;
  }
}

/**
 * `/dns4/192-0-2-1.k51….relays.example/tcp/443/tls/ws/p2p/12D3KooW…`, one for each public address, in their order. Throws `ConfigError` where the configuration does not say how others come.
 * @param listened where browsers connect, of a relay that runs: the system may have chosen the port
 */
export function waysIn(
  { entry, public: reached }: Pick<RelayConfig, 'entry' | 'public'>,
  { label, peerId }: Pick<Identity, 'label' | 'peerId'>,
  listened?: { port: number },
): string[] {
  if (entry === undefined) throw new ConfigError(['entry: is missing; only an entry lets people in']);
  if (reached === undefined) throw new ConfigError(['public: is missing; it says how others reach this relay']);
  const { addresses, zone } = reached;
  if (zone === undefined) throw new ConfigError(['public.zone: is missing; browsers get here by a name in it']);
  const port = reached.tunnelPort ?? listened?.port ?? entry.tunnels[0].port;
  if (port === 0) throw new ConfigError(['public.tunnelPort: is missing, and the system chooses the port']);
  return addresses.map((address) => {
    const name = ownName({ address, peer: label, zone });
    return `/${address.includes(':') ? 'dns6' : 'dns4'}/${name}/tcp/${port}/tls/ws/p2p/${peerId.toString()}`;
  });
}
