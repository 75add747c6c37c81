// What the chain knows about a channel and a wallet, read together: for the money shown to the person, and before a deposit or a withdrawal.

import type { Hex } from '../core/payment/hex.ts';
import type { ChainReader } from './rail/network-check.ts';
import type { Network } from './rail/networks.ts';
import {
  readChannel,
  readPendingWithdrawal,
  readRefundNonce,
  readTokenBalance,
  type Channel,
  type PendingWithdrawal,
} from './rail/reads.ts';

export type ChannelState = Channel & { withdrawal: PendingWithdrawal; refundNonce: bigint };

/** All zero for a channel that was never opened. Throws `ChainError`. */
export async function readChannelState(network: Network, id: Hex, reader: ChainReader): Promise<ChannelState> {
  const [channel, withdrawal, refundNonce] = await Promise.all([
    reader.read(readChannel(network, id)),
    reader.read(readPendingWithdrawal(network, id)),
    reader.read(readRefundNonce(network, id)),
  ]);
  return { ...channel, withdrawal, refundNonce };
}

/** Base units of the network's token. Throws `ChainError`. */
export async function readBalance(network: Network, owner: Hex, reader: ChainReader): Promise<bigint> {
  return reader.read(readTokenBalance(network, owner));
}
