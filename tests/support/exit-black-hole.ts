// An address that neither accepts nor refuses: a listener whose process is asleep and whose queue of connections is full, so that the
// kernel drops every further SYN. Loopback only.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const SLEEPER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen(0, '127.0.2.66', 1, () => {
    parentPort.postMessage(server.address().port);
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10);
  });
`;

/** The kernel holds one more than the backlog of 1; the rest make sure. */
const FILLERS = 4;

/** Longer than a handshake on loopback by far: what is not connected now will not be. */
const SETTLED_MS = 200;

export type BlackHole = { address: string; port: number; stop(): Promise<void> };

export async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(SLEEPER, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const fillers = Array.from({ length: FILLERS }, (): Socket =>
    connect(port, '127.0.2.66').on('error', () => undefined),
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  return {
    address: '127.0.2.66',
    port,
    async stop() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}
