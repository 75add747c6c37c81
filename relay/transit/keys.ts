// What the entry signs when it pays its exits: deposits by the payment key, vouchers and proofs by a session key that is derived from it, so that a
// stolen session key moves no more than what lies in channels, and there is no second file to lose. Neither leaves this file. Made by relay/relay.ts.

import { computeHmac, SigningKey } from 'ethers/crypto';
import { randomBytes } from 'node:crypto';
import { newChannelFor } from '../../src/chain/rail/new-channel.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { signDeposit } from '../../src/chain/rail/deposit.ts';
import { readQuote } from '../../src/chain/rail/read-quote.ts';
import { verifyRefund } from '../../src/chain/rail/refund.ts';
import { signSessionProof } from '../../src/chain/rail/session-proof.ts';
import { isVoucherOf, signVoucher } from '../../src/chain/rail/voucher.ts';
import type { ChannelConfig } from '../../src/core/payment/channel.ts';
import { depositTimes } from '../../src/core/payment/deposit-times.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { RelayQuote } from '../../src/core/payment/quote.ts';
import type { PayerChannel } from '../../src/core/session/payer-channel.ts';
import type { SessionBodyOf } from '../../src/core/wire/session-messages.ts';
import type { WireDeposit, WireVoucher } from '../../src/core/wire/session-parts.ts';
import type { PaymentKey } from '../payment-key.ts';

export type TransitKeys = {
  network: Network;
  /** Whose money it is: the payment key's address. */
  payer: Hex;
  /** Throws `PaymentError` bad_quote, bad_sig, wrong_network. The peer's signature is over `signed`. */
  readQuote(quote: SessionBodyOf<'quote'>): { terms: RelayQuote; signed: Uint8Array<ArrayBuffer> };
  /** @param epoch how many channels there were with this receiver */
  newChannel(terms: RelayQuote, epoch: bigint): { id: Hex; config: ChannelConfig };
  /** @param now ms since the epoch */
  signDeposit(config: ChannelConfig, amount: bigint, now: number): WireDeposit;
  prove(id: Hex, peers: { payerPeer: string; payeePeer: string }): Hex;
  signVoucher(id: Hex, sum: bigint): Hex;
  isOwn(channel: PayerChannel, voucher: WireVoucher): boolean;
  /** Throws `PaymentError` bad_sig where the exit did not sign that so much comes back. */
  checkRefund(channel: PayerChannel, refund: { amount: bigint; nonce: bigint; signature: Hex }): void;
};

export function createTransitKeys(key: PaymentKey, network: Network): TransitKeys {
  const derive = (use: string): string => computeHmac('sha256', key.key.privateKey, Buffer.from(use));
  // One in 2^128 is no key of the curve: the relay would not start.
  const signer = new SigningKey(derive(`conet transit session key 1 ${network.chainId}`));
  const deviceId: Hex = `0x${derive('conet transit device 1').slice(2, 34)}`;
  /** The last of each channel: it is asked for to be stored, and again to be sent. */
  const signed = new Map<Hex, { sum: bigint; signature: Hex }>();
  return {
    network,
    payer: key.address,
    readQuote: (quote) => readQuote(network, quote),
    newChannel: (terms, epoch) => newChannelFor(network, { payer: key.address, signer, terms, deviceId, epoch }),
    signDeposit: (config, amount, now) => {
      const salt: Hex = `0x${randomBytes(32).toString('hex')}`;
      return signDeposit(network, config, { amount, ...depositTimes(now), salt }, key.key);
    },
    prove: (channelId, peers) => signSessionProof(network, { channelId, ...peers }, signer),
    signVoucher: (channelId, sum) => {
      const before = signed.get(channelId);
      if (before?.sum === sum) return before.signature;
      const signature = signVoucher(network, { channelId, sum }, signer);
      signed.set(channelId, { sum, signature });
      return signature;
    },
    isOwn: (channel, voucher) => isVoucherOf(network, channel, voucher),
    checkRefund: ({ id, config }, { nonce, amount, signature }) => {
      verifyRefund(network, { channelId: id, nonce, amount }, signature, config.receiverAuthorizer);
    },
  };
}
