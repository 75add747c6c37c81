// The `payments` section of the configuration: on which network a relay is paid, by which key and for how much. Part of schema.ts, a file of its own
// because everything of payments reads it. Amounts are base units of the network's token (USDC: 1000000 are one dollar).

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { MAX_INCREMENT_BYTES } from '../../src/core/payment/increment.ts';
import { BYTES_PER_MIB } from '../../src/core/payment/price.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { NETWORKS, type NetworkName } from '../../src/chain/rail/networks.ts';

/** One is enough to work, a second one catches the first when it fails. */
const MAX_RPCS = 8;
/** As src/core/payment/quote.ts takes at most: more is a mistake in the file, and no client would take the quote. */
const MAX_PRICE = 1_000_000_000;
/** $1,000: nobody should have more with one relay. */
const MAX_MIN_DEPOSIT = 1_000_000_000;
/** $100,000: more is a mistake in the file. */
const MAX_TRANSIT = 100_000_000_000;
/** A year: more is never. */
const MAX_IDLE_HOURS = 8760;
/** A terabyte a day for nothing is a mistake. */
const MAX_FREE_MIB = 1_048_576;
/** Of more, a payer believes no quote (src/core/payment/increment.ts). */
const MAX_INCREMENT_MIB = Number(MAX_INCREMENT_BYTES / BYTES_PER_MIB);
/** Withdrawals are seen so; they take a day (`MIN_WITHDRAW_DELAY_S`). */
const MAX_WATCH_SECONDS = 60;
/** Each holds a listening socket, and lets one more client pay from behind one address. */
const MAX_LEASE_PORTS = 256;
const MAX_PORT = 65_535;

const NETWORK_NAMES = Object.keys(NETWORKS) as NetworkName[];

const RpcSchema = v.pipe(
  v.string(),
  v.check(isRpcUrl, 'must be an https URL (http only for an address of this machine or its own network)'),
);

/** @param most the largest that makes sense; below 2^53, so that YAML reads it exactly */
const amount = (most: number) =>
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0),
    v.maxValue(most),
    v.transform((number: number) => BigInt(number)),
  );

export const PaymentsSchema = v.strictObject({
  network: v.picklist(NETWORK_NAMES),
  rpc: v.pipe(v.array(RpcSchema), v.minLength(1, 'must name at least one server of the chain'), v.maxLength(MAX_RPCS)),
  key: v.pipe(v.string(), v.nonEmpty('must be a path')),
  /** Of relays. Left out: the one that the network's table has. */
  registry: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address of a contract'),
      v.transform((text) => text.toLowerCase() as Hex),
    ),
  ),
  /** Left out: what stands at the top level, or `data/ledger.db`. */
  ledger: v.optional(v.pipe(v.string(), v.nonEmpty('must be a path'))),
  /** Base units for 2^20 bytes of both directions together. Left out: $0.03 and $0.07 for a gigabyte. */
  prices: v.optional(
    v.strictObject({
      entryPerMiB: v.optional(amount(MAX_PRICE), 32),
      exitPerMiB: v.optional(amount(MAX_PRICE), 73),
    }),
    {},
  ),
  /** Left out: $1. Sending a deposit costs up to 1 cent. */
  minDeposit: v.optional(amount(MAX_MIN_DEPOSIT), 1_000_000),
  /**
   * What is paid for at a time, by a client to its entry and by an entry to its exit, and what either may lose of the other: about a second of what the fastest of them
   * carries. Left out: 64 MiB, for half a Gbit/s, which is $0.007 at the usual price. Each voucher costs all sides together some milliseconds of a core.
   */
  incrementMiB: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_INCREMENT_MIB)), 64),
  /** How often the chain is looked at while nothing is under way. Left out: 15 s, and 1 on the devnet, where people wait for what it shows. */
  watchSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_WATCH_SECONDS))),
  /** What an entry gives to each source prefix; 0 for nothing. */
  freeMiBPerDay: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_FREE_MIB)), 50),
  /** What an entry deposits at a time for each exit that it pays, and what may lie unspent with all exits together. Left out: $1, and $20. */
  transitDeposit: v.optional(amount(MAX_MIN_DEPOSIT), 1_000_000),
  transitMost: v.optional(amount(MAX_TRANSIT), 20_000_000),
  /** After so long without a voucher an entry takes its money back from an exit; 0: never. Left out: a week. */
  transitIdleHours: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_IDLE_HOURS)), 168),
  /** More ports of an entry, beside that of `tunnels`, for neighbours behind one address. */
  leasePorts: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PORT))),
      v.maxLength(MAX_LEASE_PORTS),
      v.check((ports) => new Set(ports).size === ports.length, 'names a port twice'),
    ),
    [],
  ),
});

export type PaymentsConfig = v.InferOutput<typeof PaymentsSchema>;

/** What comes in clear from afar could be anybody's answer, and what is asked shows who is paid. The text is never quoted: it may hold an access token. */
function isRpcUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && isNearby(url.hostname.replace(/^\[|\]$/g, ''));
}

function isNearby(host: string): boolean {
  if (host === 'localhost') return true;
  return isIP(host) !== 0 && ['loopback', 'private', 'uniqueLocal'].includes(ipaddr.process(host).range());
}
