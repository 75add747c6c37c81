// A site that costs next to nothing, for what is timed: the same bytes again and again, over http. The demo sites compute what they
// send, and the direct download would be measuring that.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** In the range that the devnet's exits may reach. */
const ADDRESS = '127.0.2.200';
const CHUNK = Buffer.alloc(256 * 1024, 'conet');

export type Origin = { url: string; close: () => Promise<void> };

export async function startOrigin(bytes: number): Promise<Origin> {
  const server = createServer((_request, response) => {
    response.setHeader('content-length', bytes);
    send(response, bytes);
  });
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${ADDRESS}:${port}/`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, left: number): void {
  while (left > 0) {
    const piece = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
    left -= piece.length;
    if (!response.write(piece) && left > 0) {
      response.once('drain', () => send(response, left));
      return;
    }
  }
  response.end();
}
