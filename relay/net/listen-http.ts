// A small HTTP server of the relay's own beside its tunnels: it listens or says why not, and ends with whoever is connected. Used by relay/contact and relay/operations.

import type { Server } from 'node:http';
import type { HostPort } from '../config/parts.ts';
import { ListenError } from './listen-error.ts';

export type ListeningHttp = {
  /** With the port that the system chose. */
  readonly address: HostPort;
  close(): Promise<void>;
};

/** Throws `ListenError`. */
export async function listenHttp(server: Server, listen: HostPort): Promise<ListeningHttp> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', (cause) => reject(new ListenError(listen, cause)));
  server.listen({ ...listen }, () => resolve(undefined));
  await promise;
  // Later faults of the listener must not end the relay.
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
