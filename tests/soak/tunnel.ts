// A browser's way through an entry and an exit to a site: TCP, TLS with the exit's name, CONNECT in HTTP/1.1 or HTTP/2.

import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { circuitName } from '../support/relay-client.ts';
import { tunnelsPort, type RelayProcess } from '../support/relay-process.ts';

export type Circuit = { entry: RelayProcess; exit: RelayProcess; ca: string };
export type Alpn = 'h2' | 'http/1.1';

export type Tunnel = {
  stream: Duplex;
  /**
   * True where the end that was read was no end in order. False where nobody could tell: over HTTP/1.1 the tunnel's end is TLS' own, and Node takes the end of TCP without a
   * close_notify (RFC 8446 §6.1) for one, which is all that the kernel sends for a relay that was killed.
   */
  isBroken(): boolean;
  /** Whether an end that came too early can be told from one in order. */
  tellsEnds: boolean;
  /** Cuts it, as a browser that is killed. */
  cut(): void;
};

/** What takes longer than this is a fault of its own: a stall. */
const TIMEOUT_MS = 30_000;

/** TLS to the exit, before a request. @param localAddress whose connection it is */
export async function openTls(
  { entry, exit, ca }: Circuit,
  alpn: Alpn,
  localAddress?: string,
  more: object = {},
): Promise<TLSSocket> {
  const port = tunnelsPort(entry);
  const socket = connect({
    ...port,
    allowHalfOpen: true,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const tls = connectTls({ socket, servername: circuitName(exit), ca, ALPNProtocols: [alpn], ...more });
  tls.allowHalfOpen = alpn !== 'h2';
  socket.on('error', () => tls.destroy());
  socket.once('close', () => {
    if (!tls.readableEnded) tls.destroy();
  });
  tls.on('error', () => undefined);
  await happens(tls, 'secureConnect');
  return tls;
}

/** A tunnel to `authority`. Rejects where a relay or the exit's answer is in the way. */
export async function openTunnel(
  circuit: Circuit,
  authority: string,
  alpn: Alpn,
  localAddress?: string,
): Promise<Tunnel> {
  const tls = await openTls(circuit, alpn, localAddress);
  return alpn === 'h2' ? overHttp2(tls, authority) : overHttp1(tls, authority);
}

async function overHttp1(tls: TLSSocket, authority: string): Promise<Tunnel> {
  tls.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    await happens(tls, 'readable');
    // Byte for byte up to the end of the head: what follows is the tunnel's.
    for (let byte = tls.read(1) as Buffer | null; byte !== null; byte = tls.read(1) as Buffer | null) {
      head += byte.toString('latin1');
      if (head.endsWith('\r\n\r\n')) break;
    }
  }
  if (!head.startsWith('HTTP/1.1 200')) {
    tls.destroy();
    throw new Error(`CONNECT was answered ${head.slice(9, 12)}`);
  }
  return { stream: tls, isBroken: () => tls.errored !== null, tellsEnds: false, cut: () => void tls.destroy() };
}

async function overHttp2(tls: TLSSocket, authority: string): Promise<Tunnel> {
  const session = connectHttp2('https://exit', { createConnection: () => tls });
  session.on('error', () => undefined);
  const stream = session.request({ ':method': 'CONNECT', ':authority': authority }, { endStream: false });
  stream.on('error', () => undefined);
  stream.once('close', () => session.close());
  const [fields] = (await happens(stream, 'response')) as [Record<string, unknown>];
  if (fields[':status'] !== 200) {
    session.destroy();
    throw new Error(`CONNECT was answered ${String(fields[':status'])}`);
  }
  return {
    stream,
    isBroken: () => stream.rstCode !== 0 || session.destroyed,
    tellsEnds: true,
    cut: () => session.destroy(),
  };
}

/** The event, or a rejection where the stream ends or stalls first. */
export async function happens(stream: Duplex | Socket, event: string, ms = TIMEOUT_MS): Promise<unknown[]> {
  const over = new AbortController();
  const onClose = (): void => over.abort(new Error(`closed before ${event}`));
  stream.once('close', onClose);
  const timer = setTimeout(() => over.abort(new Error(`no ${event} within ${ms / 1000} s`)), ms);
  try {
    if (stream.destroyed) throw new Error(`closed before ${event}`);
    return (await once(stream, event, { signal: over.signal })) as unknown[];
  } finally {
    stream.off('close', onClose);
    clearTimeout(timer);
  }
}
