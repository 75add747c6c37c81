// Everything that can be wrong about a payment, as one closed set of codes; what the person reads of each stands in payment-advice.ts.
// Relay and client share it: what may be sent (src/core/wire) and what the client finds by itself. A text never holds a key, a signature or an address.

import { SESSION_ERRORS, type SessionErrorCode } from '../wire/session-protocol.ts';

/** What the client finds out by itself, and tells nobody but the person. */
export const CLIENT_CODES = [
  /** The quote is malformed, or its terms are none that a client takes. */
  'bad_quote',
  /** The relay's count of bytes and the client's own are too far apart. */
  'meter_apart',
  /** The person's limit for a day is reached. */
  'day_limit',
  /** The person's limit for a session is reached. */
  'session_limit',
  /** The price is above what the person wants to be asked for. */
  'price_above_limit',
] as const;
export type ClientCode = (typeof CLIENT_CODES)[number];

export const PAYMENT_CODES = [...SESSION_ERRORS, ...CLIENT_CODES] as const;
export type PaymentCode = SessionErrorCode | ClientCode;

export class PaymentError extends Error {
  override readonly name = 'PaymentError';
  readonly code: PaymentCode;

  /** @param detail what exactly, in words; no value that came from outside */
  constructor(code: PaymentCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
  }
}

export function isPaymentError<C extends PaymentCode>(error: unknown, code: C): error is PaymentError & { code: C } {
  return error instanceof PaymentError && error.code === code;
}
