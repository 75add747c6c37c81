// Amounts of money: USDC base units (6 decimals) as bigint, in the range of the contract's uint128. Never a number: a double
// is exact to 2^53 only. Used by everything of this folder.

import { ParseError } from '../state/parse.ts';

/** uint128, the type of every amount in the contract. */
export const MAX_AMOUNT = 2n ** 128n - 1n;

/** No leading zero, so that one amount has one spelling; 39 digits hold 2^128 - 1. */
const DECIMAL = /^(0|[1-9]\d{0,38})$/;

/** Throws `ParseError` on anything that is not 0 to 2^128 - 1. */
export function asAmount(value: unknown): bigint {
  if (typeof value !== 'bigint' || value < 0n || value > MAX_AMOUNT) throw new ParseError('not an amount');
  return value;
}

/** Reads the decimal text in which amounts are stored. Throws `ParseError`. */
export function parseAmount(value: unknown): bigint {
  if (typeof value !== 'string' || !DECIMAL.test(value)) throw new ParseError('not an amount');
  return asAmount(BigInt(value));
}

export function formatAmount(amount: bigint): string {
  return asAmount(amount).toString();
}

export function least(first: bigint, ...others: bigint[]): bigint {
  return others.reduce((a, b) => (b < a ? b : a), first);
}

export function most(first: bigint, ...others: bigint[]): bigint {
  return others.reduce((a, b) => (b > a ? b : a), first);
}

/** `a - b`, and never below nothing. */
export function lessOrNone(a: bigint, b: bigint): bigint {
  return a > b ? a - b : 0n;
}

/** Rounded up. @param divisor > 0 */
export function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
