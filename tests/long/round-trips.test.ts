// The table of docs/protocol/round-trips.md, counted: each step over real relays, with one of the three paths long and the others short. What a step takes longer over the long path, in
// round trips of it, is how many it waits for there. The number is a ratio to the delay, which is longer than anything this machine does meanwhile.

import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';
import { asAddress } from '../../src/core/payment/hex.ts';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import type { EntryAddress, EntryClient } from '../../src/ports/entry-client.ts';
import { eventually } from '../support/eventually.ts';
import { startDelayLine, together, type DelayLine } from '../support/delay-line.ts';
import type { PayingWorker } from '../support/paying-worker.ts';
import { startPayerNetwork, type PayerNetwork } from '../support/payer-network.ts';
import { circuitName } from '../support/relay-client.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';

/** One way. */
const DELAY_MS = 120;
const ROUND_TRIP_MS = 2 * DELAY_MS;
/** The shortest of some: what else the machine did is in none of the three, or in the longest. */
const SAMPLES = 5;
/** Of a round trip. */
const TOLERANCE = 0.4;

/** The worker's is of another entry, which is paid. */
type Path = 'worker–entry' | 'client–entry' | 'entry–exit' | 'exit–site';
const PATHS: readonly Path[] = ['client–entry', 'entry–exit', 'exit–site'];
type Count = Partial<Record<Path, number>>;

let bench: RelayBench;
let entry: RelayProcess;
let exit: RelayProcess;
let site: Server;
const lines = new Map<Path, DelayLine>();

beforeAll(async () => {
  bench = await createRelayBench();
  entry = await bench.startEntry();
  const link = libp2pAddress(entry);
  const linkPort = /\/tcp\/(\d+)/.exec(link)![1]!;
  lines.set('client–entry', await startDelayLine({ host: '127.0.1.31' }, tunnelsPort(entry)));
  // Data connections go to the port of browsers, at the address of the link.
  const host = '127.0.1.32';
  const linkTo = { host: '127.0.1.31', port: Number(linkPort) };
  const data = await startDelayLine({ host, port: tunnelsPort(entry).port }, tunnelsPort(entry));
  lines.set('entry–exit', together(await startDelayLine({ host, port: linkTo.port }, linkTo), data));
  const leaf = await bench.ca.issue({ names: ['site.test'] });
  site = createHttpsServer({ key: leaf.key, cert: leaf.chain }, (_request, response) => response.end('here'));
  site.listen(0, '127.0.2.31');
  await once(site, 'listening');
  const { port } = site.address() as AddressInfo;
  lines.set('exit–site', await startDelayLine({ host: '127.0.2.31' }, { host: '127.0.2.31', port }));
  const address = link.replace('/127.0.1.31/', `/${host}/`);
  exit = await bench.startExit([address], { destinations: { allow: ['127.0.2.0/24'] } });
  await entry.event('entry-exit-connected');
});
afterAll(async () => {
  for (const line of lines.values()) await line.stop();
  site.closeAllConnections();
  site.close();
  await bench.clean();
});

function lineOf(path: Path): DelayLine {
  const line = lines.get(path);
  if (line === undefined) throw new Error(`there is no path ${path}`);
  return line;
}

function lookup(name: string, options: { all?: boolean }, found: (error: null, ...answer: unknown[]) => void): void {
  const address = name.split('.')[0]!.replaceAll('-', '.');
  if (options.all === true) found(null, [{ address, family: 4 }]);
  else found(null, address, 4);
}

