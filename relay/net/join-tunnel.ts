// Joins a client's stream with a socket of this machine: bytes both ways with backpressure, half-close kept, an abort of one end told to the
// other. It never looks at a byte. Called by the exit for CONNECT (http1.ts, http2.ts), and by the entry for a web server beside it
// (web-pass.ts), once the other end is connected.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inTurn } from './read-turns.ts';
import { readStraight } from './straight-reads.ts';

export type TunnelClient = {
  stream: Duplex;
  /** True where the stream was broken off rather than ended: an HTTP/2 stream that is reset ends like one that is done. */
  isBroken: () => boolean;
  /** Breaks it off: a cut download must not look complete. */
  reset: () => void;
};

/**
 * How long a tunnel of which one half has ended may carry nothing. Who vanishes after its end is not noticed: nobody reads from it any more, and the kernel's word that it is gone is for whoever reads.
 * Servers that take a whole request and then think have less patience.
 */
export const HALF_OPEN_IDLE_MS = 300_000;

/** @param halfOpenIdleMs for tests */
export function joinTunnel(
  { stream, isBroken, reset }: TunnelClient,
  origin: Socket,
  halfOpenIdleMs = HALF_OPEN_IDLE_MS,
): void {
  let failed = false;
  const limitIdle = (): void => void origin.setTimeout(halfOpenIdleMs, () => origin.destroy());

  stream.on('error', () => {
    failed = true;
  });
  const onEnd = (): void => {
    if (!isBroken()) origin.end();
    limitIdle();
  };
  // The client may have ended while the origin was being connected.
  if (stream.readableEnded) onEnd();
  else stream.once('end', onEnd);
  stream.once('close', () => {
    if (!failed && !isBroken() && stream.readableEnded) origin.destroySoon();
    // After end() libuv refuses to reset, and Node then leaks a handle that spins (Node 24.21).
    else if (origin.writableEnded) origin.destroy();
    else origin.resetAndDestroy();
  });
  origin.once('end', limitIdle);
  // The close that follows does the work.
  origin.on('error', () => undefined);
  origin.once('close', () => {
    if (!origin.readableEnded || !origin.writableFinished) reset();
  });

  stream.pipe(origin, { end: false });
  readStraight(origin, (bytes) => {
    if (!stream.destroyed && !stream.write(bytes)) origin.pause();
  });
  const readOn = (): void => {
    if (!stream.writableNeedDrain) origin.resume();
  };
  stream.on('drain', () => inTurn(readOn));
  origin.once('end', () => stream.end());
  readOn();
}
