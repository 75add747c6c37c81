// The events by which channels are found again: what accounts have put into the collector, and the channel that was opened in the same block. The escrow's event names no
// payer in its topics, the token's `Transfer` does. Pure: topics and parsing; src/chain/found-channels.ts asks.

import { id as hashText } from 'ethers/hash';
import { parseChannelConfig, type ChannelConfig } from '../../core/payment/channel.ts';
import { asAddress, type Hex } from '../../core/payment/hex.ts';
import { ChainError } from './chain-error.ts';
import { channelId } from './channel-id.ts';
import type { Network } from './networks.ts';

const TRANSFER = hashText('Transfer(address,address,uint256)') as Hex;
/** x402BatchSettlement: the id is a topic, the config stands in the data. */
export const CHANNEL_CREATED = hashText(
  'ChannelCreated(bytes32,(address,address,address,address,address,uint40,bytes32))',
) as Hex;

export type LogFilter = { address: Hex; topics: (Hex | Hex[])[] };

/** All that these accounts have handed to the collector. */
export function depositsOf({ token, collector }: Network, payers: readonly Hex[]): LogFilter {
  return { address: token.address, topics: [TRANSFER, payers.map(asTopic), asTopic(collector)] };
}

export function channelsCreated({ escrow }: Network): LogFilter {
  return { address: escrow, topics: [CHANNEL_CREATED] };
}

/** A channel by its event's data: seven words, one for each field. Its id is computed, never taken from the event. Throws `ChainError` bad_answer. */
export function readCreated(network: Network, data: string): { id: Hex; config: ChannelConfig } {
  try {
    if (!/^0x[0-9a-f]{448}$/i.test(data)) throw new RangeError('not seven words');
    const words = Array.from({ length: 7 }, (_, at) => data.slice(2 + 64 * at, 66 + 64 * at));
    const address = (at: number): Hex => asAddress(`0x${words[at]?.slice(24) ?? ''}`);
    const config = parseChannelConfig({
      ...{ payer: address(0), payerAuthorizer: address(1), receiver: address(2), receiverAuthorizer: address(3) },
      ...{ token: address(4), withdrawDelay: Number(BigInt(`0x${words[5] ?? ''}`)), salt: `0x${words[6] ?? ''}` },
    });
    return { id: channelId(network, config), config };
  } catch {
    throw new ChainError('bad_answer', 'an event of the escrow holds no channel');
  }
}

function asTopic(address: Hex): Hex {
  return `0x${'0'.repeat(24)}${address.slice(2)}`;
}
