// What a relay asks for its service, and for how long that holds: the terms of docs/protocol/session.md, whose chain and escrow the caller compares. Signed by the relay's two keys (src/chain/rail/relay-quote.ts); the client
// takes one only if its terms bound the client's risk. Frozen for a session: another price is another quote.

import { asNumber, asObject, ParseError } from '../state/parse.ts';
import { asAmount, MAX_AMOUNT } from './amount.ts';
import { MAX_WITHDRAW_DELAY_S, MIN_WITHDRAW_DELAY_S } from './channel.ts';
import { asAddress, ZERO_ADDRESS, type Hex } from './hex.ts';
import { incrementAmount, MAX_INCREMENT_BYTES, MIN_INCREMENT_AMOUNT, MIN_INCREMENT_BYTES } from './increment.ts';
import { PaymentError } from './payment-error.ts';

export type RelayQuote = {
  /** As libp2p prints it. That it is the relay on the line is the caller's to see. */
  peerId: string;
  /** The key that is paid and signs; also the receiverAuthorizer of its channels. */
  receiver: Hex;
  token: Hex;
  /** Seconds. */
  withdrawDelay: number;
  /** Base units. */
  minDeposit: bigint;
  /** Base units per MiB, for the hop to the entry and for the one on to the exit. The client pays both to the entry. */
  entryPricePerMiB: bigint;
  exitPricePerMiB: bigint;
  /** What may be at risk on either side. */
  incrementBytes: bigint;
  /** What the relay serves beyond the last voucher. */
  graceBytes: bigint;
  /** Seconds since the epoch: valid from the first, up to and not including the second. */
  validFrom: number;
  validUntil: number;
};

/** Printable, without spaces: 52 characters for an Ed25519 key in base58. */
const PEER_ID = /^[\x21-\x7e]{1,100}$/;
/** Prices beyond $1,000 a MiB are mistakes; the bound keeps every product of prices and bytes small. */
const MAX_PRICE = 1_000_000_000n;
/** A relay cannot bind anybody for longer; it would only be sorry. */
const MAX_VALIDITY_S = 7 * 86_400;
/** Clocks of people are off by minutes. A quote is renewed that much before its end, so nobody pays an old price by it. */
export const CLOCK_SKEW_S = 600;

/** Reads a quote and checks that its terms are ones a client takes. Signatures are still to be verified. Throws `PaymentError` bad_quote. */
export function parseQuote(value: unknown): RelayQuote {
  try {
    const quote = readQuote(asObject(value));
    checkTerms(quote);
    return quote;
  } catch (cause) {
    throw new PaymentError('bad_quote', cause instanceof ParseError ? cause.message : 'not a quote', { cause });
  }
}

/** What a client pays in all, per MiB. */
export function quotePrice({ entryPricePerMiB, exitPricePerMiB }: RelayQuote): bigint {
  return entryPricePerMiB + exitPricePerMiB;
}

/**
 * Throws `PaymentError` quote_expired unless the quote holds now.
 * @param now ms since the epoch
 * @param skew how far the clock may be off, seconds: the relay that wrote the quote allows none
 */
export function checkQuoteTime(quote: RelayQuote, now: number, skew: number = CLOCK_SKEW_S): void {
  const seconds = Math.floor(now / 1000);
  if (seconds + skew < quote.validFrom) throw new PaymentError('quote_expired', 'the quote is not valid yet');
  if (seconds >= quote.validUntil + skew) throw new PaymentError('quote_expired', 'the quote is not valid any more');
}

function readQuote(fields: Record<string, unknown>): RelayQuote {
  const peerId = fields['peerId'];
  if (typeof peerId !== 'string' || !PEER_ID.test(peerId)) throw new ParseError('peerId is not a peer id');
  return {
    peerId,
    receiver: asAddress(fields['receiver']),
    token: asAddress(fields['token']),
    withdrawDelay: asNumber(fields['withdrawDelay']),
    minDeposit: asAmount(fields['minDeposit']),
    entryPricePerMiB: within(fields['entryPricePerMiB'], 0n, MAX_PRICE, 'entryPricePerMiB'),
    exitPricePerMiB: within(fields['exitPricePerMiB'], 0n, MAX_PRICE, 'exitPricePerMiB'),
    incrementBytes: within(fields['incrementBytes'], MIN_INCREMENT_BYTES, MAX_INCREMENT_BYTES, 'incrementBytes'),
    graceBytes: within(fields['graceBytes'], 0n, MAX_INCREMENT_BYTES, 'graceBytes'),
    validFrom: asNumber(fields['validFrom']),
    validUntil: asNumber(fields['validUntil']),
  };
}

function checkTerms(quote: RelayQuote): void {
  const { withdrawDelay, validFrom, validUntil } = quote;
  if (quote.receiver === ZERO_ADDRESS) throw new ParseError('nobody is paid');
  if (!Number.isInteger(withdrawDelay) || withdrawDelay < MIN_WITHDRAW_DELAY_S || withdrawDelay > MAX_WITHDRAW_DELAY_S)
    throw new ParseError('withdrawDelay is out of range');
  if (quote.graceBytes > quote.incrementBytes) throw new ParseError('graceBytes is more than one increment');
  const price = quotePrice(quote);
  if (price > 0n && incrementAmount(quote.incrementBytes, price) < MIN_INCREMENT_AMOUNT)
    throw new ParseError('incrementBytes is too little for the price');
  if (!Number.isSafeInteger(validFrom) || !Number.isSafeInteger(validUntil) || validFrom < 0)
    throw new ParseError('the time is none');
  if (validUntil <= validFrom || validUntil - validFrom > MAX_VALIDITY_S) throw new ParseError('the time is no span');
}

function within(value: unknown, low: bigint, high: bigint, name: string): bigint {
  if (typeof value !== 'bigint' || value < low || value > high || value > MAX_AMOUNT)
    throw new ParseError(`${name} is out of range`);
  return value;
}
