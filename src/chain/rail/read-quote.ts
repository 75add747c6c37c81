// What a payer reads of a payee's quote before it looks at the peer's signature: a client of its entry, an entry of its exit.

import { PaymentError } from '../../core/payment/payment-error.ts';
import { parseQuote, type RelayQuote } from '../../core/payment/quote.ts';
import type { SessionBodyOf } from '../../core/wire/session-messages.ts';
import { quotePeerMessage } from '../../core/wire/session-proof.ts';
import type { Network } from './networks.ts';
import { quoteDigest, verifyQuote } from './relay-quote.ts';

/**
 * The terms, where the payee's key signed them for this network; the peer's signature is over `signed`. Throws `PaymentError` bad_quote, bad_sig,
 * wrong_network.
 */
export function readQuote(
  network: Network,
  { terms, payeeSignature }: SessionBodyOf<'quote'>,
): { terms: RelayQuote; signed: Uint8Array<ArrayBuffer> } {
  const { chainId, escrow, ...quote } = terms;
  if (chainId !== network.chainId || escrow !== network.escrow) {
    throw new PaymentError('wrong_network', 'the quote is for another network');
  }
  const parsed = parseQuote(quote);
  verifyQuote(network, parsed, payeeSignature);
  return { terms: parsed, signed: quotePeerMessage(quoteDigest(network, parsed), payeeSignature) };
}
