// Whoever asks a site is known by address whatever became of the connection: the leak tests stand on it.

import { once } from 'node:events';
import { createServer as createHttps, request } from 'node:https';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import { connect, type AddressInfo, type Server } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { rememberRemotes, remoteOf } from '../../../devnet/remote-address.ts';
import { createTestCa } from '../../support/certificates.ts';

const CLIENT = '127.0.1.47';
const ca = await createTestCa();
const { key, chain: cert } = await ca.issue({ names: ['site.test'] });

/** What the server says of a client that is gone when its handshake is over: its TLS socket has no peer any more. */
async function addressOfOneGone(server: Server, alpn: string, ask: (socket: TLSSocket) => void): Promise<string> {
  rememberRemotes(server);
  // Before that of the harness, so that this is what it sees.
  server.prependListener('secureConnection', (socket: TLSSocket) =>
    Object.defineProperty(socket, 'remoteAddress', { get: () => undefined }),
  );
  const seen = Promise.withResolvers<string>();
  server.on('request', (incoming: Parameters<typeof remoteOf>[0], response: { end(): void }) => {
    seen.resolve(remoteOf(incoming));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const raw = connect({ port, host: '127.0.0.1', localAddress: CLIENT });
  const socket = connectTls({ socket: raw, ca: ca.certificate, servername: 'site.test', ALPNProtocols: [alpn] });
  await once(socket, 'secureConnect');
  ask(socket);
  try {
    return await seen.promise;
  } finally {
    socket.destroy();
    server.close();
  }
}

test('over TLS', async () => {
  const address = await addressOfOneGone(createHttps({ key, cert }), 'http/1.1', (socket) =>
    request({ createConnection: () => socket, host: 'site.test' })
      .on('error', () => undefined)
      .end(),
  );
  expect(address).toBe(CLIENT);
});

test('over HTTP/2', async () => {
  const server = createSecureServer({ key, cert }) as unknown as Server;
  const address = await addressOfOneGone(server, 'h2', (socket) => {
    const session = connectHttp2('https://site.test', { createConnection: () => socket });
    session.on('error', () => undefined);
    session
      .request({ ':path': '/' })
      .on('error', () => undefined)
      .end();
  });
  expect(address).toBe(CLIENT);
});
