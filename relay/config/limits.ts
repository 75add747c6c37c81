// The `limits` section: what the relay carries at most. It may change while the relay runs. Part of schema.ts.

import * as v from 'valibot';

/** Each connection costs some 50 kB: far above what one process carries, and below what a mistyped zero makes of it. */
const MAX_CONNECTIONS = 1_000_000;
/** KiB in a second: 1 Tbit/s. */
const MAX_KIB = 128 * 1024 * 1024;
/** One read of a busy socket is 64 KiB: a limit below would be one of seconds of silence. */
const MIN_KIB = 64;
/** 1 TiB. */
const MAX_MEMORY_MIB = 1024 * 1024;
/** Below this the relay could not start. */
const MIN_MEMORY_MIB = 128;
const MIN_DESCRIPTORS = 64;

const connections = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CONNECTIONS));
const kibPerSecond = v.optional(v.pipe(v.number(), v.integer(), v.minValue(MIN_KIB), v.maxValue(MAX_KIB)));
const prefix = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

export const LimitsSchema = v.strictObject({
  /** Entry: connections of browsers in all; each costs two file descriptors at most. */
  connections: v.optional(connections, 20_000),
  /** Entry: of one address of IPv4, or one /64 of IPv6. A browser holds 32 to one proxy, and households share an address. */
  connectionsPerSource: v.optional(connections, 2048),
  /** Entry: of one network, so that who has many addresses does not have the places of all others. */
  perPrefix: v.optional(
    v.strictObject({
      /** Bits. What providers hand out at a time, and what a small network announces. */
      ipv4: v.optional(prefix(8, 32), 24),
      ipv6: v.optional(prefix(16, 64), 48),
      connections: v.optional(connections, 8192),
    }),
    {},
  ),
  /** Entry: new connections in a second, of one source and of one network; who comes faster waits for a turn, up to ten seconds. To a proxy of HTTP/2 a browser needs one or a few. */
  newPerSecond: v.optional(
    v.strictObject({ source: v.optional(connections, 10), prefix: v.optional(connections, 25) }),
    {},
  ),
  /** Entry with payments: tunnels that run under one lease. */
  tunnelsPerLease: v.optional(connections, 2048),
  /** Memory in use above which no new tunnel begins. Left out: four fifths of what the system gives to this process, where it says how much. */
  memoryMiB: v.optional(v.pipe(v.number(), v.integer(), v.minValue(MIN_MEMORY_MIB), v.maxValue(MAX_MEMORY_MIB))),
  /** Open file descriptors above which no new tunnel begins. Left out: nine tenths of what the process may open. */
  fileDescriptors: v.optional(v.pipe(v.number(), v.integer(), v.minValue(MIN_DESCRIPTORS), v.maxValue(2 ** 31 - 1))),
  /** KiB in a second, both directions together. What is left out is without limit. */
  bandwidthKiB: v.optional(
    v.strictObject({
      tunnel: kibPerSecond,
      /** Entry: of one lease; where nobody needs one, of one source. */
      lease: kibPerSecond,
      /** Of one exit at an entry, and of one entry at an exit. */
      link: kibPerSecond,
      total: kibPerSecond,
    }),
    {},
  ),
});

export type LimitsConfig = v.InferOutput<typeof LimitsSchema>;
