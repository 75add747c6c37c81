// Origins for the exit's tests: node:http servers and bare TCP servers on addresses of 127.0.2.x.

import { once } from 'node:events';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';

export type Origin = {
  address: string;
  port: number;
  authority: string;
  /** The connections that are open now. */
  sockets: Set<Socket>;
  /** Called with every connection from now on. */
  onSocket(listener: (socket: Socket) => void): void;
  stop(): Promise<void>;
};

export async function startHttpOrigin(
  onRequest: RequestListener,
  { address = '127.0.2.1', port = 0, ...options }: ServerOptions & { address?: string; port?: number } = {},
): Promise<Origin> {
  const server = createServer(options, onRequest);
  return await listen(server, address, port);
}

/** Serves bare TCP; the other side's end does not end ours. */
export async function startTcpOrigin(
  onSocket: (socket: Socket) => void,
  address = '127.0.2.1',
  port = 0,
): Promise<Origin> {
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  return await listen(server, address, port);
}

async function listen(server: ReturnType<typeof createTcpServer>, address: string, port: number): Promise<Origin> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, address, 2048);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    address,
    port: bound.port,
    authority: `${host}:${bound.port}`,
    sockets,
    onSocket: (listener) => void server.on('connection', listener),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** An origin that speaks bytes: keeps what it was sent, and answers with what it is told once a header section has arrived. */
export type ScriptedOrigin = Origin & {
  /** All that arrived on the last connection so far, as latin1. */
  heard(): string;
  /** The whole request, once the other side has ended its half or the connection. */
  finished: Promise<string>;
};

export async function startScriptedOrigin(reply: (socket: Socket, head: string) => void): Promise<ScriptedOrigin> {
  let text = '';
  let finish: (whole: string) => void;
  const finished = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const origin = await startTcpOrigin((socket) => {
    text = '';
    let answered = false;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (answered || !text.includes('\r\n\r\n')) return;
      answered = true;
      reply(socket, text);
    });
    socket.once('end', () => finish(text));
    socket.once('close', () => finish(text));
  });
  return { ...origin, heard: () => text, finished };
}
