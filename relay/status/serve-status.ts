// The status socket of a running relay: whoever connects gets one line of JSON, and nothing is read from them. A Unix socket for the relay's own user alone, never a port: what
// a relay earns is its operator's business. A relay that cannot have one runs all the same. Called by relay/relay.ts.

import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { MAX_SOCKET_PATH, type Status } from './status.ts';

const OWNER_ONLY = 0o600;
/** Each costs a look at the ledger; a monitor and a person are two. */
const MAX_AT_ONCE = 4;
/** A reader that does not read is cut. */
const TIMEOUT_MS = 5000;

/** Resolves to what closes it. Never throws. */
export async function serveStatus(path: string, log: Logger, read: () => Status): Promise<() => Promise<void>> {
  const refuse = (reason: string): (() => Promise<void>) => {
    log.warn({ event: 'status-unavailable', reason });
    return () => Promise.resolve();
  };
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) return refuse('the path of the status socket is too long');
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) return refuse('something else is where the status socket should be');
  if (await isServed(path)) return refuse('another relay serves the status socket');
  const server = createServer((socket) => answer(socket, read, log));
  server.maxConnections = MAX_AT_ONCE;
  try {
    // What a killed relay left. Nobody answers there, so it is nobody's.
    rmSync(path, { force: true });
    await listen(server, path);
  } catch (error) {
    return refuse(error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be made');
  }
  // Later faults of the listener must not end the relay.
  server.on('error', () => undefined);
  return async () => {
    // Removes the socket, too.
    server.close();
    await once(server, 'close');
  };
}

async function listen(server: Server, path: string): Promise<void> {
  // Bound within this call, so that nobody else can open it in between.
  const before = process.umask(0o777 & ~OWNER_ONLY);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await once(server, 'listening');
  chmodSync(path, OWNER_ONLY);
}

function answer(socket: Socket, read: () => Status, log: Logger): void {
  socket.on('error', () => undefined);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.resume();
  try {
    socket.end(`${JSON.stringify(read())}\n`);
  } catch (error) {
    // The kind alone: it is for a log.
    log.warn({ event: 'status-unavailable', reason: error instanceof Error ? error.name : typeof error });
    socket.destroy();
  }
}

/** Whether somebody answers there. */
export function isServed(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
