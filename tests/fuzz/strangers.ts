// Peers of libp2p that nobody knows: each with a key of its own, and with the bytes beneath its streams within reach. And an entry of a stranger, which the exits were told to dial.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { ping } from '@libp2p/ping';
import type {
  Connection,
  ConnectionEncrypter,
  MessageStream,
  PrivateKey,
  Stream,
  StreamMuxerFactory,
} from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { WebSocket } from 'ws';
import { peerLabel } from '../../relay/identity.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { createRandom } from '../chaos/kills/random.ts';
import { drawAddress } from './addresses.ts';
import { HungUpError, QUIET_MS } from './conversation.ts';
import { Ear } from './ear.ts';

/** What the fuzzer's own exits and entries answer with. */
export type Handlers = Record<string, (stream: Stream, connection: Connection) => void>;

export type StrangerInit = {
  /** Multiaddr of the relay. */
  address: string;
  localAddress: string;
  /** Protocols that it speaks, beside identify. */
  handlers?: Handlers;
  /** Instead of what identify says. */
  isIdentifiedByHandler?: boolean;
  /** Its key; left out: a new one. */
  privateKey?: PrivateKey;
  /** What it signs of its handshake, in the place of the right signature. */
  lie?: (signature: Uint8Array) => Uint8Array;
};

export type Stranger = {
  /** As names have it. */
  label: PeerLabel;
  connection: Connection;
  /** Beneath Yamux, above Noise. */
  raw: MessageStream;
  leave: () => Promise<void>;
};

export type Strangers = {
  /** Rejects where the relay does not let it in. */
  meet(init: StrangerInit): Promise<Stranger>;
  /** Those that dialled the stranger's entry and are there. */
  exits(): Connection[];
  /** Of the stranger's entry, for the configuration of exits. */
  readonly address: string;
  close(): Promise<void>;
};

/** The handshakes of TCP, TLS, Noise and Yamux on a busy machine. */
const MEET_MS = 10_000;
/** Not one of the addresses of relays. */
const ENTRY_HOST = '127.0.1.61';
/** Where the relay has hung up meanwhile, there is nobody to close with. */
const LEAVE_MS = 1_000;

/** @param ca of the relays' own names */
export async function startStrangers(ca: () => string): Promise<Strangers> {
  trustInWebSockets(ca);
  const entry = await createLibp2p({
    addresses: { listen: [`/ip4/${ENTRY_HOST}/tcp/0`] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // Both exits come from one address, again and again.
    connectionManager: { inboundConnectionThreshold: 1_000 },
    connectionMonitor: { enabled: false },
    services: { identify: identify({ runOnConnectionOpen: false }), ping: ping() },
  });
  return {
    address: String(entry.getMultiaddrs()[0]),
    exits: () => entry.getConnections().filter(({ status }) => status === 'open'),
    meet,
    close: async () => entry.stop(),
  };
}

async function meet({ address, localAddress, ...init }: StrangerInit): Promise<Stranger> {
  const raws: MessageStream[] = [];
  const node = await createLibp2p<Record<string, unknown>>({
    ...(init.privateKey && { privateKey: init.privateKey }),
    transports: [tcp({ dialOpts: { noDelay: true, ...{ localAddress } } }), webSockets()],
    connectionEncrypters: [init.lie === undefined ? noise() : lying(init.lie)],
    streamMuxers: [keeping(raws)],
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0 },
    // An entry asks who comes by TCP, to know its exits.
    services: init.isIdentifiedByHandler ? {} : { identify: identify({ runOnConnectionOpen: false }) },
  });
  const leave = async (): Promise<void> => {
    for (const connection of node.getConnections()) {
      // An abort of libp2p's own WebSocket leaves it open for good (relay/net/websocket-connection.ts).
      if (address.includes('/ws/'))
        await connection.close({ signal: AbortSignal.timeout(LEAVE_MS) }).catch(() => undefined);
      connection.abort(new HungUpError('left'));
    }
    await node.stop();
  };
  try {
    for (const [protocol, handler] of Object.entries(init.handlers ?? {})) await node.handle(protocol, handler);
    const connection = await node.dial(multiaddr(address), { signal: AbortSignal.timeout(MEET_MS) });
    return { label: peerLabel(node.peerId), connection, raw: raws[0]!, leave };
  } catch (error) {
    await leave();
    throw new HungUpError('not let in', { cause: error });
  }
}

/** Yamux as it is, and what it writes to. */
function keeping(raws: MessageStream[]): () => StreamMuxerFactory {
  return () => {
    const factory = yamux()() as StreamMuxerFactory;
    const make = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => {
      raws.push(connection);
      return make(connection);
    };
    return factory;
  };
}

type NoiseComponents = Parameters<ReturnType<typeof noise>>[0];

function lying(lie: (signature: Uint8Array) => Uint8Array): (components: NoiseComponents) => ConnectionEncrypter {
  return (components) => {
    const { privateKey } = components;
    const sign: PrivateKey['sign'] = async (bytes) => lie(await privateKey.sign(bytes));
    const liar = Object.create(privateKey, { sign: { value: sign } }) as PrivateKey;
    return noise()({ ...components, privateKey: liar, upgrader: components.upgrader, logger: components.logger });
  };
}

/** The transport takes the platform's WebSocket, which knows neither the authority nor the names of these relays. */
function trustInWebSockets(ca: () => string): void {
  const lookup = (
    name: string,
    options: { all?: boolean },
    found: (error: null, ...answer: unknown[]) => void,
  ): void => {
    const address = (name.split('.')[0] ?? '').replaceAll('-', '.');
    if (options.all === true) found(null, [{ address, family: 4 }]);
    else found(null, address, 4);
  };
  Object.assign(globalThis, {
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        // Another address each time, as those who come by TCP have.
        super(url, { ca: ca(), lookup: lookup as never, localAddress: drawAddress(createRandom(Date.now())) });
      }
    },
  });
}

/** A stream of libp2p on which something is said, as conversation.ts has it of sockets. */
export class StreamConversation {
  readonly stream: Stream;
  readonly #ear = new Ear();
  #came: Uint8Array[] = [];
  #over: boolean;

  constructor(stream: Stream) {
    this.stream = stream;
    stream.addEventListener('message', ({ data }) => {
      this.#came.push(data.subarray());
      this.#ear.heard();
    });
    const end = (): void => {
      this.#over = true;
      this.#ear.heard();
    };
    stream.addEventListener('remoteCloseWrite', end);
    stream.addEventListener('close', end);
    // A relay that is quick has reset it before anybody could listen.
    this.#over = stream.status !== 'open';
  }

  isOver(): boolean {
    return this.#over;
  }

  /** Says it, and waits for the answer, the end, or silence. */
  async say(bytes: Uint8Array, quietMs = QUIET_MS): Promise<Buffer> {
    if (this.isOver() || this.stream.writeStatus !== 'writable') throw new HungUpError('the stream is over');
    this.#came = [];
    this.stream.send(bytes);
    await this.#ear.listen(quietMs);
    return Buffer.concat(this.#came);
  }

  /** Ends this half, so that the relay sees that this is all. */
  async end(): Promise<void> {
    await this.stream.close({ signal: AbortSignal.timeout(LEAVE_MS) }).catch(() => undefined);
    this.stream.abort(new HungUpError('done'));
  }
}
