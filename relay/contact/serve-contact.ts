// The contact page over plain HTTP, where the configuration names an address for it: who looks an address up tries port 80. It knows and logs nothing of who asks. Built by relay/relay.ts.

import { createServer } from 'node:http';
import type { HostPort } from '../config/parts.ts';
import { ListenError } from '../net/listen-error.ts';
import { answerContact } from './contact-page.ts';

/** One small packet each way, ms. */
const REQUEST_TIMEOUT_MS = 5000;
/** It is open to everybody, and must not take the descriptors of tunnels. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;

export type ContactServer = { readonly address: HostPort; close(): Promise<void> };

/** @param text asked each time. Throws `ListenError`. */
export async function serveContact(listen: HostPort, text: () => string | undefined): Promise<ContactServer> {
  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS,
    },
    (request, response) =>
      answerContact(request, response, text() ?? 'This is a relay of the CONET private browsing network.\n'),
  );
  server.maxConnections = MAX_CONNECTIONS;
  // From the connection on, as who says nothing has a place as well.
  server.setTimeout(REQUEST_TIMEOUT_MS);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', (cause) => reject(new ListenError(listen, cause)));
  server.listen({ ...listen }, () => resolve(undefined));
  await promise;
  server.on('error', () => undefined);
  const bound = server.address();
  return {
    address: { host: listen.host, port: typeof bound === 'object' && bound !== null ? bound.port : listen.port },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
