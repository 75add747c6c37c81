// Finds out that the relay at the other end of a connection is gone although TCP has not noticed (a pulled cable, a lost NAT mapping).
// Both ends of a link between an entry and an exit watch it; clients are never pinged, so that their workers may sleep.

import { randomBytes } from 'node:crypto';
import type { Connection } from '@libp2p/interface';
import { PING_PROTOCOL } from '@libp2p/ping';
import { byteStream } from '@libp2p/utils';
import { PING_INTERVAL_MS, PING_TIMEOUT_MS } from './limits.ts';

/** libp2p/specs ping/ping.md: the peer sends 32 bytes back. */
const PING_LENGTH = 32;

/** Aborts the connection when a ping is not answered; stops by itself when the connection closes. */
export function watchLiveness(connection: Connection): void {
  let pinging = false;
  const timer = setInterval(() => {
    if (pinging) return;
    pinging = true;
    ping(connection)
      .catch((error: unknown) => connection.abort(error instanceof Error ? error : new Error('the ping failed')))
      .finally(() => (pinging = false));
  }, PING_INTERVAL_MS);
  connection.addEventListener('close', () => clearInterval(timer), { once: true });
}

async function ping(connection: Connection): Promise<void> {
  const signal = AbortSignal.timeout(PING_TIMEOUT_MS);
  const stream = await connection.newStream(PING_PROTOCOL, { signal });
  try {
    const bytes = byteStream(stream);
    await bytes.write(randomBytes(PING_LENGTH), { signal });
    await bytes.read({ bytes: PING_LENGTH, signal });
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('the ping failed'));
    throw error;
  }
}
