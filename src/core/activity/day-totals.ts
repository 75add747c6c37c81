// What private tabs carried and cost on each of the last 30 days: the only history of use that is written to a disk, without a site, a tab or a time
// of day. Pure: the time and the zone of this device are passed in. Stored by background/activity.

import { formatAmount, parseAmount } from '../payment/amount.ts';
import { asBoolean, asNumber, asObject, ParseError } from '../state/parse.ts';

/** `day`: days since the epoch, by the clock on this device's wall. `spent`: base units. */
export type DayTotal = { day: number; bytes: number; spent: bigint };

/** `days`: the oldest first, each once. None where they are not kept. */
export type DayTotals = { keeps: boolean; days: readonly DayTotal[] };

export const NO_DAYS: DayTotals = { keeps: true, days: [] };
/** Where it cannot be read nobody knows whether the person wanted it kept: then it is not. */
export const DAYS_NOT_KEPT: DayTotals = { keeps: false, days: [] };

/** What people compare: a month. What is older is deleted with the next write. */
export const KEPT_DAYS = 30;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * @param now ms since the epoch
 * @param behind minutes that the zone is behind UTC then, as `Date.getTimezoneOffset` says it
 */
export function localDay(now: number, behind: number): number {
  return Math.floor((now - behind * MINUTE_MS) / DAY_MS);
}

/**
 * The day that counts now. A clock that is a little back (another zone, a correction) counts on that day, which may be there already; one that is back by more than is kept
 * (an empty battery) would open days that look long gone, and counts on the newest until it is right again.
 */
export function countedDay(days: readonly DayTotal[], today: number): number {
  const newest = days.at(-1)?.day ?? today;
  return today > newest - KEPT_DAYS ? today : newest;
}

export function addToDay(totals: DayTotals, today: number, more: { bytes: number; spent: bigint }): DayTotals {
  if (!totals.keeps) return totals;
  const day = countedDay(totals.days, today);
  const before = totals.days.find((total) => total.day === day) ?? { bytes: 0, spent: 0n };
  const total = { day, bytes: before.bytes + more.bytes, spent: before.spent + more.spent };
  const days = [...totals.days.filter((other) => other.day !== day), total].sort((one, other) => one.day - other.day);
  const newest = days.at(-1)?.day ?? day;
  return { keeps: true, days: days.filter((kept) => kept.day > newest - KEPT_DAYS) };
}

/** Each day of the last 30, today the last: those without traffic too. */
export function lastDays(days: readonly DayTotal[], today: number): DayTotal[] {
  const last = countedDay(days, today);
  return Array.from({ length: KEPT_DAYS }, (_, index) => {
    const day = last - KEPT_DAYS + 1 + index;
    return days.find((total) => total.day === day) ?? { day, bytes: 0, spent: 0n };
  });
}

export function encodeDayTotals({ keeps, days }: DayTotals): unknown {
  return { keeps, days: days.map(({ day, bytes, spent }) => ({ day, bytes, spent: formatAmount(spent) })) };
}

export function parseDayTotals(value: unknown): DayTotals {
  const { keeps, days } = asObject(value);
  if (!Array.isArray(days) || days.length > KEPT_DAYS) throw new ParseError('not the days of a month');
  const read = days.map(parseDay);
  const inOrder = read.every(({ day }, index) => index === 0 || day > (read[index - 1]?.day ?? day));
  const [oldest, newest] = [read[0]?.day ?? 0, read.at(-1)?.day ?? 0];
  if (!inOrder || newest - oldest >= KEPT_DAYS) throw new ParseError('not the days of a month');
  if (!asBoolean(keeps) && read.length > 0) throw new ParseError('days that are not to be kept');
  return { keeps: asBoolean(keeps), days: read };
}

function parseDay(value: unknown): DayTotal {
  const { day, bytes, spent } = asObject(value);
  const [number, count] = [asNumber(day), asNumber(bytes)];
  if (!Number.isSafeInteger(number) || !Number.isSafeInteger(count) || count < 0) throw new ParseError('not a day');
  return { day: number, bytes: count, spent: parseAmount(spent) };
}
