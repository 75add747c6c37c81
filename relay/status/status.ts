// What a running relay says of itself to its operator: the form of the answer on its status socket, and where that is. It has amounts, other relays' names and this relay's own addresses, and no
// address of a client, no wallet, no destination: an answer may be kept by a monitor. Shared by the daemon and `conet-relay status`.

import * as v from 'valibot';
import type { RelayConfig } from '../config/schema.ts';

/** Of Linux; a longer path is cut off silently by some systems (unix(7)). */
export const MAX_SOCKET_PATH = 107;

/** Beside what the relay writes: where others cannot reach. A relay without a ledger writes nothing, and has it beside its key. */
export function statusPath({ ledger, identity }: Pick<RelayConfig, 'ledger' | 'identity'>): string {
  return `${ledger ?? identity}.sock`;
}

/** Bytes and tunnels since the start: below 2^53. */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A peer id as in names. */
const label = v.pipe(v.string(), v.regex(/^k[0-9a-z]{30,62}$/));
/** Base units, in decimal: JSON's numbers are no amounts. */
const amount = v.pipe(v.string(), v.regex(/^\d{1,39}$/));
/** As many as a relay has connections. */
const labels = v.pipe(v.array(label), v.maxLength(10_000));

/** `192.0.2.1:443`, as many as a configuration may have. */
const listens = v.pipe(v.array(v.pipe(v.string(), v.maxLength(60))), v.maxLength(16));

const TunnelsSchema = v.object({ open: count, opened: count, fromSockets: count, fromStreams: count });

export const StatusSchema = v.object({
  version: v.pipe(v.string(), v.maxLength(40)),
  peer: label,
  /** ms since the epoch */
  since: count,
  /** `tunnels`: from browsers to exits. `exits`: those that are connected. `listens`: where browsers connect. */
  entry: v.optional(v.object({ tunnels: TunnelsSchema, exits: labels, listens: v.optional(listens, []) })),
  /** Places of the configuration file that are other than the relay has them, until it is started again. */
  waiting: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(1000))),
  /** What people type into the extension to begin with this relay; none where it does not say how others reach it. */
  addresses: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(500))), v.maxLength(8))),
  /** `tunnels`: from entries to this relay's proxy. */
  exit: v.optional(v.object({ tunnels: TunnelsSchema, entries: labels })),
  /** One for each token that the relay was ever paid in. */
  earnings: v.optional(
    v.pipe(
      v.array(
        v.object({
          chainId: count,
          token: v.pipe(v.string(), v.regex(/^0x[0-9a-f]{40}$/)),
          ...{ signed: amount, claimed: amount, claimable: amount, unsigned: amount, paid: amount },
        }),
      ),
      v.maxLength(100),
    ),
  ),
  channels: v.optional(v.object({ open: count, closing: count })),
});

export type Status = v.InferOutput<typeof StatusSchema>;
