// Something in the place of a relay that answers its callers with bytes without a meaning. An entry is replaced by a bare listener on its
// port; an exit by the daemon itself, key and all, with another end behind its tunnels. Called by server-main.ts.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Relay } from '../../../devnet/relays.ts';
import { startRelayProcess } from '../../../devnet/relay-process.ts';

/** More than any client reads as one record of TLS. */
const GARBAGE_BYTES = 20_000;

const GARBAGE_EXIT = new URL('./garbage-exit.ts', import.meta.url).pathname;

/** Answers each connection, once it said something, and goes on until the other side has had enough. */
export function createGarbageServer(): Server {
  return createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(randomBytes(GARBAGE_BYTES)));
    socket.on('end', () => socket.end());
  });
}

/** @returns how to end it */
export async function startGarbage(
  relay: Relay,
  { logs, port }: { logs: string; port: number },
): Promise<() => Promise<void>> {
  if (relay.role === 'exit') {
    const logFile = join(logs, `${relay.name}-garbage.log`);
    const daemon = startRelayProcess({ name: relay.name, config: relay.config, logFile, program: GARBAGE_EXIT });
    await daemon.waitFor('exit-entry-connected');
    return () => daemon.kill();
  }
  const open = new Set<Socket>();
  const server = createGarbageServer();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(port, relay.address);
  await once(server, 'listening');
  return async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };
}
