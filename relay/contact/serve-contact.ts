// The contact page over plain HTTP, where the configuration names an address for it: who looks an address up tries port 80. It knows and logs nothing of who asks. Opened by relay/operations/operations.ts.

import { createServer } from 'node:http';
import type { HostPort } from '../config/parts.ts';
import { listenHttp, type ListeningHttp } from '../net/listen-http.ts';
import { answerContact } from './contact-page.ts';

/** One small packet each way, ms. */
const REQUEST_TIMEOUT_MS = 5000;
/** It is open to everybody, and must not take the descriptors of tunnels. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;

/** @param text asked each time. Throws `ListenError`. */
export function serveContact(listen: HostPort, text: () => string | undefined): Promise<ListeningHttp> {
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
  return listenHttp(server, listen);
}
