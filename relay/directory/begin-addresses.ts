// By which addresses a client that knows no relay begins with this one: what its operator gives to people (docs/protocol/directory.md, 6).

import { formatBeginAddress } from '../../src/core/directory/begin-address.ts';
import { formatCircuitName, type PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { PublicConfig } from '../config/directory.ts';

/** None where the configuration does not say how others reach it. @param port of the entry's tunnels, where the configuration has no other for those outside */
export function beginAddresses(reached: PublicConfig | undefined, peer: PeerLabel, port: number): string[] {
  const { addresses = [], zone, tunnelPort = port } = reached ?? {};
  if (zone === undefined || tunnelPort === 0) return [];
  return addresses.map((address) =>
    formatBeginAddress({ peer, host: formatCircuitName({ address, peer, zone }), port: tunnelPort, address }),
  );
}
