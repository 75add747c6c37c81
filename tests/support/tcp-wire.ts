// A wire that a test can cut: a TCP proxy at one port, whose connections are reset and whose port is closed by `cut`, and opened again by `mend`.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type TcpWire = {
  readonly port: number;
  /** Connections that run over it now. */
  open(): number;
  cut(): Promise<void>;
  mend(): Promise<void>;
};

export async function createTcpWire(host: string, target: { host: string; port: number }): Promise<TcpWire> {
  const sockets = new Set<Socket>();
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((near) => {
      const far = connect(target);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.on('error', () => undefined);
        one.once('close', () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  };

  let server = await listen(0);
  const { port } = server.address() as { port: number };
  return {
    port,
    open: () => sockets.size / 2,
    cut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    mend: async () => {
      server = await listen(port);
    },
  };
}
