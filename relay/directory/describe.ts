// What this relay says of itself: from its configuration, and from what holds at the moment (the entries it is connected to, the certificates in use). Pure; own-descriptor.ts signs it.

import type { Hex } from '../../src/core/payment/hex.ts';
import { MAX_FINGERPRINTS, MAX_VALIDITY_S, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { keyPrefixOf } from '../../src/core/directory/peer-key.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { BYTES_PER_MIB } from '../../src/core/payment/price.ts';
import type { DirectoryConfig, PublicConfig } from '../config/directory.ts';
import type { RelayConfig } from '../config/schema.ts';
import { VERSION } from '../version.ts';

export type Described = {
  config: RelayConfig & { directory: DirectoryConfig; public: PublicConfig };
  peer: PeerLabel;
  payee: Hex;
  chainId: number;
  /** Those that the system has given to an entry. */
  ports: { tunnels: number; libp2p: number };
};

/** What changes while a relay runs. */
export type Moment = {
  /** The entries that an exit is connected to. */
  entries: readonly PeerLabel[];
  /** Of the exit's certificates in use (`FINGERPRINT_BYTES`). */
  fingerprints: readonly Hex[];
};

/** All but the times and the number. */
export type Facts = Omit<RelayDescriptor, 'sequence' | 'validFrom' | 'validFor'>;

export function describeRelay({ config, peer, payee, chainId, ports }: Described, moment: Moment): Facts {
  const { addresses, zoneRelay, tunnelPort, libp2pPort } = config.public;
  const { entry, exit, zone: served, payments, operator, region } = config;
  // The configuration was checked: who is an entry or an exit has one.
  const zone = config.public.zone ?? '';
  return {
    ...{ peer, payee, chainId, operator, region, version: VERSION },
    capacity: BigInt(config.directory.capacityMiB) * BYTES_PER_MIB,
    ...(entry === undefined
      ? {}
      : {
          entry: {
            addresses,
            tunnelPort: tunnelPort ?? ports.tunnels,
            libp2pPort: libp2pPort ?? ports.libp2p,
            zone,
            pricePerMiB: payments?.prices.entryPerMiB ?? 0n,
          },
        }),
    ...(exit === undefined
      ? {}
      : {
          exit: {
            zone,
            fingerprints: moment.fingerprints.slice(0, MAX_FINGERPRINTS),
            // In an order of their own, so that the same ones are the same descriptor.
            entries: moment.entries
              .map(keyPrefixOf)
              .filter((prefix) => prefix !== undefined)
              .sort(),
            refusedPorts: rangesOf(exit.destinations.denyPorts),
            pricePerMiB: payments?.prices.exitPerMiB ?? 0n,
            addresses,
            // The configuration was checked.
            zoneRelay: keyPrefixOf(zoneRelay ?? '') ?? '0x0000000000000000',
          },
        }),
    ...(served === undefined ? {} : { zone: { name: served.domain, addresses } }),
  };
}

/** For a day, as long as it may be: renewed long before (own-descriptor.ts). @param now ms since the epoch */
export function dated(facts: Facts, sequence: bigint, now: number): RelayDescriptor {
  return { ...facts, sequence, validFrom: Math.floor(now / 1000), validFor: MAX_VALIDITY_S };
}

type Range = { from: number; to: number };

function rangesOf(ports: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (const port of [...new Set(ports)].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to + 1 === port) last.to = port;
    else ranges.push({ from: port, to: port });
  }
  return ranges;
}
