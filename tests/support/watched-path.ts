// Somebody on the path of a test's TCP connections: listens, changes bytes on their way, swallows them, or cuts a connection as a router does.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type WatchedPath = {
  readonly port: number;
  /** Done to the next bytes on their way onwards, once. */
  change: ((bytes: Buffer) => void) | undefined;
  /** From now on nothing comes through, ends and resets neither. */
  swallow: boolean;
  /** All that was on it, both ways. */
  seen(): Buffer;
  /** Told of each connection's two sockets: to whom it came from, and onwards. */
  each(take: (pair: Pair) => void): void;
  close(): void;
};

type Pair = { back: Socket; onward: Socket };

export async function startWatchedPath(onwardPort: number): Promise<WatchedPath> {
  const pairs = new Set<Pair>();
  const heard: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true }, (back) => {
    const onward = connect({ port: onwardPort, host: '127.0.0.1', allowHalfOpen: true });
    pairs.add({ back, onward });
    pass(back, onward);
    pass(onward, back);
    function pass(from: Socket, to: Socket): void {
      from.on('error', () => to.destroy());
      from.on('data', (bytes) => {
        if (path.swallow) return;
        if (to === onward) {
          path.change?.(bytes);
          path.change = undefined;
        }
        heard.push(Buffer.from(bytes));
        to.write(bytes);
      });
      from.on('end', () => path.swallow || to.end());
      from.on('close', () => path.swallow || to.destroySoon());
    }
  });
  const path: WatchedPath = {
    port: await listenAnywhere(server),
    change: undefined,
    swallow: false,
    seen: () => Buffer.concat(heard),
    each: (take) => pairs.forEach(take),
    close: () => {
      server.close();
      for (const { back, onward } of pairs) for (const socket of [back, onward]) socket.destroy();
    },
  };
  return path;
}

/** On 127.0.0.1; resolves with the port. */
export async function listenAnywhere(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
