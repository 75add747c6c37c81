// The entry's end of a transit stream: frames out, frames in, and the end. Made by link.ts; what the messages mean is the payer's engine's.

import type { Connection, Stream } from '@libp2p/interface';
import { encodeFrame, FrameReader } from '../../src/core/wire/frames.ts';
import {
  decodeSessionMessage,
  encodeSessionMessage,
  type SessionMessage,
} from '../../src/core/wire/session-messages.ts';
import { TRANSIT_PROTOCOL } from '../../src/core/wire/session-protocol.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';

/** What an exit that does not read may have waiting here: a hundred vouchers. */
const MAX_UNSENT_BYTES = 16 * 1024;

/** Why a stream was cut. It goes no further than libp2p's own trace. */
class TransitStreamError extends Error {
  override readonly name = 'TransitStreamError';
}

export type TransitStream = {
  /** Throws where the stream has ended. */
  send(message: SessionMessage): void;
  close(): void;
};

/** @param on `message`: in their order; `end`: once, however it ends */
export async function openTransitStream(
  connection: Connection,
  signal: AbortSignal,
  on: { message: (message: SessionMessage) => void; end: () => void },
): Promise<TransitStream> {
  const stream: Stream = await connection.newStream(TRANSIT_PROTOCOL, { signal });
  const reader = new FrameReader();
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    on.end();
  };
  const cut = (reason: string): void => {
    stream.abort(new TransitStreamError(reason));
    end();
  };
  stream.addEventListener('message', ({ data }) => {
    try {
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        for (const bytes of reader.push(piece)) take(bytes);
      }
    } catch {
      // Nothing tells where the next message would start.
      cut('the exit sends no frames');
    }
  });
  stream.addEventListener('remoteCloseWrite', () => {
    stream.close().catch(() => cut('the exit has ended'));
    end();
  });
  stream.addEventListener('close', end);

  const take = (bytes: Uint8Array): void => {
    if (over) return;
    try {
      on.message(decodeSessionMessage(bytes, 'payee'));
    } catch (error) {
      // Of a later version: what it says is not for this side.
      if (!(error instanceof WireError) || error.code !== 'unknown-message') throw error;
    }
  };

  return {
    send: (message) => {
      if (over || stream.status !== 'open') throw new TransitStreamError('the stream has ended');
      stream.send(encodeFrame(encodeSessionMessage(message)));
      if (stream.writeBufferLength > MAX_UNSENT_BYTES) cut('the exit does not read');
    },
    close: () => void stream.close().catch(() => cut('the stream does not close')),
  };
}
