// The sections `public` and `directory` of the configuration: how others reach this relay, and how it is told of in the directory. Part of schema.ts, a file of its own
// because the directory reads both.

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { isPeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { NETWORKS, type NetworkName } from '../../src/chain/rail/networks.ts';
import { DomainSchema, NeighbourSchema, PathSchema, PortSchema } from './parts.ts';

/** As many as a descriptor holds (src/core/directory/descriptor.ts). */
const MAX_ADDRESSES = 8;
/** Each is asked in its turn; more than a few bring nothing that those do not have. */
const MAX_NEIGHBOURS = 64;
/** 10 GB/s: more is a mistake, and nobody weighs it. */
const MAX_CAPACITY_MIB = 10_000;
/** A day: a relay that asks less often is told of what is gone. */
const MAX_ASK_SECONDS = 86_400;

const NETWORK_NAMES = Object.keys(NETWORKS) as NetworkName[];

const AddressSchema = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0, 'must be an IP address'),
  // As a descriptor spells it: RFC 5952.
  v.transform((text) => ipaddr.parse(text)),
  v.transform((address) => (address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString())),
);

export const PublicSchema = v.strictObject({
  addresses: v.pipe(
    v.array(AddressSchema),
    v.minLength(1, 'must name at least one address'),
    v.maxLength(MAX_ADDRESSES, `a descriptor holds ${MAX_ADDRESSES} addresses`),
  ),
  /** Left out: the port of `entry.tunnels`. */
  tunnelPort: v.optional(PortSchema),
  /** Left out: the port of `entry.libp2p`. */
  libp2pPort: v.optional(PortSchema),
  /** Of an entry's or an exit's own name. */
  zone: v.optional(DomainSchema),
  /** An exit: the relay that serves `zone`, whose operator is the third of a circuit. */
  zoneRelay: v.optional(v.pipe(v.string(), v.check(isPeerLabel, 'must be a peer id as in names: k51…'))),
});

export const DirectorySchema = v.strictObject({
  /** What is known of other relays, kept over restarts. */
  file: v.optional(PathSchema, './data/directory'),
  /** Where to begin. An exit asks its entries too. */
  neighbours: v.optional(v.pipe(v.array(NeighbourSchema), v.maxLength(MAX_NEIGHBOURS)), []),
  /** 2^20 bytes per second, both directions together. Left out: what one process moves on an ordinary machine. */
  capacityMiB: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CAPACITY_MIB)), 100),
  /** How often others are asked for what is new. */
  askSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_ASK_SECONDS)), 300),
  /** Who stands behind a relay that is paid by nobody; one with payments signs with their key. */
  payee: v.optional(v.strictObject({ network: v.picklist(NETWORK_NAMES), key: PathSchema })),
});

export type PublicConfig = v.InferOutput<typeof PublicSchema>;
export type DirectoryConfig = v.InferOutput<typeof DirectorySchema>;
