// What is sent to the escrow contract: one function for each of its methods. Nobody signs or sends here.
// The ABI is that of x402BatchSettlement; `@x402/evm` encodes the same bytes (tests/unit/chain/rail/conformance.test.ts).

import { Interface } from 'ethers/abi';
import type { ChannelConfig } from '../../core/payment/channel.ts';
import type { Hex } from '../../core/payment/hex.ts';
import { collectorData, type SignedDeposit } from './deposit.ts';
import type { Network } from './networks.ts';

/** A transaction's `to` and `data`. No method takes ETH. */
export type Call = { to: Hex; data: Hex };

const CONFIG =
  '(address payer, address payerAuthorizer, address receiver, address receiverAuthorizer, address token, uint40 withdrawDelay, bytes32 salt)';
const CLAIM = `((${CONFIG} channel, uint128 maxClaimableAmount) voucher, bytes signature, uint128 totalClaimed)`;

const escrow = new Interface([
  `function deposit(${CONFIG} config, uint128 amount, address collector, bytes collectorData)`,
  `function claim(${CLAIM}[] voucherClaims)`,
  `function claimWithSignature(${CLAIM}[] voucherClaims, bytes authorizerSignature)`,
  'function settle(address receiver, address token)',
  `function initiateWithdraw(${CONFIG} config, uint128 amount)`,
  `function finalizeWithdraw(${CONFIG} config)`,
  `function refund(${CONFIG} config, uint128 amount)`,
  `function refundWithSignature(${CONFIG} config, uint128 amount, uint256 nonce, bytes receiverAuthorizerSignature)`,
  'function multicall(bytes[] data) returns (bytes[] results)',
]);

/** A voucher as a claim needs it: the chain keeps ids only, so the whole config goes along. */
export type VoucherClaim = {
  config: ChannelConfig;
  /** The voucher's sum. */
  sum: bigint;
  signature: Hex;
  /** How much is claimed in all, at most the sum. */
  totalClaimed: bigint;
};

/** Anybody may send it; the payer pays, the sender pays the gas. */
export function depositCall(network: Network, config: ChannelConfig, deposit: SignedDeposit): Call {
  return call(network, 'deposit', [config, deposit.amount, network.collector, collectorData(deposit)]);
}

/** Sent by the receiverAuthorizer of every channel in it. */
export function claimCall(network: Network, claims: readonly VoucherClaim[]): Call {
  return call(network, 'claim', [claims.map(claimTuple)]);
}

/** Anybody may send it, with the receiverAuthorizer's signature (refund.ts). */
export function claimWithSignatureCall(network: Network, claims: readonly VoucherClaim[], signature: Hex): Call {
  return call(network, 'claimWithSignature', [claims.map(claimTuple), signature]);
}

/** Pays out to the receiver what was claimed. Anybody may send it. */
export function settleCall(network: Network, receiver: Hex): Call {
  return call(network, 'settle', [receiver, network.token.address]);
}

/** Sent by payer or payerAuthorizer: begins the withdrawal that needs no relay. */
export function initiateWithdrawCall(network: Network, config: ChannelConfig, amount: bigint): Call {
  return call(network, 'initiateWithdraw', [config, amount]);
}

/** Sent by payer or payerAuthorizer, withdrawDelay seconds later. The money goes to the payer, whoever of the two sends it. */
export function finalizeWithdrawCall(network: Network, config: ChannelConfig): Call {
  return call(network, 'finalizeWithdraw', [config]);
}

/** Sent by the receiverAuthorizer. */
export function refundCall(network: Network, config: ChannelConfig, amount: bigint): Call {
  return call(network, 'refund', [config, amount]);
}

/** Anybody may send it, with the receiverAuthorizer's signature (refund.ts). */
export function refundWithSignatureCall(
  network: Network,
  config: ChannelConfig,
  { amount, nonce, signature }: { amount: bigint; nonce: bigint; signature: Hex },
): Call {
  return call(network, 'refundWithSignature', [config, amount, nonce, signature]);
}

/** Several of the above in one transaction: all of them or none. */
export function multicall(network: Network, calls: readonly Call[]): Call {
  return call(network, 'multicall', [calls.map(({ data }) => data)]);
}

function claimTuple({ config, sum, signature, totalClaimed }: VoucherClaim) {
  return { voucher: { channel: config, maxClaimableAmount: sum }, signature, totalClaimed };
}

function call(network: Network, method: string, values: readonly unknown[]): Call {
  return { to: network.escrow, data: escrow.encodeFunctionData(method, values) as Hex };
}
