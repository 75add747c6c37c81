// What an entry needs of the chain to get its money back from exits: how a channel of its own stands, and the two steps that need no exit. Whether a step is
// done, the chain says: each may be asked for again. Made by create.ts; used by relay/transit.

import { finalizeWithdrawCall, initiateWithdrawCall, refundWithSignatureCall } from '../../src/chain/rail/calldata.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { readChannel, readPendingWithdrawal } from '../../src/chain/rail/reads.ts';
import type { Call } from '../../src/chain/rail/calldata.ts';
import { lessOrNone } from '../../src/core/payment/amount.ts';
import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { readHead } from './answers.ts';
import type { Sender } from './sender.ts';
import type { Servers } from './servers.ts';

/** Amounts in base units. */
export type OwnChannel = {
  /** Deposited, not claimed and not taken out. */
  left: bigint;
  withdrawal: 'none' | 'waiting' | 'ready';
  /** A transaction about it is in no block yet. */
  underWay: boolean;
};

export type PayerChain = {
  /** Throws `ChainError`. */
  look(id: Hex, config: ChannelConfig): Promise<OwnChannel>;
  /** Begins the withdrawal of all that is left: the exit has the channel's delay to claim its own. Throws `ChainError`, `SenderError`. */
  begin(id: Hex, config: ChannelConfig, amount: bigint): Promise<void>;
  /** Takes it out, when it is ready. Throws like `begin`. */
  fetch(id: Hex, config: ChannelConfig): Promise<void>;
  /** The exit's refund, where it does not send it itself. Throws like `begin`. */
  sendRefund(id: Hex, config: ChannelConfig, refund: { amount: bigint; nonce: bigint; signature: Hex }): Promise<void>;
};

export function createPayerChain(init: {
  network: Network;
  servers: Servers;
  sender: Sender;
  /** Something was sent: the next round comes soon. */
  sent: () => void;
}): PayerChain {
  const { network, servers, sender, sent } = init;
  const send = async (kind: 'withdraw' | 'refund', id: Hex, max: bigint, call: Call): Promise<void> => {
    await sender.send({ kind, channels: [{ id, max }], call });
    sent();
  };
  return {
    look: async (id, { withdrawDelay }) => {
      const reader = servers.at('latest');
      const [{ balance, totalClaimed }, { initiatedAt }, { timestamp }] = await Promise.all([
        reader.read(readChannel(network, id)),
        reader.read(readPendingWithdrawal(network, id)),
        readHead(servers),
      ]);
      // By the clock of the chain, whose word it is.
      const isReady = Number(initiatedAt) + withdrawDelay <= timestamp;
      return {
        left: lessOrNone(balance, totalClaimed),
        withdrawal: initiatedAt === 0n ? 'none' : isReady ? 'ready' : 'waiting',
        underWay: sender.underWay().some(({ channels }) => channels.some((channel) => channel.id === id)),
      };
    },
    begin: (id, config, amount) => send('withdraw', id, amount, initiateWithdrawCall(network, config, amount)),
    fetch: (id, config) => send('withdraw', id, 0n, finalizeWithdrawCall(network, config)),
    sendRefund: (id, config, refund) =>
      send('refund', id, refund.amount, refundWithSignatureCall(network, config, refund)),
  };
}
