// A browser's side of a tunnel, in bytes: connects to an entry, sends a ClientHello for an exit, then a command for the raw server behind it.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { makeHello } from './relay-hello.ts';
import { patternAt } from './relay-pattern.ts';
import { tunnelsPort, ZONE, type RelayProcess } from './relay-process.ts';

export function circuitName(exit: Pick<RelayProcess, 'identity'>, address = '127.0.1.31'): string {
  return formatCircuitName({ address, peer: exit.identity.label, zone: ZONE });
}

export function connectTo(entry: RelayProcess): Socket {
  const socket = connect({ ...tunnelsPort(entry), allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined); // tests look at the end of the connection
  return socket;
}

/** A tunnel whose other end does what the command says (see raw-proxy.ts). */
export function openTunnel(entry: RelayProcess, exit: RelayProcess, command: string): Socket {
  const socket = connectTo(entry);
  socket.write(Buffer.concat([makeHello({ serverName: circuitName(exit) }), Buffer.from(`${command}\n`)]));
  return socket;
}

export type Received = {
  length: number;
  sha256: string;
  /** The other side ended its half in order. */ clean: boolean;
};

/** Reads to the end, whatever kind of end that is. */
export async function receive(socket: Socket): Promise<Received> {
  const hash = createHash('sha256');
  let length = 0;
  let clean = false;
  socket.on('end', () => (clean = true));
  socket.on('data', (chunk: Buffer) => {
    length += chunk.length;
    hash.update(chunk);
  });
  await new Promise<void>((resolve) => {
    socket.on('end', resolve);
    socket.on('close', () => resolve());
  });
  return { length, sha256: hash.digest('hex'), clean };
}

export async function receiveText(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Sends the pattern and ends this half. */
export async function sendPattern(socket: Socket, length: number): Promise<void> {
  for (let at = 0; at < length;) {
    const chunk = patternAt(at, length);
    at += chunk.length;
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
}
