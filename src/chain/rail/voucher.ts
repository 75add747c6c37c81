// Vouchers as the contract reads them: digest, signing with the session key, and the relay's check. The rules about their sums are in
// src/core/payment/voucher.ts and come first: a signature is a thousand times dearer to check.

import type { SigningKey } from 'ethers/crypto';
import type { ChannelConfig } from '../../core/payment/channel.ts';
import type { Hex } from '../../core/payment/hex.ts';
import { PaymentError } from '../../core/payment/payment-error.ts';
import type { Network } from './networks.ts';
import { signDigest, verifySigner } from './signature.ts';
import { defineStruct, escrowDomain } from './typed-data.ts';

const VOUCHER = defineStruct(escrowDomain, {
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxClaimableAmount', type: 'uint128' },
  ],
});

export const VOUCHER_TYPEHASH = VOUCHER.typeHash;

export type Voucher = {
  channelId: Hex;
  /** The cumulative sum, base units. */
  sum: bigint;
};

/** What is signed. Throws where a value is not of its type. */
export function voucherDigest(network: Network, { channelId, sum }: Voucher): Hex {
  return VOUCHER.digest(network, { channelId, maxClaimableAmount: sum });
}

/** @param key of the channel's payerAuthorizer; not kept */
export function signVoucher(network: Network, voucher: Voucher, key: SigningKey): Hex {
  return signDigest(key, voucherDigest(network, voucher));
}

/** Throws `PaymentError` bad_sig unless the channel's payerAuthorizer signed it. */
export function verifyVoucher(network: Network, voucher: Voucher, signature: unknown, payerAuthorizer: Hex): void {
  verifySigner(voucherDigest(network, voucher), signature, payerAuthorizer);
}

/** Whether the channel's own session key signed it. */
export function isVoucherOf(
  network: Network,
  { id, config }: { id: Hex; config: Pick<ChannelConfig, 'payerAuthorizer'> },
  { max, signature }: { max: bigint; signature: string },
): boolean {
  try {
    verifyVoucher(network, { channelId: id, sum: max }, signature, config.payerAuthorizer);
    return true;
  } catch (error) {
    if (error instanceof PaymentError) return false;
    throw error;
  }
}
