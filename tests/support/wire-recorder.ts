// A TCP forwarder that keeps every byte of both directions: what stands on the wire between two parties, for tests to search.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type WireRecorder = {
  port: number;
  /** All bytes so far, both directions, in the order of arrival. */
  bytes(): Buffer;
  stop(): Promise<void>;
};

/** @param from the local address that `to` sees as its client */
export async function startWireRecorder(
  at: string,
  to: { host: string; port: number },
  from?: string,
): Promise<WireRecorder> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ ...to, ...(from === undefined ? {} : { localAddress: from }) });
    for (const [source, target] of [[near, far] as const, [far, near] as const]) {
      sockets.add(source);
      source.on('data', (chunk: Buffer) => void chunks.push(chunk));
      source.on('error', () => target.destroy());
      source.on('close', () => sockets.delete(source));
      source.pipe(target);
    }
  });
  server.listen(0, at);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => Buffer.concat(chunks),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
