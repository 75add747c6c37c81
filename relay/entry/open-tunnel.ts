// Opens one tunnel stream to an exit, sends it the browser's hello, and waits for its status byte, after which the stream carries the browser's other bytes.

import type { TLSSocket } from 'node:tls';
import type { Connection, Stream } from '@libp2p/interface';
import { byteStream } from '@libp2p/utils';
import { parseTunnelStatus, TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import { DataStream } from '../data/data-stream.ts';
import { MAX_TUNNELS_PER_CONNECTION } from '../net/limits.ts';

/** The exit has nothing to do but to reach its own proxy; what takes longer is a link that is dead or hopeless. */
const OPEN_TIMEOUT_MS = 10_000;
/** A data connection whose path has died is found out by this; the link is asked then. Nothing is lost: what an exit does with a hello is to answer it. */
const DATA_TIMEOUT_MS = 1000;

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
 * @param data a connection of its own for it, from this exit; missing: it shares the link
 */
export async function openTunnel(
  link: Connection,
  hello: Uint8Array,
  stop: AbortSignal,
  data?: TLSSocket,
): Promise<Stream> {
  if (data !== undefined) {
    try {
      const stream = new DataStream(data, 'outbound', link.log);
      return await begin(stream, hello, AbortSignal.any([stop, AbortSignal.timeout(DATA_TIMEOUT_MS)]));
    } catch (error) {
      if (stop.aborted || !(error instanceof TunnelError) || error.code === 'exit-refused') throw error;
    }
  }
  const signal = AbortSignal.any([stop, AbortSignal.timeout(OPEN_TIMEOUT_MS)]);
  const options = { signal, maxOutboundStreams: MAX_TUNNELS_PER_CONNECTION };
  const stream = await link.newStream(TUNNEL_PROTOCOL, options).catch((cause: unknown) => {
    throw new TunnelError('exit-lost', 'no tunnel', { cause });
  });
  return begin(stream, hello, signal);
}

async function begin(stream: Stream, hello: Uint8Array, signal: AbortSignal): Promise<Stream> {
  try {
    stream.send(hello);
    const bytes = byteStream(stream);
    const answer = await bytes.read({ bytes: 1, signal });
    bytes.unwrap();
    const status = parseTunnelStatus(answer.get(0));
    if (status === 'accepted') return stream;
    throw new TunnelError('exit-refused', `the exit answered: ${status ?? 'unknown status'}`);
  } catch (error) {
    const reason = error instanceof TunnelError ? error : new TunnelError('exit-lost', 'no tunnel', { cause: error });
    stream.abort(reason);
    throw reason;
  }
}
