// Joins the two ends of a CONNECT tunnel: bytes both ways with backpressure, half-close kept, an abort of one end told to the other.
// It never looks at a byte. Called by http1.ts and http2.ts once the origin is connected.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * @param resetClient ends the client's side as a broken connection, not as a finished one: a cut download must not look complete
 */
export function joinTunnel(client: Duplex, origin: Socket, resetClient: () => void): void {
  let clientBroken = false;

  client.on('error', () => {
    clientBroken = true;
  });
  client.once('close', () => {
    if (clientBroken || !client.readableEnded) origin.resetAndDestroy();
    else origin.destroySoon();
  });
  // The close that follows does the work.
  origin.on('error', () => undefined);
  origin.once('close', () => {
    if (!origin.readableEnded || !origin.writableFinished) resetClient();
  });

  client.pipe(origin);
  origin.pipe(client);
}
