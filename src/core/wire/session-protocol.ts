// Names and closed lists of the session protocol, one set for client and entry and for entry and exit. The **payer** opens the stream; the
// **payee** grants and counts. docs/protocol/session.md says when each stands.

/** Between a client and its entry. */
export const SESSION_PROTOCOL = '/conet/session/1.0.0';
/** Between an entry and an exit: the same messages, one channel for all clients together. */
export const TRANSIT_PROTOCOL = '/conet/transit/1.0.0';

/** How sure the payee is of a deposit: sent to the chain, in a block, in a block that the chain calls safe. */
export const DEPOSIT_STATES = ['pending', 'unsafe', 'safe'] as const;
export type DepositState = (typeof DEPOSIT_STATES)[number];

/** What a refusal can be. New ones join at the end: the wire has the place. */
export const SESSION_ERRORS = [
  // payments.md §3.3
  'quote_expired',
  'bad_sig',
  'not_advancing',
  'exceeds_balance',
  'withdraw_pending',
  'deposit_failed',
  'min_deposit',
  'rate_limited',
  // Of the messages themselves.
  'bad_message',
  'unknown_message',
  'out_of_order',
  // Of what they are about.
  'wrong_network',
  'bad_config',
  'unknown_channel',
  'wrong_channel',
  'no_free_quota',
  'no_port',
  // Of the payee.
  'draining',
  'unavailable',
] as const;
export type SessionErrorCode = (typeof SESSION_ERRORS)[number];
