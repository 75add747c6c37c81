// A deposit without gas of the payer's: an EIP-3009 authorization that lets the collector take so much, for this one channel. The relay submits it.
// The nonce binds it to the channel's id, so that nobody can put the money into another one; `receiveWithAuthorization` lets
// nobody but the collector use it.

import { AbiCoder } from 'ethers/abi';
import { keccak256, type SigningKey } from 'ethers/crypto';
import { asAmount } from '../../core/payment/amount.ts';
import type { ChannelConfig } from '../../core/payment/channel.ts';
import type { Hex } from '../../core/payment/hex.ts';
import { PaymentError } from '../../core/payment/payment-error.ts';
import { channelId } from './channel-id.ts';
import type { Network } from './networks.ts';
import { signDigest, verifySigner } from './signature.ts';
import { defineStruct, tokenDomain } from './typed-data.ts';

const RECEIVE = defineStruct(tokenDomain, {
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
});

export type Deposit = {
  /** Base units. */
  amount: bigint;
  /** Seconds since the epoch: good after the first and before the second. */
  validAfter: number;
  validBefore: number;
  /** Fresh for each deposit, 32 bytes: the same one again is the same authorization. */
  salt: Hex;
};

export type SignedDeposit = Deposit & { signature: Hex };

/** A block is mined every two seconds; less time than this left, and the relay pays gas for a deposit that may be refused. */
const MIN_TIME_LEFT_S = 30;

const coder = AbiCoder.defaultAbiCoder();

export function depositNonce(id: Hex, salt: Hex): Hex {
  return keccak256(coder.encode(['bytes32', 'bytes32'], [id, salt])) as Hex;
}

/** The fields that the wallet signs: what the person is shown is made from these very ones. */
export function depositMessage(network: Network, config: ChannelConfig, deposit: Deposit) {
  return {
    from: config.payer,
    to: network.collector,
    value: asAmount(deposit.amount),
    validAfter: deposit.validAfter,
    validBefore: deposit.validBefore,
    nonce: depositNonce(channelId(network, config), deposit.salt),
  };
}

export function depositDigest(network: Network, config: ChannelConfig, deposit: Deposit): Hex {
  return RECEIVE.digest(network, depositMessage(network, config, deposit));
}

/** @param key of the channel's payer; not kept */
export function signDeposit(network: Network, config: ChannelConfig, deposit: Deposit, key: SigningKey): SignedDeposit {
  const { amount, validAfter, validBefore, salt } = deposit;
  const signature = signDigest(key, depositDigest(network, config, deposit));
  return { amount, validAfter, validBefore, salt, signature };
}

/**
 * The relay's check before it spends gas. Throws `PaymentError`: bad_sig where somebody else signed, deposit_failed outside of its time.
 * Whether the payer has the money is the chain's to say.
 * @param now ms since the epoch
 */
export function verifyDeposit(network: Network, config: ChannelConfig, deposit: SignedDeposit, now: number): void {
  const seconds = Math.floor(now / 1000);
  if (deposit.validAfter >= seconds) throw new PaymentError('deposit_failed', 'the authorization is not valid yet');
  if (deposit.validBefore <= seconds + MIN_TIME_LEFT_S) {
    throw new PaymentError('deposit_failed', 'the authorization is valid for too short a time');
  }
  verifySigner(depositDigest(network, config, deposit), deposit.signature, config.payer);
}

/** What the escrow hands to the collector. */
export function collectorData({ validAfter, validBefore, salt, signature }: SignedDeposit): Hex {
  return coder.encode(['uint256', 'uint256', 'bytes32', 'bytes'], [validAfter, validBefore, salt, signature]) as Hex;
}
