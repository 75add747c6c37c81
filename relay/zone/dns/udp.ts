// The zone over UDP: one packet in, at most one out, within the response limit of the network that the packet says it is from. Logs nothing of a packet.
// Called by server.ts.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { HostPort } from '../../config/schema.ts';
import type { Zone } from './answer.ts';
import { respond } from './respond.ts';
import type { ResponseLimit } from './response-limit.ts';

export type Listening = { port: number; close(): Promise<void> };

/** Throws when the address cannot be listened on. */
export async function listenUdp(zone: Zone, { host, port }: HostPort, limit: ResponseLimit): Promise<Listening> {
  const socket = createSocket(host.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  socket.on('message', (message, { address, port: from }) => {
    const verdict = limit.take(address, performance.now());
    if (verdict === 'drop') return;
    const answer = respond(zone, message, 'udp', { cut: verdict === 'cut' });
    // A packet can say that it is from port 0, to which nothing can be sent: the callback takes the error.
    if (answer !== undefined) socket.send(answer, from, address, () => undefined);
  });
  socket.bind({ address: host, port });
  await once(socket, 'listening');
  // An answer to somebody who is gone comes back as an error of the socket; the next query is not its business.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
