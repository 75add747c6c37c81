// Numbers, times, lists and names of regions as the person's language writes them.

import { language } from './translate.ts';

/** `Alder, Birch, and Cedar` */
export function listOf(names: readonly string[]): string {
  return new Intl.ListFormat(language().tag, { type: 'conjunction' }).format(names);
}

/** @param value a decimal text is written to its last digit, however long it is: amounts of money */
export function numberOf(value: number | Intl.StringNumericLiteral, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language().tag, options).format(value);
}

/** `1 d 1 h`: parts of one quantity, largest first. */
export function unitsOf(parts: readonly string[]): string {
  return new Intl.ListFormat(language().tag, { type: 'unit', style: 'narrow' }).format(parts);
}

/** @param at ms since the epoch; in the time zone of this device */
export function timeOf(at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language().tag, options).format(at);
}

/** Of an ISO 3166 code; the code itself where the browser knows no name for it. */
export function regionName(code: string): string {
  try {
    return new Intl.DisplayNames([language().tag], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
