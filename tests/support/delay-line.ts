// A long line for a test: a TCP forwarder that takes so many milliseconds each way, in which round trips can be counted. A kernel's own delay (bench/slow-network) needs root; what
// a forwarder cannot do is to be slow in answering SYN, so a new connection is held for the time that its handshake would take.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type DelayLine = {
  readonly port: number;
  /** One way, ms; of what comes from now on. */
  delayMs: number;
  stop(): Promise<void>;
};

/** @param at where it listens; a port that is missing is chosen by the system */
export async function startDelayLine(
  at: { host: string; port?: number },
  to: { host: string; port: number },
): Promise<DelayLine> {
  const sockets = new Set<Socket>();
  const follow = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    follow(near);
    void join(near);
  });

  async function join(near: Socket): Promise<void> {
    // The client has its SYN answered after a round trip, and what it sends then is on its way for half of one more: that is when the other side takes the connection. What
    // the client has sent meanwhile it would have sent after the first round trip.
    const handshake = delay(3 * line.delayMs);
    const far = handshake.then(() => {
      const socket = connect({ ...to, allowHalfOpen: true, noDelay: true });
      follow(socket);
      return socket;
    });
    carry(near, far);
    carry(await far, Promise.resolve(near));
  }

  /** In order, and each piece after the delay. */
  function carry(from: Socket, to: Promise<Socket>): void {
    let last: Promise<unknown> = to;
    const later = (act: (socket: Socket) => void): void => {
      const due = Date.now() + line.delayMs;
      last = last.then(() => delay(Math.max(0, due - Date.now()))).then(async () => act(await to));
    };
    from.on('data', (chunk: Buffer) => later((socket) => socket.write(chunk)));
    from.once('end', () => later((socket) => socket.end()));
    from.once('close', (failed) => {
      if (failed) later((socket) => socket.destroy());
    });
  }

  server.listen({ port: 0, ...at });
  await once(server, 'listening');
  const line: DelayLine = {
    port: (server.address() as AddressInfo).port,
    delayMs: 0,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return line;
}

/** Several that are one path: as slow as each other. */
export function together(first: DelayLine, second: DelayLine): DelayLine {
  return {
    port: first.port,
    get delayMs() {
      return first.delayMs;
    },
    set delayMs(ms) {
      first.delayMs = ms;
      second.delayMs = ms;
    },
    stop: async () => {
      await Promise.all([first.stop(), second.stop()]);
    },
  };
}
