// What several messages of the session protocol hold. Field numbers are for ever: docs/protocol/session.proto has the same, and a test
// compares the two through another implementation.

import { address, amount, bytes32, oneOf, peerSignature, signature, text, uint, uint256, uint64 } from './kinds.ts';
import { nested, optional, required, type MessageOf } from './message.ts';
import { DEPOSIT_STATES } from './session-protocol.ts';

const MAX_UINT40 = 2 ** 40 - 1;
const MAX_PORT = 65_535;
/** Peer ids in base58 have 52 characters (Ed25519) or less than 60. */
const MAX_PEER_ID = 100;

/** The contract's `ChannelConfig`; `withdrawDelay` in seconds. */
export const CHANNEL_CONFIG = {
  payer: required(1, address),
  payerAuthorizer: required(2, address),
  receiver: required(3, address),
  receiverAuthorizer: required(4, address),
  token: required(5, address),
  withdrawDelay: required(6, uint(MAX_UINT40)),
  salt: required(7, bytes32),
};
export type WireChannelConfig = MessageOf<typeof CHANNEL_CONFIG>;

/** What the payer signed for the token (EIP-3009); times in seconds since the epoch. `salt` makes the nonce, with the channel's id. */
export const DEPOSIT = {
  amount: required(1, amount),
  validAfter: required(2, uint()),
  validBefore: required(3, uint()),
  salt: required(4, bytes32),
  signature: required(5, signature),
};
export type WireDeposit = MessageOf<typeof DEPOSIT>;

/** `max`: all that the channel has ever paid, in base units. */
export const VOUCHER = {
  max: required(1, amount),
  signature: required(2, signature),
};
export type WireVoucher = MessageOf<typeof VOUCHER>;

/** What the payee asks for. Prices in base units for 2^20 bytes, of both directions together; validity in seconds since the epoch. */
export const QUOTE_TERMS = {
  chainId: required(1, uint()),
  escrow: required(2, address),
  peerId: required(3, text(MAX_PEER_ID)),
  receiver: required(4, address),
  token: required(5, address),
  withdrawDelay: required(6, uint(MAX_UINT40)),
  minDeposit: required(7, amount),
  entryPricePerMiB: required(8, amount),
  exitPricePerMiB: required(9, amount),
  incrementBytes: required(10, uint64),
  graceBytes: required(11, uint64),
  validFrom: required(12, uint()),
  validUntil: required(13, uint()),
};
export type WireQuoteTerms = MessageOf<typeof QUOTE_TERMS>;

/** Terms with the signatures of both keys of the payee: the one that is paid, and the one that it is known by. */
export const QUOTE = {
  terms: required(1, nested(QUOTE_TERMS)),
  payeeSignature: required(2, signature),
  peerSignature: required(3, peerSignature),
};

/** Where tunnels of this session are counted; times in seconds. Transit has none: its tunnels are those of the connection. */
export const LEASE = {
  port: required(1, uint(MAX_PORT)),
  /** Bytes of today's free quota that are left for this source. */
  freeBytes: required(2, uint64),
  /** How long the lease stays without a tunnel and without a message. */
  idleSeconds: required(3, uint()),
};
export type WireLease = MessageOf<typeof LEASE>;

/** How a channel stands after a deposit or an opening. */
export const CHANNEL_STANDING = {
  channelId: required(1, bytes32),
  /** What may be used before the next voucher, in base units; capped until the deposit is safe. */
  credit: required(2, amount),
  depositState: required(3, oneOf(DEPOSIT_STATES)),
  txHash: optional(4, bytes32),
};

/** What was counted on a channel in all its life, in base units. */
export const CHANNEL_METER = {
  channelId: required(1, bytes32),
  owed: required(2, amount),
  lastMax: required(3, amount),
};

/** The payee's own signature that returns what is left (the contract's `Refund`); anybody may send it to the chain. */
export const REFUND = {
  nonce: required(1, uint256),
  amount: required(2, amount),
  signature: required(3, signature),
};
