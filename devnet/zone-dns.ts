// The devnet's name server: zones and demo sites over UDP, TCP and HTTPS, one query log for all. It runs inside the devnet's process,
// as the zones' operators and not the relays': no relay process ever sees a query but an exit's own.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Leaf } from './ca.ts';
import { answerMessage, type Question, type ZoneData } from './zone-answers.ts';
import { startDoh } from './zone-doh.ts';

/** A DNS message over TCP has two bytes of length before it (RFC 1035 §4.2.2). */
const LENGTH_BYTES = 2;
const MAX_TCP_CONNECTIONS = 100;
const TCP_IDLE_MS = 10_000;

export type SeenQuery = Question & { by: 'udp' | 'tcp' | 'https'; from: string; at: number };

export type NameServer = {
  /** Every question since the start, oldest first. */
  queries: readonly SeenQuery[];
  close: () => Promise<void>;
};

/** `doh`: left out, there is no DNS over HTTPS. */
export type NameServerInit = { data: ZoneData; address: string; port: number; doh?: { port: number; leaf: Leaf } };

export async function startNameServer({ data, address, port, doh }: NameServerInit): Promise<NameServer> {
  const queries: SeenQuery[] = [];
  const answer = (message: Uint8Array, by: SeenQuery['by'], from: string): Buffer | undefined =>
    answerMessage(data, message, (question) => queries.push({ ...question, by, from, at: Date.now() }));
  const closers = [await startUdp(address, port, answer)];
  try {
    closers.push(await startTcp(address, port, answer));
    if (doh)
      closers.push(await startDoh(address, doh.port, doh.leaf, (message, from) => answer(message, 'https', from)));
  } catch (error) {
    await Promise.all(closers.map((close) => close()));
    throw error;
  }
  return {
    queries,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

type Answerer = (message: Uint8Array, by: SeenQuery['by'], from: string) => Buffer | undefined;

async function startUdp(address: string, port: number, answer: Answerer): Promise<() => Promise<void>> {
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    const reply = answer(message, 'udp', peer.address);
    if (reply) socket.send(reply, peer.port, peer.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  // A reply to a client that is gone comes back as an error of the socket; the next query is not its business.
  socket.on('error', () => undefined);
  return async () => {
    socket.close();
    await once(socket, 'close');
  };
}

async function startTcp(address: string, port: number, answer: Answerer): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    let unread = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= LENGTH_BYTES && unread.length >= LENGTH_BYTES + unread.readUInt16BE(0)) {
        const end = LENGTH_BYTES + unread.readUInt16BE(0);
        const reply = answer(unread.subarray(LENGTH_BYTES, end), 'tcp', socket.remoteAddress ?? '');
        unread = unread.subarray(end);
        if (!reply) return void socket.destroy();
        const length = Buffer.alloc(LENGTH_BYTES);
        length.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([length, reply]));
      }
    });
  });
  server.maxConnections = MAX_TCP_CONNECTIONS;
  server.listen(port, address);
  await once(server, 'listening');
  return async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };
}
