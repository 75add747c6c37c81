// Amounts of money as people read and write them. Base units go in and out as decimal text or bigint, and no floating point is between.

import { formatAmount, MAX_AMOUNT, parseAmount } from '../src/core/payment/amount.ts';
import type { Units } from '../src/core/payment/payment-status.ts';
import { inLargeUnits } from '../src/text/bytes.ts';
import { numberOf } from '../src/text/formats.ts';
import { t } from '../src/text/translate.ts';

/** What the token is called, and how many digits it has after the point. */
export type Currency = { symbol: string; decimals: number };

/** As people write money: at least cents. */
const LEAST_DIGITS = 2;

/** Exact, without needless zeros: `1500000` -> `1.50 USDC`, `105` -> `0.000105 USDC`. */
export function showMoney(units: Units, { symbol, decimals }: Currency): string {
  const decimal = toDecimal(units, decimals);
  // As many digits as there are: none is rounded away.
  const digits = decimal.split('.')[1]?.length ?? 0;
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
  return t('common_money', { amount: numberOf(decimal as Intl.StringNumericLiteral, exact), symbol });
}

/** The number alone, as it stands in a field: with a point in every language, as `parseMoney` reads it. */
export function toDecimal(units: Units, decimals: number): string {
  const digits = parseAmount(units)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const shown = rest.padEnd(Math.min(LEAST_DIGITS, decimals), '0');
  return shown === '' ? whole : `${whole}.${shown}`;
}

/** What a person typed: digits and at most one point. Undefined for all else: a comma, a sign, a digit too many, more than there can be. */
export function parseMoney(text: string, decimals: number): Units | undefined {
  const found = /^(\d{1,39})(?:\.(\d+))?$/.exec(text.trim());
  const [, whole = '', rest = ''] = found ?? [];
  if (found === null || rest.length > decimals) return undefined;
  const units = BigInt(whole + rest.padEnd(decimals, '0'));
  return units > MAX_AMOUNT ? undefined : formatAmount(units);
}

/** `1234567` -> `1.2 MB`: a count of bytes is no money, and is shown rounded. */
export function showBytes(bytes: number): string {
  if (bytes < 1000) return t('common_bytes', { count: bytes });
  return inLargeUnits(bytes, { minimumFractionDigits: 1, useGrouping: false });
}
