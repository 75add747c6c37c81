// The entry's keys as the payer's engine wants them, for one connection with an exit. Used by session.ts and give-back.ts.

import type { Connection } from '@libp2p/interface';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { checkQuoteTime } from '../../src/core/payment/quote.ts';
import type { PayerKeys } from '../../src/core/session/payer-ports.ts';
import type { TransitKeys } from './keys.ts';

export type PayerKeysInit = {
  keys: TransitKeys;
  connection: Connection;
  /** This relay, as libp2p prints it. */
  ownPeer: string;
  /** ms since the epoch. */
  now: () => number;
};

export function payerKeys({ keys, connection, ownPeer, now }: PayerKeysInit): PayerKeys {
  const { remotePeer } = connection;
  const peers = { payerPeer: ownPeer, payeePeer: remotePeer.toString() };
  return {
    checkQuote: async (quote) => {
      const { terms, signed } = keys.readQuote(quote);
      checkQuoteTime(terms, now());
      if (terms.peerId !== peers.payeePeer) throw new PaymentError('bad_quote', 'it is another relay’s');
      const signature = Buffer.from(quote.peerSignature.slice(2), 'hex');
      if ((await remotePeer.publicKey?.verify(signed, signature)) !== true) {
        throw new PaymentError('bad_sig', 'the exit did not sign its quote');
      }
      return terms;
    },
    prove: ({ id }) => Promise.resolve(keys.prove(id, peers)),
    signVoucher: ({ id }, sum) => Promise.resolve(keys.signVoucher(id, sum)),
    isOwn: (channel, voucher) => Promise.resolve(keys.isOwn(channel, voucher)),
  };
}
