// A channel by which somebody can pay the payee of a quote. One code for a client and for an entry that pays its exits.

import type { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import type { ChannelConfig } from '../../core/payment/channel.ts';
import { asAddress, type Hex } from '../../core/payment/hex.ts';
import type { RelayQuote } from '../../core/payment/quote.ts';
import { channelId } from './channel-id.ts';
import { channelSalt, type SaltParts } from './keys.ts';
import type { Network } from './networks.ts';

export type NewChannelInit = Omit<SaltParts, 'receiver'> & {
  /** Whose money it is. */
  payer: string;
  /** Signs its vouchers. */
  signer: SigningKey;
  terms: RelayQuote;
};

export function newChannelFor(
  network: Network,
  { payer, signer, terms, deviceId, epoch }: NewChannelInit,
): { id: Hex; config: ChannelConfig } {
  const config = {
    payer: asAddress(payer),
    payerAuthorizer: asAddress(computeAddress(signer.publicKey)),
    receiver: terms.receiver,
    receiverAuthorizer: terms.receiver,
    token: network.token.address,
    withdrawDelay: terms.withdrawDelay,
    salt: channelSalt(signer, { receiver: terms.receiver, deviceId, epoch }),
  };
  return { id: channelId(network, config), config };
}
