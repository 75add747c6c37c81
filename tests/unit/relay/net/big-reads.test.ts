// Two sockets that are read into one buffer: what each of them has handed on stays its own.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BIG_READS } from '../../../../relay/net/big-reads.ts';

const BYTES = 8_000_000;
/** What Node reads at once. */
const READ = 64 * 1024;

let server: Server;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  // Each sends a byte of its own again and again, and ends.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', (first) => socket.end(Buffer.alloc(BYTES, first)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

function ask(letter: string): Socket {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread: BIG_READS });
  sockets.push(socket);
  socket.write(letter);
  return socket;
}

test('more than Node reads at once comes in one piece, and no piece changes after it was handed on', async () => {
  const kept = ['a', 'b'].map((letter) => ({ letter, socket: ask(letter), pieces: [] as Buffer[] }));
  await Promise.all(
    kept.map(async ({ socket, pieces }) => {
      socket.on('data', (piece) => pieces.push(piece));
      await once(socket, 'end');
    }),
  );
  for (const { letter, pieces } of kept) expect(Buffer.concat(pieces).equals(Buffer.alloc(BYTES, letter))).toBe(true);
  expect(Math.max(...kept.flatMap(({ pieces }) => pieces.map(({ length }) => length)))).toBeGreaterThan(READ);
});

test('who does not read holds the sender back, and is told of the end after the last byte', async () => {
  const socket = ask('c');
  let length = 0;
  socket.on('data', (piece: Buffer) => {
    length += piece.length;
    socket.pause();
  });
  await expect.poll(() => length).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(socket.bytesRead).toBeLessThan(BYTES / 4);
  socket.removeAllListeners('data');
  socket.on('data', (piece: Buffer) => (length += piece.length)).resume();
  await once(socket, 'end');
  expect(length).toBe(BYTES);
});