/** How long `step` takes at the least, ms. @param prepare what has to be there before; not measured */
async function shortest<T>(
  prepare: () => Promise<T>,
  step: (ready: T) => Promise<unknown>,
  samples: number,
): Promise<number> {
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const ready = await prepare();
    const start = performance.now();
    await step(ready);
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

/** Round trips of each path that `step` waits for. */
async function count<T>(
  paths: readonly Path[],
  prepare: () => Promise<T>,
  step: (ready: T) => Promise<unknown>,
  samples = SAMPLES,
): Promise<Count> {
  const plain = await shortest(prepare, step, samples);
  const counted: Count = {};
  for (const path of paths) {
    lineOf(path).delayMs = DELAY_MS;
    counted[path] = ((await shortest(prepare, step, samples)) - plain) / ROUND_TRIP_MS;
    lineOf(path).delayMs = 0;
  }
  return counted;
}

function expectCount(counted: Count, expected: Count): void {
  for (const path of Object.keys(counted) as Path[]) {
    expect(
      Math.abs((counted[path] ?? 0) - (expected[path] ?? 0)),
      `${path}: ${counted[path]?.toFixed(2)}`,
    ).toBeLessThan(TOLERANCE);
  }
}

describe('a worker and its entry', () => {
  let network: PayerNetwork;
  let machine: ReturnType<PayerNetwork['machine']>;
  let createEntryClient: (seed: () => Promise<Uint8Array>) => EntryClient;
  let address: EntryAddress;
  const clients: EntryClient[] = [];
  beforeAll(async () => {
    // Each client is another peer, which has a port of its own (docs/protocol/tunnel.md, "Leases").
    const leasePorts = Array.from({ length: 24 }, (_, number) => 7_820 + number);
    network = await startPayerNetwork({ host: '127.0.1.48', freeMiBPerDay: 8, minDeposit: 10_000, leasePorts });
    machine = network.machine();
    lines.set('worker–entry', await startDelayLine({ host: '127.0.1.48' }, network.tunnels));
    const host = formatCircuitName({ address: '127.0.1.48', peer: network.entry.label, zone: 'relay.test' });
    address = { peer: network.entry.label, host, port: lineOf('worker–entry').port };
    vi.stubGlobal(
      'WebSocket',
      class extends WebSocket {
        constructor(url: string) {
          super(url, { ca: network.ca, lookup: lookup as never });
        }
      },
    );
    // It takes the platform's WebSocket when it is loaded.
    ({ createEntryClient } = await import('../../src/net/entry-client.ts'));
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await Promise.all(clients.map((client) => client.stop()));
    await network.close();
  });

  const signal = (): AbortSignal => AbortSignal.timeout(30_000);
  const fresh = async (): Promise<EntryClient> => {
    const client = createEntryClient(async () => crypto.getRandomValues(new Uint8Array(32)));
    clients.push(client);
    return client;
  };
  /** One that has its line already. */
  const reached = async (): Promise<EntryClient> => {
    const client = await fresh();
    await (
      await client.reach(address, { signal: signal() })
    ).roundTrip;
    return client;
  };
  const paying = async (): Promise<PayingWorker> => {
    const client = await reached();
    return machine.startWorker((label, options) => client.session(label, options));
  };
  const lease = async (worker: PayingWorker): Promise<void> => {
    expect(await worker.lease()).toBeGreaterThan(0);
  };
  /** Fewer of them: each is another peer, of which an entry takes only so many from one address. */
  const countThere = <T>(prepare: () => Promise<T>, step: (ready: T) => Promise<unknown>, samples = 3) =>
    count(['worker–entry'], prepare, step, samples);

  test('the line: TCP, TLS, the upgrade to WebSocket, and Noise with its protocol presumed and the muxer told in it', async () => {
    const counted = await countThere(fresh, (client) => client.reach(address, { signal: signal() }));
    expectCount(counted, { 'worker–entry': 4 });
  });

  test('the directory: a question of one page', async () => {
    const counted = await countThere(reached, (client) =>
      client.directory(address.peer, undefined, { signal: signal() }),
    );
    expectCount(counted, { 'worker–entry': 1 });
  });

  test('the free quota: price and lease are asked for at once', async () => {
    expectCount(await countThere(paying, lease), { 'worker–entry': 1 });
  });

  test('a deposit, and then an opening by the channel: the price, what the relay knows of the channel, and the opening', async () => {
    const worker = await paying();
    await worker.lease();
    await worker.wallet.create('gT7!qLx2#vR9m');
    await network.chain.mint(asAddress((await worker.status()).account), 10_000_000n);
    const ask = async (): Promise<string> => (await worker.payments.askDeposit(200_000n)).id;
    const confirm = (id: string): Promise<void> => worker.payments.confirmDeposit(id, false);
    // The first one opens the channel, all others fill it.
    await confirm(await ask());
    const deposited = async (): Promise<string> => {
      await network.chain.mine(3);
      // The relay looks at the chain now and then.
      return eventually(ask);
    };
    // A relay takes three in a moment from one address.
    expectCount(await countThere(deposited, confirm, 1), { 'worker–entry': 1 });
    expectCount(await countThere(paying, lease), { 'worker–entry': 3 });
  });
});

describe('a browser and its circuit', () => {
  const open: (TLSSocket | ClientHttp2Session)[] = [];
  afterAll(() => open.forEach((each) => each.destroy()));
  const nothing = async (): Promise<void> => undefined;

  /** TLS with the exit, as a browser has it for its proxy: HTTP/2, and no session that is resumed. */
  async function tunnel(): Promise<ClientHttp2Session> {
    const { port } = lineOf('client–entry');
    const options = { ca: bench.ca.certificate, servername: circuitName(exit), ALPNProtocols: ['h2'] };
    const socket = connectTls({ host: '127.0.1.31', port, ...options });
    await once(socket, 'secureConnect');
    expect([socket.getProtocol(), socket.isSessionReused()]).toEqual(['TLSv1.3', false]);
    const session = connectHttp2(`https://${circuitName(exit)}`, { createConnection: () => socket });
    open.push(session);
    return session;
  }

  async function connectTo(session: ClientHttp2Session): Promise<ClientHttp2Stream> {
    const stream = session.request({ ':method': 'CONNECT', ':authority': `127.0.2.31:${lineOf('exit–site').port}` });
    const [{ ':status': status }] = (await once(stream, 'response')) as [{ ':status': number }];
    expect(status).toBe(200);
    return stream;
  }

  async function secure(stream: ClientHttp2Stream): Promise<TLSSocket> {
    const socket = connectTls({ socket: stream, ca: bench.ca.certificate, servername: 'site.test' });
    await once(socket, 'secureConnect');
    return socket;
  }

  async function get(socket: TLSSocket): Promise<void> {
    socket.write('GET / HTTP/1.1\r\nhost: site.test\r\n\r\n');
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200/);
  }

  async function check(session: ClientHttp2Session): Promise<void> {
    const stream = session.request({
      ...{ ':method': 'GET', ':scheme': 'http', ':authority': 'circuit.conet.internal' },
      ':path': `/?nonce=${'0'.repeat(64)}`,
    });
    const [{ ':status': status }] = (await once(stream, 'response')) as [{ ':status': number }];
    expect(status).toBe(200);
  }

  test('the tunnel: TCP with the entry, TLS with the exit, and nothing for the stream between them', async () => {
    expectCount(await count(PATHS, nothing, tunnel), { 'client–entry': 2, 'entry–exit': 1, 'exit–site': 0 });
  });

  test('the circuit check on a tunnel', async () => {
    expectCount(await count(PATHS, tunnel, check), { 'client–entry': 1, 'entry–exit': 1, 'exit–site': 0 });
  });

  test('CONNECT, with TCP to the site in it, and TLS with the site', async () => {
    // Together: the line holds the first bytes of a connection for as long as its handshake takes, and not the connection itself.
    const secured = async (session: ClientHttp2Session): Promise<TLSSocket> => secure(await connectTo(session));
    expectCount(await count(PATHS, tunnel, secured), { 'client–entry': 2, 'entry–exit': 2, 'exit–site': 2 });
  });

  test('a request', async () => {
    const ready = async (): Promise<TLSSocket> => secure(await connectTo(await tunnel()));
    expectCount(await count(PATHS, ready, get), { 'client–entry': 1, 'entry–exit': 1, 'exit–site': 1 });
  });

  test('all of it, from nothing to the first byte of a page', async () => {
    const whole = async (): Promise<void> => get(await secure(await connectTo(await tunnel())));
    expectCount(await count(PATHS, nothing, whole), { 'client–entry': 5, 'entry–exit': 4, 'exit–site': 3 });
  });
});

test('an exit and its entry: TCP, Noise with its protocol asked for, and the question what the exit speaks', async () => {
  const address = multiaddr(libp2pAddress(entry).replace('/127.0.1.31/', '/127.0.1.32/'));
  const nodes: RelayNode[] = [];
  const start = async (): Promise<RelayNode> => {
    const privateKey = await generateKeyPair('Ed25519');
    const node = await createRelayNode({ privateKey, listen: [], mayDial: [entry.identity.peerId] });
    await node.handle(TUNNEL_PROTOCOL, () => undefined);
    nodes.push(node);
    return node;
  };
  const meet = async (node: RelayNode): Promise<void> => {
    const from = entry.lines.length;
    await Promise.all([entry.event('entry-exit-connected', from), node.dial(address)]);
  };
  // The half: the entry is who has it last.
  expectCount(await count(['entry–exit'], start, meet), { 'entry–exit': 4.5 });
  for (const node of nodes) await node.stop();
});
