// A price as people say it, dollars for a gigabyte, and as the configuration has it: base units of USDC for 2^20 bytes. Exact, and rounded up where it must be.

import { BYTES_PER_MIB } from '../../src/core/payment/price.ts';

/** Of USDC. */
const DECIMALS = 6;
const GIGABYTE = 1_000_000_000n;
/** More is a mistake. */
const MOST = 1000n * 10n ** BigInt(DECIMALS);

/** Undefined for what is no price. */
export function priceFromDollars(text: string): bigint | undefined {
  const [, whole, part = ''] = /^(\d{1,4})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const units = BigInt(whole + part.padEnd(DECIMALS, '0'));
  return units > MOST ? undefined : (units * BYTES_PER_MIB + GIGABYTE - 1n) / GIGABYTE;
}
