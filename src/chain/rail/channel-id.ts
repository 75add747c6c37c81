// The id of a channel: the EIP-712 hash of its config, bound to chain and contract. The contract computes the same (`getChannelId`).

import type { ChannelConfig } from '../../core/payment/channel.ts';
import type { Hex } from '../../core/payment/hex.ts';
import type { Network } from './networks.ts';
import { defineStruct, escrowDomain } from './typed-data.ts';

const CHANNEL_CONFIG = defineStruct(escrowDomain, {
  ChannelConfig: [
    { name: 'payer', type: 'address' },
    { name: 'payerAuthorizer', type: 'address' },
    { name: 'receiver', type: 'address' },
    { name: 'receiverAuthorizer', type: 'address' },
    { name: 'token', type: 'address' },
    { name: 'withdrawDelay', type: 'uint40' },
    { name: 'salt', type: 'bytes32' },
  ],
});

export const CHANNEL_CONFIG_TYPEHASH = CHANNEL_CONFIG.typeHash;

export function channelId(network: Network, config: ChannelConfig): Hex {
  return CHANNEL_CONFIG.digest(network, config);
}
