// Everything that can be wrong about a payment, as one closed set of codes, with one line of advice each.
// Relay and client share it. A text never holds a key, a signature or an address of a person.

/** What one side may answer the other with (docs/protocol, ERR of the session). */
export const WIRE_CODES = [
  /** The quote is not valid now, or was replaced. */
  'quote_expired',
  /** A signature is of another form, or not by the key that it must be by. */
  'bad_sig',
  /** The voucher promises no more than the last one, or too little more to be worth checking. */
  'not_advancing',
  /** The voucher promises more than the channel holds. */
  'exceeds_balance',
  /** The voucher promises money that the payer is taking back. */
  'withdraw_pending',
  /** The chain refused the deposit, or lost it again. */
  'deposit_failed',
  /** The deposit is smaller than the relay takes. */
  'min_deposit',
  /** Too many messages in too short a time. */
  'rate_limited',
  /** The channel is not one that this relay can be paid by. */
  'bad_config',
  /** No channel of this id is open here. */
  'unknown_channel',
] as const;
export type WireCode = (typeof WIRE_CODES)[number];

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

export type PaymentCode = WireCode | ClientCode;

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
