// The relay's signatures that move money without the payer's gas: a refund gives the payer what was not claimed, a claim batch lets anybody submit the claims.
// Only the channel's receiverAuthorizer may sign either. Anybody may submit them.

import type { SigningKey } from 'ethers/crypto';
import type { Hex } from '../../core/payment/hex.ts';
import type { Network } from './networks.ts';
import { signDigest, verifySigner } from './signature.ts';
import { defineStruct, escrowDomain } from './typed-data.ts';

const REFUND = defineStruct(escrowDomain, {
  Refund: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'nonce', type: 'uint256' },
    { name: 'amount', type: 'uint128' },
  ],
});

const CLAIM_BATCH = defineStruct(escrowDomain, {
  ClaimBatch: [{ name: 'claims', type: 'ClaimEntry[]' }],
  ClaimEntry: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxClaimableAmount', type: 'uint128' },
    { name: 'totalClaimed', type: 'uint128' },
  ],
});

export type Refund = {
  channelId: Hex;
  /** `refundNonce(id)` of the contract as it stands: each refund is good once. */
  nonce: bigint;
  amount: bigint;
};

/** One channel of a batch: the voucher's sum, and how much of it is claimed in all. */
export type ClaimEntry = { channelId: Hex; sum: bigint; totalClaimed: bigint };

export function refundDigest(network: Network, { channelId, nonce, amount }: Refund): Hex {
  return REFUND.digest(network, { channelId, nonce, amount });
}

/** @param key of the channel's receiverAuthorizer; not kept */
export function signRefund(network: Network, refund: Refund, key: SigningKey): Hex {
  return signDigest(key, refundDigest(network, refund));
}

/** Throws `PaymentError` bad_sig unless the channel's receiverAuthorizer signed it. */
export function verifyRefund(network: Network, refund: Refund, signature: unknown, receiverAuthorizer: Hex): void {
  verifySigner(refundDigest(network, refund), signature, receiverAuthorizer);
}

export function claimBatchDigest(network: Network, entries: readonly ClaimEntry[]): Hex {
  return CLAIM_BATCH.digest(network, {
    claims: entries.map(({ channelId, sum, totalClaimed }) => ({ channelId, maxClaimableAmount: sum, totalClaimed })),
  });
}

/** @param key of the receiverAuthorizer of every channel in it; not kept */
export function signClaimBatch(network: Network, entries: readonly ClaimEntry[], key: SigningKey): Hex {
  return signDigest(key, claimBatchDigest(network, entries));
}
