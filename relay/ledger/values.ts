// How values stand in the columns of the ledger. Amounts are uint128 as 16 bytes, big end first; hexadecimal is lower case; counters of bytes are
// int64. A value without a place is refused by name, before anything is written.

import type { SQLOutputValue } from 'node:sqlite';
import type { Hex } from '../../src/core/wire/kinds.ts';
import type { WireChannelConfig } from '../../src/core/wire/session-parts.ts';
import { LedgerError } from './ledger-error.ts';

export type Row = Record<string, SQLOutputValue>;

/** All that a channel has ever paid, in base units, and the payer's signature over it. */
export type StoredVoucher = { max: bigint; signature: Hex };

const AMOUNT_BYTES = 16;
const MAX_INT64 = (1n << 63n) - 1n;

export function amountBlob(amount: bigint): Uint8Array {
  if (amount < 0n || amount >> 128n > 0n) throw new LedgerError('bad-value', 'not an amount of 128 bits');
  return Buffer.from(amount.toString(16).padStart(2 * AMOUNT_BYTES, '0'), 'hex');
}

export function asAmount(value: SQLOutputValue | undefined): bigint {
  if (!(value instanceof Uint8Array) || value.length !== AMOUNT_BYTES) throw notReadable();
  return BigInt(`0x${Buffer.from(value).toString('hex')}`);
}

/** @param length bytes */
export function hexText(value: Hex, length: number): string {
  if (!new RegExp(`^0x[0-9a-f]{${2 * length}}$`, 'i').test(value)) {
    throw new LedgerError('bad-value', `not ${length} bytes in hexadecimal`);
  }
  return value.toLowerCase();
}

export function asHex(value: SQLOutputValue | undefined): Hex {
  if (typeof value !== 'string' || !value.startsWith('0x')) throw notReadable();
  return value as Hex;
}

export function count(value: bigint): bigint {
  if (value < 0n || value > MAX_INT64) throw new LedgerError('bad-value', 'not a count of 63 bits');
  return value;
}

export function asCount(value: SQLOutputValue | undefined): bigint {
  if (typeof value !== 'bigint') throw notReadable();
  return value;
}

/** Times and blocks. Statements that read rows give integers as bigint (`setReadBigInts`). */
export function asInteger(value: SQLOutputValue | undefined): number {
  const number = Number(asCount(value));
  if (!Number.isSafeInteger(number)) throw notReadable();
  return number;
}

export function asText(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw notReadable();
  return value;
}

export function maybe<T>(value: SQLOutputValue | undefined, read: (value: SQLOutputValue) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value);
}

export const CONFIG_COLUMNS = [
  ...['payer', 'payer_authorizer', 'receiver', 'receiver_authorizer', 'token', 'withdraw_delay', 'salt'],
] as const;

/** In the order of `CONFIG_COLUMNS`. */
export function configValues(config: WireChannelConfig): (string | number)[] {
  const { payer, payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay, salt } = config;
  return [
    ...[payer, payerAuthorizer, receiver, receiverAuthorizer, token].map((address) => hexText(address, 20)),
    withdrawDelay,
    hexText(salt, 32),
  ];
}

export function asConfig(row: Row): WireChannelConfig {
  return {
    payer: asHex(row['payer']),
    payerAuthorizer: asHex(row['payer_authorizer']),
    receiver: asHex(row['receiver']),
    receiverAuthorizer: asHex(row['receiver_authorizer']),
    token: asHex(row['token']),
    withdrawDelay: asInteger(row['withdraw_delay']),
    salt: asHex(row['salt']),
  };
}

export function asVoucher(row: Row): StoredVoucher | undefined {
  return maybe(row['voucher_max'], (max) => ({ max: asAmount(max), signature: asHex(row['voucher_signature']) }));
}

function notReadable(): LedgerError {
  return new LedgerError('damaged', 'the ledger holds a value that nobody wrote; it was left as it is');
}
