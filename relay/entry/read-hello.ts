// Reads the first bytes of a browser's connection up to the server name, within the limits of size and time.
// It consumes nothing for good: all bytes come back as `head`, to be sent on unchanged. Called by relay/entry/tunnel-listener.ts.

import type { Socket } from 'node:net';
import { ClientHelloError, ClientHelloReader, type ClientHelloErrorCode } from '../../src/core/tunnel/client-hello.ts';

/** A hello is one flight; 10 s leave room for two lost packets on a slow mobile network. */
export const HELLO_TIMEOUT_MS = 10_000;

export type HelloErrorCode = ClientHelloErrorCode | 'timeout' | 'closed';

export type Hello =
  /** `serverName` is missing where a hello that is whole has none. */
  { ok: true; serverName: string | undefined; head: Buffer } | { ok: false; code: Exclude<HelloErrorCode, 'no-sni'> };

/** The socket must be paused; it is paused again when this resolves. Never rejects. */
export function readHello(socket: Socket, timeoutMs = HELLO_TIMEOUT_MS): Promise<Hello> {
  const { promise, resolve } = Promise.withResolvers<Hello>();
  const reader = new ClientHelloReader();
  const chunks: Buffer[] = [];

  const finish = (hello: Hello): void => {
    clearTimeout(timer);
    socket.pause();
    socket.off('data', onData);
    socket.off('end', onClosed);
    socket.off('close', onClosed);
    resolve(hello);
  };

  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    try {
      const serverName = reader.push(chunk);
      if (serverName !== undefined) finish({ ok: true, serverName, head: Buffer.concat(chunks) });
    } catch (error) {
      if (!(error instanceof ClientHelloError)) throw error;
      if (error.code === 'no-sni') finish({ ok: true, serverName: undefined, head: Buffer.concat(chunks) });
      else finish({ ok: false, code: error.code });
    }
  };
  const onClosed = (): void => finish({ ok: false, code: 'closed' });
  const timer = setTimeout(() => finish({ ok: false, code: 'timeout' }), timeoutMs);

  socket.on('data', onData);
  socket.on('end', onClosed);
  socket.on('close', onClosed);
  socket.resume();
  return promise;
}
