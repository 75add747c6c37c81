// What this relay's entry of the registry says about where it can be reached, made from its configuration. Used by `conet-relay join` and `check`.

import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import {
  encodeRegistryAddresses,
  MAX_ADDRESSES_BYTES,
  type RegistryAddresses,
} from '../../src/core/directory/registry-addresses.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { ConfigError } from '../config/load.ts';
import type { RelayConfig } from '../config/schema.ts';

export type OwnAddresses = RegistryAddresses & {
  /** As they stand in the registry. */
  bytes: Uint8Array;
  /** How many of the configuration's ways found no room. */
  over: number;
};

/**
 * An exit without an entry's role listens nowhere: there is nothing to say of it but that it is there. The registry has room for two ways in by name and a few by address:
 * one of each first, as whoever begins needs one. Throws `ConfigError` for an entry that does not say how others reach it.
 */
export function ownAddresses(config: Pick<RelayConfig, 'entry' | 'public'>, peer: PeerLabel): OwnAddresses {
  const { entry, public: reached } = config;
  if (entry === undefined) return { workers: [], relays: [], bytes: new Uint8Array(), over: 0 };
  if (reached === undefined)
    throw new ConfigError(['public: is missing; the registry tells others how to reach this relay']);
  const { addresses, zone, tunnelPort = entry.tunnels[0].port, libp2pPort = entry.libp2p[0].port } = reached;
  if (zone === undefined) throw new ConfigError(['public.zone: is missing; browsers get here by a name in it']);
  if (tunnelPort === 0 || libp2pPort === 0)
    throw new ConfigError(['public: needs tunnelPort and libp2pPort where the system chooses the ports']);
  const workers = addresses.map((address) => ({ address, port: tunnelPort, zone }));
  const relays = addresses.map((address) => ({ address, port: libp2pPort }));

  let best: OwnAddresses = { workers: [], relays: [], bytes: new Uint8Array(), over: 0 };
  const tryWith = (more: Partial<RegistryAddresses>): void => {
    const wanted = {
      workers: [...best.workers, ...(more.workers ?? [])],
      relays: [...best.relays, ...(more.relays ?? [])],
    };
    const bytes = encodeIfItFits(peer, wanted);
    best = bytes === undefined ? { ...best, over: best.over + 1 } : { ...wanted, bytes, over: best.over };
  };
  const [firstWorker, ...otherWorkers] = workers;
  if (firstWorker !== undefined) tryWith({ workers: [firstWorker] });
  for (const relay of relays) tryWith({ relays: [relay] });
  for (const worker of otherWorkers) tryWith({ workers: [worker] });
  if (best.workers.length === 0) {
    throw new ConfigError([`public.zone: is too long: the registry takes ${MAX_ADDRESSES_BYTES} bytes of addresses`]);
  }
  return best;
}

/** The configuration was checked: what is wrong is the length of the name, or of all. */
function encodeIfItFits(peer: PeerLabel, addresses: RegistryAddresses): Uint8Array | undefined {
  try {
    return encodeRegistryAddresses(peer, addresses);
  } catch (error) {
    if (error instanceof DirectoryError) return undefined;
    throw error;
  }
}
