// The payer's end of a stream of the session protocol: frames out, frames in. Called by src/net/entry-client.ts.

import { UnsupportedProtocolError, type Connection, type Stream } from '@libp2p/interface';
import { encodeFrame, FrameReader } from '../core/wire/frames.ts';
import { decodeSessionMessage, encodeSessionMessage, type SessionMessage } from '../core/wire/session-messages.ts';
import { SESSION_PROTOCOL } from '../core/wire/session-protocol.ts';
import { WireError } from '../core/wire/wire-error.ts';
import { EntryUnreachableError } from '../ports/entry-client.ts';
import type { PaymentStream } from '../ports/payment-stream.ts';

/** What an entry that does not read may have waiting here: a hundred vouchers. */
const MAX_UNSENT_BYTES = 16 * 1024;

class SessionStreamError extends Error {
  override readonly name = 'SessionStreamError';
}

/** A stream whose other side is presumed to speak the protocol. Throws `EntryUnreachableError`. @param payerPeer this side, as libp2p prints it */
export async function openSession(
  connection: Connection,
  payerPeer: string,
  { signal }: { signal: AbortSignal },
): Promise<PaymentStream> {
  try {
    const stream = await connection.newStream(SESSION_PROTOCOL, { signal });
    return wrap(stream, payerPeer, connection.remotePeer.toString());
  } catch (error) {
    throw new EntryUnreachableError('the entry opens no session', { cause: error });
  }
}

function wrap(stream: Stream, payerPeer: string, payeePeer: string): PaymentStream {
  const reader = new FrameReader();
  const waiting: SessionMessage[] = [];
  let listener: ((message: SessionMessage) => void) | undefined;
  const ended = Promise.withResolvers<undefined>();

  const cut = (reason: string): void => {
    stream.abort(new SessionStreamError(reason));
    ended.resolve(undefined);
  };
  stream.addEventListener('message', ({ data }) => {
    try {
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        for (const bytes of reader.push(piece)) take(bytes);
      }
    } catch {
      // Nothing tells where the next message would start.
      cut('the payee sends no frames');
    }
  });
  stream.addEventListener('remoteCloseWrite', () => void stream.close().catch(() => cut('the payee has ended')));
  let isSpoken = true;
  stream.addEventListener('close', ({ error }) => {
    isSpoken = !(error instanceof UnsupportedProtocolError);
    ended.resolve(undefined);
  });

  const take = (bytes: Uint8Array): void => {
    let message: SessionMessage;
    try {
      message = decodeSessionMessage(bytes, 'payee');
    } catch (error) {
      // Of a later version: what it says is not for this side.
      if (error instanceof WireError && error.code === 'unknown-message') return;
      throw error;
    }
    if (listener === undefined) waiting.push(message);
    else listener(message);
  };

  return {
    payerPeer,
    payeePeer,
    send: (message) => {
      if (stream.status !== 'open') throw new SessionStreamError('the stream has ended');
      stream.send(encodeFrame(encodeSessionMessage(message)));
      if (stream.writeBufferLength > MAX_UNSENT_BYTES) cut('the payee does not read');
    },
    onMessage: (given) => {
      listener = given;
      waiting.splice(0).forEach(given);
    },
    onEnd: (given) => void ended.promise.then(given),
    close: () => void stream.close().catch(() => cut('the stream does not close')),
    isSpoken: () => isSpoken,
  };
}
