// The exit's HTTP/2 alone, on plain TCP and without an entry: for clients that speak it by hand. Whatever is asked for is one origin.

import { once } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { connect, createServer } from 'node:net';
import { pino } from 'pino';
import { createHttp2, type Patience } from '../../relay/exit/http2.ts';
import { createService } from '../../relay/exit/serve.ts';
import type { Origin } from './exit-origin.ts';
import { listenAnywhere } from './watched-path.ts';

export type BareHttp2 = {
  port: number;
  sessions: ReadonlySet<ServerHttp2Session>;
  /** How often the origin was dialled. */
  opened(): number;
  lookAtYoung: () => void;
  close(): void;
};

export async function startBareHttp2(origin: Origin, patience?: Patience): Promise<BareHttp2> {
  const sessions = new Set<ServerHttp2Session>();
  let opened = 0;
  const service = createService({
    open: async () => {
      opened += 1;
      const [host = '', at] = origin.authority.split(':');
      const socket = connect({ host, port: Number(at), allowHalfOpen: true });
      await once(socket, 'connect');
      return socket;
    },
    ...{ peer: 'p', sign: async () => new Uint8Array(64), entry: undefined, log: pino({ level: 'silent' }) },
    sources: { source4: undefined, source6: undefined },
  });
  const { server: http2, lookAtYoung } = createHttp2(service, sessions, patience);
  const server = createServer({ allowHalfOpen: true }, (socket) => void http2.emit('connection', socket));
  return {
    port: await listenAnywhere(server),
    sessions,
    opened: () => opened,
    lookAtYoung,
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}
