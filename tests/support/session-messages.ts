// Random messages of the session protocol for property tests: every body, every field at its limits.

import fc from 'fast-check';
import type { Hex } from '../../src/core/wire/kinds.ts';
import type { SessionBody, SessionBodyType, SessionMessage } from '../../src/core/wire/session-messages.ts';
import { DEPOSIT_STATES, SESSION_ERRORS } from '../../src/core/wire/session-protocol.ts';

const hex = (length: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const uint = (max: number = Number.MAX_SAFE_INTEGER) => fc.integer({ min: 0, max });
const amount = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const address = hex(20);
const bytes32 = hex(32);
const signature = hex(65);

const config = fc.record({
  payer: address,
  payerAuthorizer: address,
  receiver: address,
  receiverAuthorizer: address,
  token: address,
  withdrawDelay: uint(2 ** 40 - 1),
  salt: bytes32,
});
const deposit = fc.record({ amount, validAfter: uint(), validBefore: uint(), salt: bytes32, signature });
const voucher = fc.record({ max: amount, signature });
const terms = fc.record({
  chainId: uint(),
  escrow: address,
  peerId: fc.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{46,59}$/),
  receiver: address,
  token: address,
  withdrawDelay: uint(2 ** 40 - 1),
  minDeposit: amount,
  entryPricePerMiB: amount,
  exitPricePerMiB: amount,
  incrementBytes: uint64,
  graceBytes: uint64,
  validFrom: uint(),
  validUntil: uint(),
});

const body = <T>(type: SessionBodyType, model: { [P in keyof T]: fc.Arbitrary<T[P]> }, keys: (keyof T)[]) =>
  fc.record(model, { requiredKeys: keys }).map((fields) => ({ type, ...fields }) as unknown as SessionBody);

export const BODIES: Record<SessionBodyType, fc.Arbitrary<SessionBody>> = {
  quoteRequest: body('quoteRequest', { chainId: uint() }, ['chainId']),
  quote: body('quote', { terms, payeeSignature: signature, peerSignature: hex(64) }, [
    ...(['terms', 'payeeSignature', 'peerSignature'] as const),
  ]),
  open: body('open', { channel: fc.record({ config, proof: signature }), deposit, voucher }, []),
  openAck: body(
    'openAck',
    {
      lease: fc.record({ port: uint(65_535), freeBytes: uint64, idleSeconds: uint() }),
      channel: fc.record(
        { channelId: bytes32, credit: amount, depositState: fc.constantFrom(...DEPOSIT_STATES), txHash: bytes32 },
        { requiredKeys: ['channelId', 'credit', 'depositState'] },
      ),
    },
    [],
  ),
  topUp: body('topUp', { channelId: bytes32, deposit }, ['channelId', 'deposit']),
  voucher: body('voucher', { channelId: bytes32, voucher }, ['channelId', 'voucher']),
  meter: body(
    'meter',
    {
      up: uint64,
      down: uint64,
      freeBytes: uint64,
      channel: fc.record({ channelId: bytes32, owed: amount, lastMax: amount }),
    },
    ['up', 'down', 'freeBytes'],
  ),
  close: body('close', { channelId: bytes32, voucher, refund: fc.boolean() }, ['channelId', 'voucher', 'refund']),
  closed: body(
    'closed',
    {
      channelId: bytes32,
      refund: fc.record({ nonce: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), amount, signature }),
      txHash: bytes32,
    },
    ['channelId'],
  ),
  resync: body('resync', { config, proof: signature }, ['config', 'proof']),
  state: body(
    'state',
    {
      channelId: bytes32,
      balance: amount,
      totalClaimed: amount,
      pendingWithdrawal: amount,
      refundNonce: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
      owed: amount,
      voucher,
    },
    ['channelId', 'balance', 'totalClaimed', 'pendingWithdrawal', 'refundNonce', 'owed'],
  ),
  error: body('error', { code: fc.constantFrom(...SESSION_ERRORS), retryAfterMs: uint() }, ['code']),
};

export const sessionMessage: fc.Arbitrary<SessionMessage> = fc.record({
  request: uint(2 ** 32 - 1),
  body: fc.oneof(...Object.values(BODIES)),
});
