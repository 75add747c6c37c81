// Where a request came from, also when its connection has ended by the time somebody asks: a socket that is gone knows its peer no more. A browser that gives
// up a connection can be gone before the handshake is over, and its request come all the same.

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';

const ofConnection = new WeakMap<Socket | Http2Session, string>();

/** Before the server listens. */
export function rememberRemotes(server: Server): void {
  let last = '';
  const note = (socket: Socket): void => {
    last = addressOf(socket);
    ofConnection.set(socket, last);
  };
  // Before the server's own listener, which makes a session of it and says so before it returns.
  server.prependListener('connection', note);
  server.prependListener('secureConnection', note);
  server.on('session', (session: Http2Session) => ofConnection.set(session, last));
}

/** An address, IPv4 in its own form; empty where it was not known even when the connection came. */
export function remoteOf(request: IncomingMessage | Http2ServerRequest): string {
  const session = 'stream' in request ? request.stream.session : undefined;
  const known = session === undefined ? ofConnection.get(request.socket) : ofConnection.get(session);
  return known ?? plain(request.socket.remoteAddress);
}

/** Of a TLS socket that of the socket below it, which was noted when it came: Node keeps it as `_parent`, and nowhere that is documented. */
function addressOf(socket: Socket): string {
  const { _parent: below } = socket as Socket & { _parent?: Socket };
  return (below && ofConnection.get(below)) ?? plain(socket.remoteAddress);
}

function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
