// What comes back to a payer whose channel was closed, sent by the relay at its own gas, and again where it was not sent or is lost: the chain did not answer at the
// close, or the block was undone and the relay killed. The payer holds its channel for closed then, so nobody else would. Used by settler.ts and relay/chain/create.ts.

import { refundWithSignatureCall } from '../../src/chain/rail/calldata.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { signRefund } from '../../src/chain/rail/refund.ts';
import { lessOrNone, most } from '../../src/core/payment/amount.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { eachInTurn } from '../chain/serial.ts';
import type { Sender } from '../chain/sender.ts';
import type { Sent } from '../chain/sender-entry.ts';
import type { StoredChannel } from '../ledger/channels.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaymentKey } from '../payment-key.ts';
import { earned } from './claims.ts';
import type { ChannelWatch } from './watch.ts';

export type Refund = { amount: bigint; nonce: bigint; signature: Hex };

export type Refunds = {
  /** Throws `PaymentError` where it is more than was not served. */
  sign(id: Hex, amount: bigint, nonce: bigint): Hex;
  /** Throws like `Sender.send`. */
  send(id: Hex, refund: Refund): Promise<Sent>;
  /** What is left in closed channels and is not on its way. Throws `ChainError`. */
  again(): Promise<void>;
};

export type RefundsInit = {
  network: Network;
  ledger: Pick<Ledger, 'channels' | 'transactions'>;
  sender: Sender;
  watch: ChannelWatch;
  key: PaymentKey;
};

export function createRefunds({ network, ledger, sender, watch, key }: RefundsInit): Refunds {
  const kept = (id: Hex): StoredChannel => {
    const channel = ledger.channels.get(id);
    if (channel === undefined) throw new PaymentError('unknown_channel', 'the ledger has no such channel');
    return channel;
  };
  const unspent = (channel: StoredChannel): bigint =>
    lessOrNone(channel.balance, most(channel.claimed, earned(channel)) + channel.pendingWithdrawal);

  const sign: Refunds['sign'] = (id, amount, nonce) => {
    const channel = kept(id);
    if (amount > lessOrNone(channel.balance, most(channel.claimed, earned(channel)))) {
      throw new PaymentError('exceeds_balance', 'what was served is not given back');
    }
    return signRefund(network, { channelId: id, amount, nonce }, key.key);
  };
  const send: Refunds['send'] = (id, refund) => {
    const call = refundWithSignatureCall(network, kept(id).config, refund);
    return sender.send({ kind: 'refund', channels: [{ id, max: refund.amount }], call });
  };

  /** Lost, and nothing is left to give back: somebody else has sent it. */
  const looked = new Set<Hex>();
  /** Found in the round before too: one that is just being closed sends its own. */
  let found = new Set<Hex>();

  const unreturned = (): Hex[] =>
    ledger.channels
      .list()
      .filter(
        ({ chainId, state, config }) =>
          chainId === network.chainId && state === 'closed' && config.receiver === key.address,
      )
      .filter((channel) => unspent(channel) > 0n)
      .map(({ id }) => id);
  /** The ledger's view of these may be of the block that was undone, and nobody looks at a closed channel that is empty. */
  const lost = (): Hex[] =>
    ledger.transactions
      .list(['dropped'])
      .filter(
        ({ kind, chainId, account }) => kind === 'refund' && chainId === network.chainId && account === key.address,
      )
      .flatMap(({ channels }) => channels.map(({ id }) => id))
      .filter((id) => !looked.has(id));
  const isUnderWay = (id: Hex): boolean =>
    sender.underWay().some(({ kind, channels }) => kind === 'refund' && channels.some((channel) => channel.id === id));

  return {
    sign,
    send,
    again: async () => {
      const now = new Set([...unreturned(), ...lost()].filter((id) => !isUnderWay(id)));
      const due = [...now].filter((id) => found.has(id));
      found = now;
      await eachInTurn(due, async (id) => {
        const { refundNonce: nonce } = await watch.see(id);
        const amount = unspent(kept(id));
        if (amount === 0n) looked.add(id);
        else if (!isUnderWay(id)) await send(id, { amount, nonce, signature: sign(id, amount, nonce) });
      });
    },
  };
}
