// Time to the first byte of an answer over a ready circuit (the browser's connection to the exit is open, as it is from the first
// request of a tab on), beside the same request direct. Both open a new TLS connection to the site each time.

import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Amount, Figure } from '../figure.ts';
import { median, spread } from '../stats.ts';
import type { Network } from '../../devnet/network.ts';
import { SITES } from '../../devnet/plan.ts';
import { parseCircuitName } from '../../src/core/tunnel/circuit-name.ts';

const MUST_MS = 25;
/** Compiling and connection caches of all five processes settle in the first requests. */
const WARM_UP = 5;

export async function measureFirstByte(network: Network, { quick }: Amount): Promise<Figure> {
  const proxy = await openProxy(network);
  const direct: number[] = [];
  const private_: number[] = [];
  try {
    for (let pair = 0; pair < WARM_UP + (quick ? 40 : 200); pair += 1) {
      const withoutCircuit = await timeRequest(network, undefined);
      const withCircuit = await timeRequest(network, proxy);
      if (pair < WARM_UP) continue;
      direct.push(withoutCircuit);
      private_.push(withCircuit);
    }
  } finally {
    proxy.destroy();
  }
  const over = private_.map((time, index) => time - (direct[index] ?? Number.NaN));
  return {
    name: 'first byte through a ready circuit, over direct',
    must: `<= ${MUST_MS} ms`,
    measured: `${median(over).toFixed(1)} ms`,
    reached: median(over) <= MUST_MS,
    detail: `circuit ${spread(private_, 1)} ms, direct ${spread(direct, 1)} ms, ${over.length} pairs, https, new TLS to the site each`,
  };
}

async function openProxy({ caPem, circuits }: Network): Promise<ClientHttp2Session> {
  const [circuit] = circuits;
  if (circuit === undefined) throw new Error('the devnet has no circuit');
  const { proxyHost, proxyPort } = circuit;
  const { address } = parseCircuitName(proxyHost);
  const socket = connectTls({
    host: address,
    port: proxyPort,
    servername: proxyHost,
    ca: caPem,
    ALPNProtocols: ['h2'],
  });
  await once(socket, 'secureConnect');
  const session = connectHttp2(`https://${proxyHost}:${proxyPort}`, { createConnection: () => socket });
  await once(session, 'connect');
  return session;
}

async function timeRequest(network: Network, proxy: ClientHttp2Session | undefined): Promise<number> {
  const { host, address } = SITES.news;
  const { https: port } = network.ports;
  const start = performance.now();
  const common = { servername: host, ca: network.caPem, ALPNProtocols: ['http/1.1'] };
  const socket: TLSSocket =
    proxy === undefined
      ? connectTls({ ...common, host: address, port })
      : connectTls({ ...common, socket: await openTunnel(proxy, `${host}:${port}`) });
  await once(socket, 'secureConnect');
  socket.write(`GET /whoami.json HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: close\r\n\r\n`);
  await once(socket, 'data');
  const elapsed = performance.now() - start;
  socket.destroy();
  return elapsed;
}

async function openTunnel(proxy: ClientHttp2Session, authority: string): Promise<Duplex> {
  const stream = proxy.request({ ':method': 'CONNECT', ':authority': authority }, { endStream: false });
  const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }];
  if (headers[':status'] !== 200) throw new Error(`the exit answered ${headers[':status'] ?? 'nothing'} to CONNECT`);
  return stream;
}
