// What tabs and entries came to since the browser was started, by the browser's own count and the price that held when the bytes passed. An estimate to be shown: what is
// paid is decided by vouchers (src/core/session), which know no tabs. In memory only (`session`), without a site. Pure.

import { asNumber, asObject, ParseError } from '../state/parse.ts';

/** Base units, with fractions: nothing is paid by them. */
export type Costs = {
  /** By tab. */
  tabs: Readonly<Record<string, number>>;
  /** By the entry's peer id; what its exit gets is paid through it. */
  entries: Readonly<Record<string, EntryCost>>;
};
export type EntryCost = { bytes: number; atEntry: number; atExit: number };

export const NO_COSTS: Costs = { tabs: {}, entries: {} };

/** As many tabs as are counted (traffic-count.ts), and more entries than anybody meets between two starts. */
const MAX_TABS = 500;
const MAX_ENTRIES = 200;

/** Base units per MiB; undefined: what passes is free. */
export type Price = { entry: bigint; exit: bigint } | undefined;

const MIB = 1_048_576;

/** @param tab -1: no tab's */
export function withCost(
  costs: Costs,
  { peer, tab, bytes }: { peer: string; tab: number; bytes: number },
  price: Price,
): Costs {
  const before = costs.entries[peer] ?? { bytes: 0, atEntry: 0, atExit: 0 };
  const atEntry = (bytes * Number(price?.entry ?? 0n)) / MIB;
  const atExit = (bytes * Number(price?.exit ?? 0n)) / MIB;
  const entry = { bytes: before.bytes + bytes, atEntry: before.atEntry + atEntry, atExit: before.atExit + atExit };
  const cost = (costs.tabs[String(tab)] ?? 0) + atEntry + atExit;
  return {
    tabs: tab < 0 || cost === 0 ? costs.tabs : newest({ ...costs.tabs, [String(tab)]: cost }, MAX_TABS),
    entries: newest({ ...costs.entries, [peer]: entry }, MAX_ENTRIES),
  };
}

/** Whole base units, rounded up: nobody is told less than they pay. Decimal text. */
export function unitsOf(cost: number): string {
  return BigInt(Math.ceil(cost)).toString();
}

export function parseCosts(value: unknown): Costs {
  const { tabs, entries } = asObject(value);
  return {
    tabs: mapOf(tabs, MAX_TABS, asCost),
    entries: mapOf(entries, MAX_ENTRIES, (entry) => {
      const { bytes, atEntry, atExit } = asObject(entry);
      return { bytes: asCost(bytes), atEntry: asCost(atEntry), atExit: asCost(atExit) };
    }),
  };
}

function asCost(value: unknown): number {
  const cost = asNumber(value);
  if (cost < 0) throw new ParseError('less than nothing');
  return cost;
}

function mapOf<T>(value: unknown, limit: number, each: (value: unknown) => T): Record<string, T> {
  const entries = Object.entries(asObject(value));
  if (entries.length > limit) throw new ParseError('too many');
  return Object.fromEntries(entries.map(([key, one]) => [key, each(one)]));
}

function newest<T>(map: Record<string, T>, limit: number): Record<string, T> {
  const entries = Object.entries(map);
  return entries.length > limit ? Object.fromEntries(entries.slice(-limit)) : map;
}
