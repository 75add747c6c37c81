// What is read from the contracts: the call of each view, and its answer parsed. How a call gets to a chain is the caller's business
// (src/chain/rpc.ts in the extension). An answer of another form is a named error: a contract that is none answers with nothing.

import { Interface } from 'ethers/abi';
import type { Hex } from '../../core/payment/hex.ts';
import type { Network } from './networks.ts';
import { asBigint, createView, type Read } from './view.ts';

export type { Read } from './view.ts';

const view = createView(
  new Interface([
    'function channels(bytes32) view returns (uint128 balance, uint128 totalClaimed)',
    'function pendingWithdrawals(bytes32) view returns (uint128 amount, uint40 initiatedAt)',
    'function refundNonce(bytes32) view returns (uint256)',
    'function receivers(address, address) view returns (uint128 totalClaimed, uint128 totalSettled)',
    'function VOUCHER_TYPEHASH() view returns (bytes32)',
    'function CHANNEL_CONFIG_TYPEHASH() view returns (bytes32)',
    'function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)',
    'function DOMAIN_SEPARATOR() view returns (bytes32)',
    'function decimals() view returns (uint8)',
    'function balanceOf(address) view returns (uint256)',
    'function authorizationState(address, bytes32) view returns (bool)',
  ]),
);

/** Amounts in base units, `initiatedAt` in seconds since the epoch, 0 where none is pending. */
export type Channel = { balance: bigint; totalClaimed: bigint };
export type PendingWithdrawal = { amount: bigint; initiatedAt: bigint };
export type DomainAnswer = { name: string; version: string; chainId: bigint; verifyingContract: Hex };

export function readChannel({ escrow }: Network, id: Hex): Read<Channel> {
  return view(escrow, 'channels', [id], ([balance, totalClaimed]) => ({
    balance: asBigint(balance),
    totalClaimed: asBigint(totalClaimed),
  }));
}

export function readPendingWithdrawal({ escrow }: Network, id: Hex): Read<PendingWithdrawal> {
  return view(escrow, 'pendingWithdrawals', [id], ([amount, initiatedAt]) => ({
    amount: asBigint(amount),
    initiatedAt: asBigint(initiatedAt),
  }));
}

export function readRefundNonce({ escrow }: Network, id: Hex): Read<bigint> {
  return view(escrow, 'refundNonce', [id], ([nonce]) => asBigint(nonce));
}

/** What a receiver has claimed in all channels, and how much of it was paid out. */
export function readReceiver({ escrow, token }: Network, receiver: Hex): Read<{ claimed: bigint; settled: bigint }> {
  return view(escrow, 'receivers', [receiver, token.address], ([claimed, settled]) => ({
    claimed: asBigint(claimed),
    settled: asBigint(settled),
  }));
}

export function readTokenBalance({ token }: Network, owner: Hex): Read<bigint> {
  return view(token.address, 'balanceOf', [owner], ([balance]) => asBigint(balance));
}

/** Whether a deposit authorization was used or cancelled. @param nonce by `depositNonce` */
export function readAuthorizationUsed({ token }: Network, payer: Hex, nonce: Hex): Read<boolean> {
  return view(token.address, 'authorizationState', [payer, nonce], ([used]) => used === true);
}

export function readVoucherTypehash({ escrow }: Network): Read<string> {
  return view(escrow, 'VOUCHER_TYPEHASH', [], ([hash]) => String(hash));
}

export function readChannelConfigTypehash({ escrow }: Network): Read<string> {
  return view(escrow, 'CHANNEL_CONFIG_TYPEHASH', [], ([hash]) => String(hash));
}

export function readDomain(contract: Hex): Read<DomainAnswer> {
  return view(contract, 'eip712Domain', [], ([, name, version, chainId, verifyingContract]) => ({
    name: String(name),
    version: String(version),
    chainId: asBigint(chainId),
    verifyingContract: String(verifyingContract).toLowerCase() as Hex,
  }));
}

/** USDC shows its domain's hash only: it is older than EIP-5267. */
export function readTokenSeparator({ token }: Network): Read<string> {
  return view(token.address, 'DOMAIN_SEPARATOR', [], ([hash]) => String(hash));
}

export function readDecimals({ token }: Network): Read<number> {
  return view(token.address, 'decimals', [], ([decimals]) => Number(asBigint(decimals)));
}
