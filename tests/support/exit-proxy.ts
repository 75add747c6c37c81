// A real exit proxy for tests, with a certificate of a test CA, and the clients to speak to it: TLS over its Unix socket, HTTP/2 and
// HTTP/1.1. Everything that was opened is closed by `stop`.

import { once } from 'node:events';
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
} from 'node:http2';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import type { Certificate, CertificateSource } from '../../relay/certificates/certificate-source.ts';
import type { ExitProxy } from '../../relay/exit/exit-proxy.ts';
import { createExitProxy, type ExitProxyInit } from '../../relay/exit/proxy.ts';
import { createTestCa, type TestCa } from './certificates.ts';

export const EXIT_NAME = '127-0-1-1.kexit.zone.test';
export const PEER = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8';

export type TestExit = {
  proxy: ExitProxy;
  ca: TestCa;
  /** What the exit logged, one JSON line each, at level trace. */
  log: string[];
  /** Puts a new certificate into force. */
  swap(certificate: Certificate): void;
  /** @param session of an earlier connection, to be resumed */
  tls(alpn: string, session?: Buffer): Promise<TLSSocket>;
  h2(options?: ClientSessionOptions): Promise<ClientHttp2Session>;
  /** A TCP port on 127.0.0.1 that leads to the socket, for clients that cannot dial one. */
  forward(): Promise<number>;
  stop(graceMs?: number): Promise<void>;
};

/** Serves the loopback range 127.0.2.0/24 unless told otherwise; the circuit check is signed with 64 bytes of the message's length. */
export async function startExit(init: Partial<ExitProxyInit> = {}): Promise<TestExit> {
  const ca = await createTestCa();
  const listeners = new Set<(certificate: Certificate) => void>();
  let current: Certificate = await ca.issue({ names: ['*.kexit.zone.test'] });
  const certificate: CertificateSource = {
    current: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
  };
  const log: string[] = [];
  const proxy = await createExitProxy({
    certificate,
    peer: PEER,
    sign: async (bytes) => new Uint8Array(64).fill(bytes.length),
    allow: ['127.0.2.0/24'],
    denyPorts: [25, 465, 587],
    ownAddresses: [],
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    ...init,
  });
  const open = new Set<{ destroy(): unknown }>();
  const closers: (() => void)[] = [];

  const tls = async (alpn: string, session?: Buffer): Promise<TLSSocket> => {
    const socket = connectTls({
      socket: connectTcp({ path: proxy.path, allowHalfOpen: true }),
      servername: EXIT_NAME,
      ca: ca.certificate,
      ALPNProtocols: [alpn],
      ...(session === undefined ? {} : { session }),
    });
    open.add(socket);
    // Half-open is for tunnels of HTTP/1.1; a session would outlive its connection.
    socket.allowHalfOpen = alpn !== 'h2';
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined);
    return socket;
  };

  return {
    proxy,
    ca,
    log,
    swap(next) {
      current = next;
      for (const listener of listeners) listener(next);
    },
    tls,
    async h2(options = {}) {
      const socket = await tls('h2');
      const session = connectHttp2(`https://${EXIT_NAME}`, { ...options, createConnection: () => socket });
      session.on('error', () => undefined);
      open.add(session);
      await once(session, 'remoteSettings');
      return session;
    },
    async forward() {
      const server = createServer({ allowHalfOpen: true }, (from) => {
        const to = connectTcp({ path: proxy.path, allowHalfOpen: true });
        for (const [one, other] of [
          [from, to],
          [to, from],
        ] as [Socket, Socket][]) {
          one.pipe(other);
          one.on('error', () => other.destroy());
          open.add(one);
        }
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closers.push(() => server.close());
      return (server.address() as AddressInfo).port;
    },
    async stop(graceMs = 0) {
      for (const close of closers) close();
      for (const one of open) one.destroy();
      await proxy.close(graceMs);
    },
  };
}

export type Answer = {
  status: number;
  headers: Record<string, unknown>;
  rawHeaders: string[];
  body: Buffer;
  trailers: unknown;
};

/** Sends a request on an HTTP/2 session and reads the whole answer. */
export async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: string | Buffer,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return await read(stream);
}

export async function read(stream: ClientHttp2Stream): Promise<Answer> {
  let head: Record<string, unknown> = {};
  let rawHeaders: string[] = [];
  let trailers: unknown;
  stream.on('response', (fields, _flags, raw) => {
    head = fields;
    rawHeaders = raw;
  });
  stream.on('trailers', (fields: unknown) => {
    trailers = fields;
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { status: Number(head[':status']), headers: head, rawHeaders, body: Buffer.concat(chunks), trailers };
}

/** Opens a CONNECT tunnel; rejects with the status where it is not 200. */
export async function tunnel(session: ClientHttp2Session, authority: string): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':method': 'CONNECT', ':authority': authority }, { endStream: false });
  stream.on('error', () => undefined);
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  if (headers[':status'] !== 200) {
    stream.resume();
    throw new Error(`CONNECT was answered ${String(headers[':status'])} ${String(headers['proxy-status'])}`);
  }
  return stream;
}
