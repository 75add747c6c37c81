// What comes back to a payer whose channel was closed, sent by the relay at its own gas. Once was not enough where the transaction was lost: the block undone, and the
// relay killed before it could send the same again. The payer holds its channel for closed then, so nobody else would. Used by settler.ts and relay/chain/create.ts.

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
import type { TransactionState } from '../ledger/transactions.ts';
import type { PaymentKey } from '../payment-key.ts';
import { earned } from './claims.ts';
import type { ChannelWatch } from './watch.ts';

export type Refund = { amount: bigint; nonce: bigint; signature: Hex };

export type Refunds = {
  /** Throws `PaymentError` where it is more than was not served. */
  sign(id: Hex, amount: bigint, nonce: bigint): Hex;
  /** Throws like `Sender.send`. */
  send(id: Hex, refund: Refund): Promise<Sent>;
  /** Those that were sent once and are lost. Throws `ChainError`. */
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
  const refundsOf = (states: readonly TransactionState[]): Hex[] =>
    ledger.transactions
      .list(states)
      .filter(
        ({ kind, chainId, account }) => kind === 'refund' && chainId === network.chainId && account === key.address,
      )
      .flatMap(({ channels }) => channels.map(({ id }) => id));

  return {
    sign,
    send,
    again: async () => {
      const lost = new Set(refundsOf(['dropped']).filter((id) => !looked.has(id)));
      if (lost.size === 0) return;
      for (const id of refundsOf(['prepared', 'sent', 'mined'])) lost.delete(id);
      await eachInTurn([...lost], async (id) => {
        // The ledger's view may be of the block that was undone, and nobody looks at a closed channel that is empty.
        const { refundNonce: nonce } = await watch.see(id);
        const amount = unspent(kept(id));
        if (amount > 0n) await send(id, { amount, nonce, signature: sign(id, amount, nonce) });
        else looked.add(id);
      });
    },
  };
}
