// Where a request came from, also when its connection has ended by the time somebody asks: a socket that is gone knows its peer no more.

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';

const ofConnection = new WeakMap<Socket | Http2Session, string>();

/** Before the server listens. */
export function rememberRemotes(server: Server): void {
  const note = (socket: Socket): void => void ofConnection.set(socket, plain(socket.remoteAddress));
  server.on('connection', note);
  server.on('secureConnection', note);
  server.on('session', (session: Http2Session) => ofConnection.set(session, plain(session.socket.remoteAddress)));
}

/** An address, IPv4 in its own form; empty where it was not known even when the connection came. */
export function remoteOf(request: IncomingMessage | Http2ServerRequest): string {
  const session = 'stream' in request ? request.stream.session : undefined;
  const known = session === undefined ? ofConnection.get(request.socket) : ofConnection.get(session);
  return known ?? plain(request.socket.remoteAddress);
}

function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
