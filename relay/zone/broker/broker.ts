// The certificate broker: HTTPS in front of handle.ts, with limits of time, size and number on everything that comes. Called by relay/zone/zone.ts.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { PrivateKey } from '@libp2p/interface';
import type { Logger } from 'pino';
import type { CertificateSource } from '../../certificates/certificate-source.ts';
import type { HostPort } from '../../config/schema.ts';
import type { Challenges } from '../challenges.ts';
import { createAuthenticate } from './authenticate.ts';
import { createDialBack } from './dial-back.ts';
import { createHandle, type RegistrationLimits } from './handle.ts';

export type BrokerInit = {
  /** Host name that the certificate is for. */
  name: string;
  listen: HostPort;
  certificate: CertificateSource;
  /** The relay's: it proves to clients that they speak to the same broker as before. */
  privateKey: PrivateKey;
  challenges: Challenges;
  /** Whether an address that a relay names may be dialled. */
  mayDial: (address: string) => boolean;
  /** For tests. */
  limits?: RegistrationLimits;
  log: Logger;
};

export type Broker = { address: HostPort; close(): Promise<void> };

/** Half a kilobyte of headers with the longest token. */
const MAX_HEADER_BYTES = 8 * 1024;
/** A registration is one packet each way, and the dial back. */
const REQUEST_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
const CHECK_MS = 2000;
const MAX_CONNECTIONS = 500;

/** Throws when the address cannot be listened on. */
export async function startBroker({ listen, certificate, ...init }: BrokerInit): Promise<Broker> {
  const { name, privateKey, challenges, mayDial, limits, log } = init;
  const dialBack = await createDialBack(mayDial);
  const authenticate = createAuthenticate(privateKey, Date.now);
  const handle = createHandle({ name, authenticate, dialBack, challenges, limits, log });
  const { chain, key } = certificate.current();
  const server = createServer(
    {
      cert: chain,
      key,
      maxHeaderSize: MAX_HEADER_BYTES,
      handshakeTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
    (request, response) => void handle(request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const stopFollowing = certificate.onChange((next) => server.setSecureContext({ cert: next.chain, key: next.key }));
  const close = async (): Promise<void> => {
    stopFollowing();
    await dialBack.close();
  };
  try {
    server.listen({ ...listen, ipv6Only: true });
    await once(server, 'listening');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    address: { host: listen.host, port: (server.address() as { port: number }).port },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, close()]);
    },
  };
}
