// The increment: how much traffic is at risk between two vouchers, on either side. About one second of traffic, so that a fast line does not
// sign all the time, and never less than 1 MiB, so that a slow one does not either.

import { divideUp, least, most } from './amount.ts';
import { BYTES_PER_MIB } from './price.ts';

export const MIN_INCREMENT_BYTES = BYTES_PER_MIB;
/** One second at 4 Gbit/s, $0.05 at the usual price: a client refuses to risk more in one piece. */
export const MAX_INCREMENT_BYTES = 512n * BYTES_PER_MIB;

/**
 * An increment of fewer units cannot be cut into quarters and eighths (`smallestStep`, `markStep` of voucher.ts), and what restarts round away would be as large as it.
 * At the usual price 1 MiB costs 105; a relay that is cheaper than 16 takes a larger increment.
 */
export const MIN_INCREMENT_AMOUNT = 16n;

/** In whole MiB. @param bytesPerSecond what the relay carries for one client at best */
export function incrementBytes(bytesPerSecond: bigint, pricePerMib: bigint): bigint {
  const oneSecond = divideUp(bytesPerSecond, BYTES_PER_MIB);
  const payable = pricePerMib === 0n ? 0n : divideUp(MIN_INCREMENT_AMOUNT, pricePerMib);
  return least(most(oneSecond, payable, 1n) * BYTES_PER_MIB, MAX_INCREMENT_BYTES);
}

/** What one increment costs, rounded up. */
export function incrementAmount(bytes: bigint, pricePerMib: bigint): bigint {
  return divideUp(bytes * pricePerMib, BYTES_PER_MIB);
}

/**
 * The least that a voucher must add to the one before: a quarter of the increment. Checking costs a relay about a millisecond; without a least
 * step one peer could have it check a voucher for each unit.
 */
export function smallestStep(increment: bigint): bigint {
  return most(increment / 4n, 1n);
}
