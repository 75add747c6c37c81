// Many tunnels through one circuit that stay, as open pages keep them: they carry nothing, or a little all the time.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Network } from '../devnet/network.ts';
import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { parseCircuitName } from '../src/core/tunnel/circuit-name.ts';

/** In the range that the devnet's exits may reach. */
const ADDRESS = '127.0.2.201';
/** 100 kbit/s for each, which a thousand of them make 100 Mbit/s of. */
const PULSE_BYTES = 1_250;
const PULSE_MS = 100;
/** More handshakes at once would wait for each other. */
const AT_ONCE = 25;

export type PulsingOrigin = {
  authority: string;
  kilobits: number;
  /** Whether it sends to all that are connected. */
  pulse(on: boolean): void;
  close(): Promise<void>;
};

export async function startPulsingOrigin(): Promise<PulsingOrigin> {
  const sockets = new Set<Socket>();
  const bytes = Buffer.alloc(PULSE_BYTES, 'x');
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.resume();
  });
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  let timer: NodeJS.Timeout | undefined;
  return {
    authority: `${ADDRESS}:${(server.address() as AddressInfo).port}`,
    kilobits: (PULSE_BYTES * 8) / PULSE_MS,
    pulse: (on) => {
      clearInterval(timer);
      if (on) timer = setInterval(() => sockets.forEach((socket) => socket.write(bytes)), PULSE_MS);
    },
    close: async () => {
      clearInterval(timer);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Rejects where one cannot be opened. */
export async function openHeldTunnels(
  { caPem }: Pick<Network, 'caPem'>,
  { proxyHost, proxyPort }: Circuit,
  authority: string,
  count: number,
): Promise<{ sockets: readonly TLSSocket[]; close(): void }> {
  const host = parseCircuitName(proxyHost).address;
  const open: TLSSocket[] = [];
  const one = async (): Promise<void> => {
    const socket = connect({ host, port: proxyPort, servername: proxyHost, ca: caPem, ALPNProtocols: ['http/1.1'] });
    await once(socket, 'secureConnect');
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    const head = answer.toString('latin1');
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`a tunnel was refused: ${head.slice(0, 80)}`);
    socket.on('error', () => undefined);
    socket.resume();
    open.push(socket);
  };
  while (open.length < count) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - open.length) }, one));
  }
  return { sockets: open, close: () => open.forEach((socket) => void socket.destroy()) };
}
