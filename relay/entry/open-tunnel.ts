// Opens one tunnel stream to an exit, sends it the browser's hello, and waits for its status byte, after which the stream carries the browser's other bytes.

import type { Connection, Stream } from '@libp2p/interface';
import { byteStream } from '@libp2p/utils';
import { parseTunnelStatus, TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import { MAX_TUNNELS_PER_CONNECTION } from '../net/limits.ts';

/** The exit has nothing to do but to reach its own proxy; what takes longer is a link that is dead or hopeless. */
const OPEN_TIMEOUT_MS = 10_000;

export type TunnelErrorCode = 'exit-lost' | 'exit-refused';

export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  readonly code: TunnelErrorCode;

  constructor(code: TunnelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A stream that the exit has accepted. What the browser has sent so far goes ahead of the answer, which spares it a round trip of the link; it is no more than a hello, as bytes that come before the
 * exit listens are under no flow control.
 * Throws `TunnelError`.
 */
export async function openTunnel(connection: Connection, hello: Uint8Array, stop: AbortSignal): Promise<Stream> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(OPEN_TIMEOUT_MS)]);
  let stream: Stream | undefined;
  try {
    stream = await connection.newStream(TUNNEL_PROTOCOL, { signal, maxOutboundStreams: MAX_TUNNELS_PER_CONNECTION });
    stream.send(hello);
    const bytes = byteStream(stream);
    const answer = await bytes.read({ bytes: 1, signal });
    bytes.unwrap();
    const status = parseTunnelStatus(answer.get(0));
    if (status === 'accepted') return stream;
    throw new TunnelError('exit-refused', `the exit answered: ${status ?? 'unknown status'}`);
  } catch (error) {
    const reason = error instanceof TunnelError ? error : new TunnelError('exit-lost', 'no tunnel', { cause: error });
    stream?.abort(reason);
    throw reason;
  }
}
