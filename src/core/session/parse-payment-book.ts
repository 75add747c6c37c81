// The stored form of the payment book: amounts as decimal text, since storage carries no bigint. Whatever is not of its form makes the whole book damaged:
// half a book could make somebody sign twice.

import { parseAmount } from '../payment/amount.ts';
import type { Spending } from '../payment/budget.ts';
import { parseChannelConfig } from '../payment/channel.ts';
import { asHash, asSignatureHex, type Hex } from '../payment/hex.ts';
import { PAYMENT_PROBLEMS } from '../payment/payment-problem.ts';
import { CHANNEL_STATES, HISTORY_KINDS, NETWORK_NAMES } from '../payment/payment-status.ts';
import { parseRpcUrls } from '../payment/rpc-urls.ts';
import { parseSealed } from '../wallet/session-keys.ts';
import { asBoolean, asNumber, asObject, asOneOf, asText, ParseError } from '../state/parse.ts';
import type { WireDeposit } from '../wire/session-parts.ts';
import type { PayerChannel } from './payer-channel.ts';
import {
  EMPTY_BOOK,
  MAX_CHANNELS,
  MAX_HISTORY,
  type BookChannel,
  type HistoryEntry,
  type PaymentBook,
  type Renewal,
} from './payment-book.ts';

/** r, s and v. */
const SIGNATURE_BYTES = 65;

export function encodePaymentBook(book: PaymentBook): unknown {
  return plain(book);
}

/** Throws `ParseError`, or `PaymentError` bad_config. */
export function parsePaymentBook(value: unknown): PaymentBook {
  const fields = asObject(value);
  const limits = asObject(fields['limits']);
  return {
    deviceId: optional(fields['deviceId'], asDeviceId),
    nextKey: asCount(fields['nextKey']),
    rpcs: parseRpcUrls(fields['rpcs']),
    limits: {
      perDay: parseAmount(limits['perDay']),
      perSession: parseAmount(limits['perSession']),
      askAbovePerGb: parseAmount(limits['askAbovePerGb']),
    },
    agreed: Object.fromEntries(
      Object.entries(asObject(fields['agreed'])).map(([peer, price]) => [peer, parseAmount(price)]),
    ),
    spending: parseSpending(fields['spending']),
    // Books of before renewals have none.
    renewed: optional(fields['renewed'], parseSpending) ?? EMPTY_BOOK.renewed,
    channels: asList(fields['channels'], MAX_CHANNELS).map(parseChannel),
    history: asList(fields['history'], MAX_HISTORY).map(parseEntry),
    problem: optional(fields['problem'], (problem) => asOneOf(problem, PAYMENT_PROBLEMS)),
  };
}

export function encodePayerChannel(channel: PayerChannel): unknown {
  return plain(channel);
}

/** Throws like `parsePaymentBook`. */
export function parsePayerChannel(value: unknown): PayerChannel {
  const fields = asObject(value);
  const paid = asObject(fields['paid']);
  const funds = asObject(fields['funds']);
  return {
    id: asHash(fields['id']),
    config: parseChannelConfig(fields['config']),
    paid: { signed: parseAmount(paid['signed']), owed: parseAmount(paid['owed']) },
    funds: {
      safe: parseAmount(funds['safe']),
      unsafe: parseAmount(funds['unsafe']),
      totalClaimed: parseAmount(funds['totalClaimed']),
      withdrawing: parseAmount(funds['withdrawing']),
    },
    lastDeposit: parseAmount(fields['lastDeposit']),
    deposit: optional(fields['deposit'], parseDeposit),
    drift: parseAmount(fields['drift']),
    everWithdrew: asBoolean(fields['everWithdrew']),
    counted: optional(fields['counted'], (counted) => {
      const { epoch, most } = asObject(counted);
      return { epoch: asText(epoch), most: parseAmount(most) };
    }),
  };
}

function parseChannel(value: unknown): BookChannel {
  const fields = asObject(value);
  return {
    ...parsePayerChannel(fields),
    key: optional(fields['key'], asCount),
    peer: asText(fields['peer']),
    operator: asText(fields['operator']),
    network: asOneOf(fields['network'], NETWORK_NAMES),
    state: asOneOf(fields['state'], CHANNEL_STATES),
    refundAt: optional(fields['refundAt'], asNumber),
    renewal: optional(fields['renewal'], parseRenewal),
    isRenewing: optional(fields['isRenewing'], asBoolean) ?? false,
    isFound: optional(fields['isFound'], asBoolean) ?? false,
  };
}

function parseSpending(value: unknown): Spending {
  const { day, today, session } = asObject(value);
  return { day: asCount(day), today: parseAmount(today), session: parseAmount(session) };
}

function parseRenewal(value: unknown): Renewal {
  const fields = asObject(value);
  return { ...parseUnsigned(fields), sealed: parseSealed(fields['sealed'], SIGNATURE_BYTES) };
}

function parseDeposit(value: unknown): WireDeposit {
  const fields = asObject(value);
  return { ...parseUnsigned(fields), signature: asSignatureHex(fields['signature']) };
}

function parseUnsigned(fields: Record<string, unknown>): Omit<WireDeposit, 'signature'> {
  return {
    amount: parseAmount(fields['amount']),
    validAfter: asCount(fields['validAfter']),
    validBefore: asCount(fields['validBefore']),
    salt: asHash(fields['salt']),
  };
}

function parseEntry(value: unknown): HistoryEntry {
  const fields = asObject(value);
  return {
    at: asNumber(fields['at']),
    kind: asOneOf(fields['kind'], HISTORY_KINDS),
    operator: asText(fields['operator']),
    amount: parseAmount(fields['amount']),
    txHash: optional(fields['txHash'], asHash),
  };
}

/** The same value with text for each bigint; what is undefined is left out. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, plain(field)]])),
  );
}

function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

function asCount(value: unknown): number {
  const number = asNumber(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new ParseError('not a count');
  return number;
}

function asList(value: unknown, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new ParseError('not such a list');
  return value;
}

function asDeviceId(value: unknown): Hex {
  const text = asText(value);
  if (!/^0x[0-9a-f]{32}$/.test(text)) throw new ParseError('not 16 bytes');
  return text as Hex;
}
