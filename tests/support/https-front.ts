// An HTTPS server in front of another one, which a test turns off, lets refuse, or has change what passes: an authority that is down or limits, an authority with a renewal window, a broker behind
// other addresses.

import { once } from 'node:events';
import { createServer, request as requestHttps } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export type FrontAnswer = { status: number; headers: IncomingHttpHeaders; body: string };
export type FrontRequest = { method: string; path: string; body: string; /** Once it was answered. */ status?: number };

export type Front = {
  host: string;
  port: number;
  /** Every request so far. */
  requests: FrontRequest[];
  /** Connections are cut before a word. */
  down: boolean;
  /** Instead of the server behind. */
  answer: ((request: FrontRequest) => FrontAnswer | undefined) | undefined;
  /** What goes on, and what comes back. */
  changeBody: (body: string) => string;
  changeAnswer: (request: FrontRequest, answer: FrontAnswer) => FrontAnswer;
  close(): Promise<void>;
};

export async function startFront(
  host: string,
  target: { host: string; port: number },
  leaf: { chain: string; key: string },
): Promise<Front> {
  const server = createServer({ cert: leaf.chain, key: leaf.key });
  const front: Front = {
    host,
    port: 0,
    requests: [],
    down: false,
    answer: undefined,
    changeBody: (body) => body,
    changeAnswer: (_, answer) => answer,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  const forward = async (request: FrontRequest, headers: IncomingHttpHeaders): Promise<FrontAnswer> => {
    const body = front.changeBody(request.body);
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = requestHttps({
      ...target,
      ...{ method: request.method, path: request.path, rejectUnauthorized: false, agent: false },
      headers: { ...headers, ...length, connection: 'close' },
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [
      NodeJS.ReadableStream & { statusCode: number; headers: IncomingHttpHeaders },
    ];
    return { status: incoming.statusCode, headers: incoming.headers, body: await text(incoming) };
  };
  server.on('connection', (socket: Socket) => {
    if (front.down) socket.destroy();
  });
  server.on('tlsClientError', () => undefined);
  server.on('request', (incoming, response) => {
    const handle = async (): Promise<void> => {
      if (front.down) return void incoming.socket.destroy();
      const { method = '', url = '', headers } = incoming;
      const request: FrontRequest = { method, path: url, body: await text(incoming) };
      front.requests.push(request);
      const answer = front.answer?.(request) ?? front.changeAnswer(request, await forward(request, headers));
      request.status = answer.status;
      const { connection: _, 'content-length': __, 'transfer-encoding': ___, ...kept } = answer.headers;
      response.writeHead(answer.status, kept).end(method === 'HEAD' ? undefined : answer.body);
    };
    handle().catch(() => incoming.socket.destroy());
  });
  server.listen(0, host);
  await once(server, 'listening');
  front.port = (server.address() as { port: number }).port;
  return front;
}
