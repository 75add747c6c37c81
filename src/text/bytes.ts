// Counts of bytes as people read them, in their language: `1.2 MB`. Rounded, since none of them is exact. Decimal units, as browsers and prices have them.

import { numberOf } from './formats.ts';

const KILO = 1000;
const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** @param bytes 0 or more */
export function bytesText(bytes: number): string {
  return inLargeUnits(bytes, {});
}

/** @param bytes 0 or more @param digits what else of its digits is wanted */
export function inLargeUnits(bytes: number, digits: Intl.NumberFormatOptions): string {
  let value = bytes / KILO;
  let at = 0;
  // 999.96 would read as 1,000.0 of its unit.
  while (value >= KILO - 0.05 && at < UNITS.length - 1) {
    value /= KILO;
    at += 1;
  }
  const unit = UNITS[at] ?? 'terabyte';
  return numberOf(value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1, ...digits });
}
