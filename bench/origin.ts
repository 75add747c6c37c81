// A site that costs next to nothing, for what is timed: the same bytes again and again, over http. The demo sites compute what they
// send, and the direct download would be measuring that.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendSameBytes } from './same-bytes.ts';

/** In the range that the devnet's exits may reach. */
const ADDRESS = '127.0.2.200';

export type Origin = { url: string; close: () => Promise<void> };

export async function startOrigin(bytes: number): Promise<Origin> {
  const server = createServer((_request, response) => {
    response.setHeader('content-length', bytes);
    sendSameBytes(response, bytes);
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
