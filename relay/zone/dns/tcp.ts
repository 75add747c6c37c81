// The zone over TCP, for answers that were cut and resolvers that were limited (RFC 7766). A connection is held for those who ask: each question must come within a
// limit of time, none may be long, and those who do not read their answers are not read from. Logs nothing of a connection. Called by server.ts.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { HostPort } from '../../config/schema.ts';
import type { Zone } from './answer.ts';
import { respond } from './respond.ts';
import { networkOf } from './response-limit.ts';
import type { Listening } from './udp.ts';

export type TcpLimits = {
  /** Connections in all: a file descriptor each. */
  connections: number;
  /** Of one network. */
  perNetwork: number;
  /** From the connection, or from the last question, to the end of the next one, ms. */
  questionMs: number;
  /** Questions on one connection; then it may be opened anew. */
  questions: number;
};

/** 10 s are what RFC 7766 §6.2.3 calls a few seconds; a resolver asks for one truncated answer, or some dozens in a row. */
export const TCP_LIMITS: TcpLimits = { connections: 500, perNetwork: 20, questionMs: 10_000, questions: 200 };

/** A DNS message over TCP has two bytes of length before it (RFC 1035 §4.2.2). */
const LENGTH_BYTES = 2;
/** The longest name, an OPT record and a signature fit into a quarter. */
const MAX_QUERY_BYTES = 2048;
/** Answers that nobody fetched: beyond it nothing more is read. */
const MAX_UNREAD_BYTES = 16 * 1024;

/** Throws when the address cannot be listened on. */
export async function listenTcp(zone: Zone, { host, port }: HostPort, limits = TCP_LIMITS): Promise<Listening> {
  const open = new Set<Socket>();
  const perNetwork = new Map<string, number>();
  const server = createServer((socket) => {
    const network = networkOf(socket.remoteAddress ?? '');
    const count = (perNetwork.get(network) ?? 0) + 1;
    if (count > limits.perNetwork) return void socket.destroy();
    perNetwork.set(network, count);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      const left = (perNetwork.get(network) ?? 1) - 1;
      if (left === 0) perNetwork.delete(network);
      else perNetwork.set(network, left);
    });
    serve(zone, socket, limits);
  });
  server.maxConnections = limits.connections;
  server.listen({ host, port, ipv6Only: true });
  await once(server, 'listening');
  server.on('error', () => undefined);
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function serve(zone: Zone, socket: Socket, { questionMs, questions }: TcpLimits): void {
  let unread = Buffer.alloc(0);
  let asked = 0;
  const deadline = setTimeout(() => socket.destroy(), questionMs);
  socket.once('close', () => clearTimeout(deadline));
  socket.on('error', () => socket.destroy());
  const answerWhole = (): void => {
    while (unread.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + unread.readUInt16BE(0);
      if (end > LENGTH_BYTES + MAX_QUERY_BYTES) return void socket.destroy();
      if (unread.length < end) return;
      const answer = respond(zone, unread.subarray(LENGTH_BYTES, end), 'tcp');
      unread = unread.subarray(end);
      asked += 1;
      if (answer === undefined || asked > questions) return void socket.destroy();
      deadline.refresh();
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
      if (socket.writableLength > MAX_UNREAD_BYTES) {
        // The deadline goes on: who reads nothing for so long is gone.
        socket.pause();
        socket.once('drain', () => {
          socket.resume();
          answerWhole();
        });
        return;
      }
    }
  };
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    answerWhole();
  });
}
