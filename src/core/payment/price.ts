// From bytes to money and back. One place for the direction of rounding:
//   owedFor   rounds down: of the unit that a byte has begun to use up, nothing is owed until it is used up
//   bytesFor  is the exact inverse: the most bytes for which no more than the amount is owed
//   amounts that bound a risk (an increment) round up, so that the bound is never below what can be at risk
// `owedFor` is asked with all bytes of a session, never message by message, so that what is rounded away is less than one unit in all.

import { divideUp } from './amount.ts';

/** Prices are per MiB, in base units: 105 units a MiB are about $0.11 a gigabyte. */
export const BYTES_PER_MIB = 1_048_576n;
/** What people are shown prices by. */
export const BYTES_PER_GB = 1_000_000_000n;

/** What is owed for so many bytes since the session began. */
export function owedFor(bytes: bigint, pricePerMib: bigint): bigint {
  return (bytes * pricePerMib) / BYTES_PER_MIB;
}

/** How many bytes an amount covers; undefined where there is no price, and so no bound. */
export function bytesFor(amount: bigint, pricePerMib: bigint): bigint | undefined {
  return pricePerMib === 0n ? undefined : divideUp((amount + 1n) * BYTES_PER_MIB, pricePerMib) - 1n;
}

/** For people, rounded up: nobody is told less than they pay. */
export function pricePerGb(pricePerMib: bigint): bigint {
  return divideUp(pricePerMib * BYTES_PER_GB, BYTES_PER_MIB);
}

/** Exactly, without the rounding of what is shown. */
export function isDearer(pricePerMib: bigint, limitPerGb: bigint): boolean {
  return pricePerMib * BYTES_PER_GB > limitPerGb * BYTES_PER_MIB;
}
