// The messages of `/conet/session/1.0.0` and `/conet/transit/1.0.0`: an envelope with one body. The one place that reads and writes them;
// docs/protocol/session.md says what each means and what a wrong value gets.

import { amount, bool, bytes32, oneOf, signature, uint, uint256, uint64 } from './kinds.ts';
import {
  decodeFields,
  decodeMessage,
  encodeMessage,
  nested,
  optional,
  required,
  type Fields,
  type MessageOf,
} from './message.ts';
import { encodeField, readFields } from './protobuf.ts';
import {
  CHANNEL_CONFIG,
  CHANNEL_METER,
  CHANNEL_STANDING,
  DEPOSIT,
  LEASE,
  QUOTE,
  REFUND,
  VOUCHER,
} from './session-parts.ts';
import { SESSION_ERRORS } from './session-protocol.ts';
import { WireError } from './wire-error.ts';

export type SessionSide = 'payer' | 'payee';

/** `number` is the field of the envelope, for ever. */
function body<const S extends SessionSide, F extends Fields>(number: number, from: S, fields: F) {
  return { number, from, fields };
}

const BODIES = {
  quoteRequest: body(2, 'payer', { chainId: required(1, uint()) }),
  quote: body(3, 'payee', QUOTE),
  /** Without a channel: only the free quota. `proof` is the session key's signature over this very connection. */
  open: body(4, 'payer', {
    channel: optional(1, nested({ config: required(1, nested(CHANNEL_CONFIG)), proof: required(2, signature) })),
    deposit: optional(2, nested(DEPOSIT)),
    voucher: optional(3, nested(VOUCHER)),
  }),
  /** Also the answer to a top-up, and sent again when a deposit becomes safer. */
  openAck: body(5, 'payee', {
    lease: optional(1, nested(LEASE)),
    channel: optional(2, nested(CHANNEL_STANDING)),
  }),
  topUp: body(6, 'payer', { channelId: required(1, bytes32), deposit: required(2, nested(DEPOSIT)) }),
  voucher: body(7, 'payer', { channelId: required(1, bytes32), voucher: required(2, nested(VOUCHER)) }),
  /** `up` and `down`: bytes of tunnels since the session was opened, seen from the payer. */
  meter: body(8, 'payee', {
    up: required(1, uint64),
    down: required(2, uint64),
    freeBytes: required(3, uint64),
    channel: optional(4, nested(CHANNEL_METER)),
  }),
  close: body(9, 'payer', {
    channelId: required(1, bytes32),
    voucher: required(2, nested(VOUCHER)),
    refund: required(3, bool),
  }),
  closed: body(10, 'payee', {
    channelId: required(1, bytes32),
    refund: optional(2, nested(REFUND)),
    txHash: optional(3, bytes32),
  }),
  resync: body(11, 'payer', { config: required(1, nested(CHANNEL_CONFIG)), proof: required(2, signature) }),
  state: body(12, 'payee', {
    channelId: required(1, bytes32),
    balance: required(2, amount),
    totalClaimed: required(3, amount),
    pendingWithdrawal: required(4, amount),
    refundNonce: required(5, uint256),
    owed: required(6, amount),
    voucher: optional(7, nested(VOUCHER)),
  }),
  error: body(13, 'payee', {
    code: required(1, oneOf(SESSION_ERRORS)),
    /** How long to wait before asking again, ms. */
    retryAfterMs: optional(2, uint()),
  }),
};

export type SessionBodyType = keyof typeof BODIES;
export type SessionBodyOf<K extends SessionBodyType> = { type: K } & MessageOf<(typeof BODIES)[K]['fields']>;
export type SessionBody = { [K in SessionBodyType]: SessionBodyOf<K> }[SessionBodyType];

export type SessionMessage = {
  /** Drawn by the payer, rising from 1 on each stream; an answer has the number of what it answers, anything unasked has 0. */
  request: number;
  body: SessionBody;
};

const MAX_UINT32 = 2 ** 32 - 1;
const ENVELOPE = { request: required(1, uint(MAX_UINT32)) };

/** Who sends bodies of a type; the other side refuses them. */
export function senderOf(type: SessionBodyType): SessionSide {
  return BODIES[type].from;
}

/** Throws `WireError` where a value is outside of what the protocol says: a bug of the caller. */
export function encodeSessionMessage({ request, body: sent }: SessionMessage): Uint8Array<ArrayBuffer> {
  const { number, fields } = BODIES[sent.type] as { number: number; fields: Fields };
  const inner = encodeMessage(fields, sent);
  return Uint8Array.from([...encodeMessage(ENVELOPE, { request }), ...encodeField(number, inner)]);
}

/**
 * Reads a message that came from `from`. Throws `WireError`; bytes behind it are never kept.
 */
export function decodeSessionMessage(bytes: Uint8Array, from: SessionSide): SessionMessage {
  const raw = readFields(bytes);
  const bodies = raw.filter(({ number }) => number !== ENVELOPE.request.number);
  const known = bodies.flatMap((field) => {
    const entry = Object.entries(BODIES).find(([, { number }]) => number === field.number);
    return entry === undefined ? [] : [{ type: entry[0] as SessionBodyType, ...entry[1], value: field.value }];
  });
  const { request } = decodeFields(ENVELOPE, raw);
  const [first, ...more] = known;
  if (first === undefined) {
    if (bodies.length > 0) throw new WireError('unknown-message', 'not a message of this version');
    throw new WireError('missing-field', 'the message has no body');
  }
  if (more.length > 0) throw new WireError('duplicate-field', 'the message has two bodies');
  if (!(first.value instanceof Uint8Array)) throw new WireError('malformed', `${first.type}: not a message`);
  if (first.from !== from) throw new WireError('wrong-side', `${first.type} is not for this side to send`);
  const fields: Fields = first.fields;
  return { request, body: { type: first.type, ...decodeMessage(fields, first.value) } as SessionBody };
}
