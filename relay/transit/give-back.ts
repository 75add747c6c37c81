// Closes one channel with the exit's agreement, on a stream of its own: the last voucher for what is owed, and the exit sends the rest back at its own gas.
// The channel must stand as `closing` in the book. May be done again until the money is there: the exit answers the same. Called by transit.ts.

import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { OwnTotal, PayerChannel } from '../../src/core/session/payer-channel.ts';
import { Payer } from '../../src/core/session/payer.ts';
import type { SessionBodyOf } from '../../src/core/wire/session-messages.ts';
import type { TransitBook } from './book.ts';
import { payerKeys, type PayerKeysInit } from './payer-keys.ts';
import { openTransitStream, type TransitStream } from './stream.ts';

export type GiveBackInit = PayerKeysInit & {
  book: TransitBook;
  channel: PayerChannel;
  /** What the exit may claim at the last moment is held against it, as ever. */
  own: () => OwnTotal;
  signal: AbortSignal;
};

/** What the exit signed. Without `txHash` it did not send it. */
export type GivenBack = NonNullable<SessionBodyOf<'closed'>['refund']> & { txHash: Hex | undefined };

/** The exit waits for the block of its claim, a minute at most. */
const CLOSE_TIMEOUT_MS = 90_000;

/** Undefined: nothing was left to give back. Throws `PaymentError`, `LedgerError`, or what libp2p throws. */
export async function giveBack(init: GiveBackInit): Promise<GivenBack | undefined> {
  const { keys, book, channel, own, connection } = init;
  const signal = AbortSignal.any([init.signal, AbortSignal.timeout(CLOSE_TIMEOUT_MS)]);
  /** The stream gives its messages to the engine, which speaks on the stream. */
  const line: { stream?: TransitStream } = {};
  const payer = new Payer({
    chainId: keys.network.chainId,
    send: (message) => {
      if (line.stream === undefined) throw new PaymentError('unavailable', 'the stream has ended');
      line.stream.send(message);
    },
    keys: payerKeys(init),
    book: book.ofChannel(channel.id),
    own,
    ...{ stopped: () => undefined, held: () => undefined, low: () => undefined },
    ...{ deposit: () => undefined, metered: () => undefined },
  });
  const stream = await openTransitStream(connection, signal, {
    message: (message) => payer.receive(message),
    end: () => payer.end(),
  });
  line.stream = stream;
  const stop = (): void => {
    payer.end();
    stream.close();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw new PaymentError('unavailable', 'too late');
    await payer.open();
    const { refund, txHash } = await payer.close();
    if (refund === undefined) return undefined;
    keys.checkRefund(channel, refund);
    return { ...refund, txHash };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
