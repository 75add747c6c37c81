// The quote of this relay: its terms, signed by the key that is paid and by the one that it is known by. The same for everybody, and made anew from time to time.

import { incrementBytes } from '../../src/core/payment/increment.ts';
import { MIN_WITHDRAW_DELAY_S } from '../../src/core/payment/channel.ts';
import type { RelayQuote } from '../../src/core/payment/quote.ts';
import { quotePrice } from '../../src/core/payment/quote.ts';
import { incrementAmount } from '../../src/core/payment/increment.ts';
import type { SessionBodyOf } from '../../src/core/wire/session-messages.ts';
import { quotePeerMessage } from '../../src/core/wire/session-proof.ts';
import { quoteDigest } from '../../src/chain/rail/relay-quote.ts';
import type { ChannelRates } from './channel-account.ts';
import { QUOTE_VALID_S } from './limits.ts';
import type { PayeeInit } from './parts.ts';

export type Quote = { terms: RelayQuote; body: SessionBodyOf<'quote'> };

/** What is asked for, without the time. An exit asks entries for its own part alone. */
export function termsOf({ role, peerId, chain, prices, minDeposit, bytesPerSecond }: PayeeInit) {
  const entryPricePerMiB = role === 'session' ? prices.entryPerMiB : 0n;
  const exitPricePerMiB = prices.exitPerMiB;
  const increment = incrementBytes(bytesPerSecond, entryPricePerMiB + exitPricePerMiB);
  return {
    ...{ peerId, receiver: chain.receiver, token: chain.network.token.address },
    ...{ withdrawDelay: MIN_WITHDRAW_DELAY_S, minDeposit, entryPricePerMiB, exitPricePerMiB },
    incrementBytes: increment,
    // While a voucher is on its way traffic goes on. A quarter of the increment is left for what each tunnel still has in its hands when it is told
    // to wait.
    graceBytes: increment - increment / 4n,
  };
}

export function ratesOf(terms: ReturnType<typeof termsOf>): ChannelRates {
  const price = quotePrice({ ...terms, validFrom: 0, validUntil: 0 });
  return {
    price,
    incrementBytes: terms.incrementBytes,
    increment: incrementAmount(terms.incrementBytes, price),
    grace: incrementAmount(terms.graceBytes, price),
  };
}

export class Quotes {
  readonly #init: PayeeInit;
  #quote: Promise<Quote> | undefined;
  #renewAt = 0;

  constructor(init: PayeeInit) {
    this.#init = init;
  }

  /** A quote with at least half of its time before it. */
  current(): Promise<Quote> {
    const now = Math.floor(this.#init.clock.now() / 1000);
    if (this.#quote === undefined || now >= this.#renewAt) {
      this.#renewAt = now + QUOTE_VALID_S / 2;
      this.#quote = this.#make(now);
    }
    return this.#quote;
  }

  async #make(now: number): Promise<Quote> {
    const { chain, sign } = this.#init;
    const { network } = chain;
    const terms: RelayQuote = { ...termsOf(this.#init), validFrom: now, validUntil: now + QUOTE_VALID_S };
    const payeeSignature = chain.signQuote(terms);
    const signed = await sign(quotePeerMessage(quoteDigest(network, terms), payeeSignature));
    return {
      terms,
      body: {
        type: 'quote',
        terms: { chainId: network.chainId, escrow: network.escrow, ...terms },
        payeeSignature,
        peerSignature: `0x${Buffer.from(signed).toString('hex')}`,
      },
    };
  }
}
