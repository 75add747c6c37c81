// Everything that can be wrong about a payment, as one closed set of codes, with one line of advice each.
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

/** One line for the person. */
export function paymentAdvice(code: PaymentCode): string {
  switch (code) {
    case 'quote_expired':
      return 'The relay has changed its price. A new one is asked for by itself.';
    case 'bad_sig':
      return 'The relay and this browser disagree about a signature. Another relay is used.';
    case 'not_advancing':
      return 'The relay already has this payment. Nothing is lost.';
    case 'exceeds_balance':
      return 'The deposit with this relay is used up. Top it up to go on.';
    case 'withdraw_pending':
      return 'You are taking this deposit back. Open a new one to go on paying this relay.';
    case 'deposit_failed':
      return 'The deposit did not go through. Your money is still in your wallet; try again.';
    case 'min_deposit':
      return 'The relay takes larger deposits only. Choose a larger amount or another relay.';
    case 'rate_limited':
      return 'The relay is asked too often. It goes on by itself in a moment.';
    case 'bad_config':
      return 'The relay does not take this kind of channel. Choose another relay.';
    case 'unknown_channel':
      return 'The relay does not know this deposit. It is shown to the relay again by itself.';
    case 'bad_message':
    case 'unknown_message':
    case 'out_of_order':
      return 'The relay and this browser do not understand each other. Update the extension, or choose another relay.';
    case 'wrong_network':
      return 'The relay is paid on another network. Choose another relay, or another network in the settings.';
    case 'wrong_channel':
      return 'The relay is paid over another deposit in this session. It is sorted out by itself.';
    case 'no_free_quota':
      return 'The free data of today is used up. Make a deposit to go on, or come back tomorrow.';
    case 'no_port':
      return 'The relay serves too many people behind your address. Choose another relay.';
    case 'draining':
      return 'The relay is being shut down. Another relay is used.';
    case 'unavailable':
      return 'The relay cannot take payments now. It is tried again, or another relay is used.';
    case 'bad_quote':
      return 'The relay’s price list cannot be used. Choose another relay.';
    case 'meter_apart':
      return 'The relay’s count of bytes does not match this browser’s. Payments to it stopped; another relay is used.';
    case 'day_limit':
      return 'Your limit for today is reached. Raise it in the settings, or go on tomorrow.';
    case 'session_limit':
      return 'Your limit for one session is reached. Raise it in the settings, or start a new session.';
    case 'price_above_limit':
      return 'This relay is dearer than you wanted. Agree to its price, or choose another relay.';
  }
}
