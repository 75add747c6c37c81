// What attacks are made of: connections that are held, as many as that, and opened again when they are ended.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Target } from './target.ts';

/** Addresses of attackers, all in one /24, none of them a victim's. */
export function attackerAddress(index: number): string {
  return `127.66.1.${(index % 250) + 1}`;
}

export function dial({ host, port }: { host: string; port: number }, localAddress = attackerAddress(0)): Socket {
  const socket = connect({ host, port, localAddress, noDelay: true, allowHalfOpen: true });
  socket.on('error', () => undefined);
  return socket;
}

/** TLS with the exit, through the entry; undefined where it was refused. */
export async function dialExit(
  target: Target,
  alpn: string,
  index = 0,
  more: object = {},
): Promise<TLSSocket | undefined> {
  const socket = dial(target.tunnels, attackerAddress(index));
  const tls = connectTls({ socket, servername: target.serverName, ca: target.ca, ALPNProtocols: [alpn], ...more });
  tls.on('error', () => undefined);
  socket.once('close', () => tls.destroy());
  try {
    // Its end is no event that `once` waits for.
    const closed = once(tls, 'close').then(() => Promise.reject(new Error('closed')));
    closed.catch(() => undefined);
    await Promise.race([once(tls, 'secureConnect', { signal: AbortSignal.timeout(10_000) }), closed]);
    return tls;
  } catch {
    tls.destroy();
    return undefined;
  }
}

/** Between two that are opened anew, ms: a flood has a rate, and 500 in a second for each of its hands is what one of two cores still sends. */
const REOPEN_MS = 2;

/**
 * Keeps `count` of them open and opens another for each that ends.
 * @param open one; undefined where it was refused at once
 * @param hands how many are opened at the same time
 */
export async function hold(
  count: number,
  open: (index: number) => Socket | Promise<Socket | undefined>,
  signal: AbortSignal,
  hands = 1,
): Promise<void> {
  const held = new Set<Socket>();
  let index = 0;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const go of waiting) go();
    waiting.clear();
  };
  signal.addEventListener('abort', wake);
  const hand = async (): Promise<void> => {
    while (!signal.aborted) {
      if (held.size >= count) {
        await new Promise<void>((resolve) => waiting.add(resolve));
        continue;
      }
      const socket = await open((index += 1));
      if (socket !== undefined && !socket.destroyed) {
        held.add(socket);
        socket.once('close', () => {
          held.delete(socket);
          wake();
        });
      }
      await delay(REOPEN_MS);
    }
  };
  await Promise.all(Array.from({ length: hands }, hand));
  for (const socket of held) socket.destroy();
}
