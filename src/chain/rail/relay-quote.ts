// The two signatures of a relay's quote. The payee's makes its terms the payee's own; the libp2p key's says that the relay of this peer id made it,
// so that nobody can put another payee before a client. Terms and times are checked in src/core/payment/quote.ts.

import type { SigningKey } from 'ethers/crypto';
import type { Hex } from '../../core/payment/hex.ts';
import { PaymentError } from '../../core/payment/payment-error.ts';
import type { RelayQuote } from '../../core/payment/quote.ts';
import type { Network } from './networks.ts';
import { signDigest, verifySigner } from './signature.ts';
import { defineStruct, quoteDomain } from './typed-data.ts';

const RELAY_QUOTE = defineStruct(quoteDomain, {
  RelayQuote: [
    { name: 'peerId', type: 'string' },
    { name: 'receiver', type: 'address' },
    { name: 'token', type: 'address' },
    { name: 'withdrawDelay', type: 'uint40' },
    { name: 'minDeposit', type: 'uint128' },
    { name: 'entryPricePerMiB', type: 'uint128' },
    { name: 'exitPricePerMiB', type: 'uint128' },
    { name: 'incrementBytes', type: 'uint64' },
    { name: 'graceBytes', type: 'uint64' },
    { name: 'validFrom', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
  ],
});

export function quoteDigest(network: Network, quote: RelayQuote): Hex {
  return RELAY_QUOTE.digest(network, {
    peerId: quote.peerId,
    receiver: quote.receiver,
    token: quote.token,
    withdrawDelay: quote.withdrawDelay,
    minDeposit: quote.minDeposit,
    entryPricePerMiB: quote.entryPricePerMiB,
    exitPricePerMiB: quote.exitPricePerMiB,
    incrementBytes: quote.incrementBytes,
    graceBytes: quote.graceBytes,
    validFrom: quote.validFrom,
    validUntil: quote.validUntil,
  });
}

/** @param key of the quote's receiver; not kept */
export function signQuote(network: Network, quote: RelayQuote, key: SigningKey): Hex {
  return signDigest(key, quoteDigest(network, quote));
}

/**
 * Throws `PaymentError` bad_sig unless the payee that it names signed it, bad_quote where it is for another token. The peer's signature is the caller's to verify,
 * over `quotePeerMessage` of src/core/wire/session-proof.ts.
 */
export function verifyQuote(network: Network, quote: RelayQuote, signature: unknown): void {
  if (quote.token !== network.token.address) throw new PaymentError('bad_quote', 'the token is another one');
  verifySigner(quoteDigest(network, quote), signature, quote.receiver);
}
