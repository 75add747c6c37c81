// Builds a relay's libp2p node: TCP for other relays, WebSockets of clients handed in by the entry, Noise, Yamux, identify and ping.
// It dials nobody but the peers it is given, and discovers nobody. Called by relay/relay.ts.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify, type Identify } from '@libp2p/identify';
import type { Libp2p, PeerId, PrivateKey } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import { presuming } from '../../src/net/presumed-protocol.ts';
import type { HostPort } from '../config/parts.ts';
import { AGENT } from '../version.ts';
import { forgetPeers } from './forget-peers.ts';
import { InboundWebSockets } from './inbound-websockets.ts';
import * as limits from './limits.ts';
import { ListenError } from './listen-error.ts';
import { quickened } from './noise-connection.ts';
import { relayNoiseCrypto } from './noise-crypto.ts';
import { updatingByHalves } from './window-updates.ts';

export type RelayServices = { identify: Identify; ping: unknown; websockets: InboundWebSockets; listener: Listener };
export type RelayNode = Libp2p<RelayServices>;

export type RelayNodeInit = {
  privateKey: PrivateKey;
  /** Addresses to listen on; none for an exit, which works behind NAT. */
  listen: readonly HostPort[];
  /** The only peers that may be dialled; read at each dial, so it may change. */
  mayDial: readonly PeerId[];
};

/** libp2p hands them to node:net as they are; its types name a few. */
const SOCKET_OPTIONS = { highWaterMark: limits.SOCKET_QUEUE } as object;

/** A part of libp2p. */
type Listener = { listen(addresses: Multiaddr[]): Promise<void> };

/** A node that listens on all of them. Throws `ListenError` for the first that it cannot have, and then on none. */
export async function createRelayNode({ listen, ...init }: RelayNodeInit): Promise<RelayNode> {
  const node = await createNode(init);
  forgetPeers(node);
  for (const address of listen) {
    try {
      // One by one: of several, libp2p passes over those of IPv6 where all of IPv4 can be had, and takes a port that is in use for a machine without IPv6.
      await node.services.listener.listen([listenMultiaddr(address)]);
    } catch (cause) {
      await node.stop();
      throw new ListenError(address, cause);
    }
  }
  return node;
}

function listenMultiaddr({ host, port }: HostPort): Multiaddr {
  return multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`);
}

function createNode({ privateKey, mayDial }: Omit<RelayNodeInit, 'listen'>): Promise<RelayNode> {
  return createLibp2p<RelayServices>({
    privateKey,
    nodeInfo: { name: AGENT, userAgent: AGENT },
    // The pings of liveness.ts find a dead link; a quiet one is none. (0: no limit; two minutes by default.)
    transports: [
      tcp({
        inboundSocketInactivityTimeout: 0,
        outboundSocketInactivityTimeout: 0,
        dialOpts: SOCKET_OPTIONS,
        listenOpts: SOCKET_OPTIONS,
      }),
    ],
    connectionEncrypters: [quickened(noise({ crypto: relayNoiseCrypto }))],
    streamMuxers: [
      presuming(
        updatingByHalves(
          yamux({
            maxInboundStreams: limits.MAX_STREAMS_PER_CONNECTION,
            maxOutboundStreams: limits.MAX_STREAMS_PER_CONNECTION,
            streamOptions: {
              maxStreamWindowSize: limits.MAX_STREAM_WINDOW,
              maxReadBufferLength: limits.MAX_READ_BUFFER,
            },
          }),
        ),
        // Who is no exit was told apart by identify (relay/entry/exits.ts).
        [TUNNEL_PROTOCOL],
      ),
    ],
    connectionGater: {
      denyDialPeer: (peer) => !mayDial.some((allowed) => allowed.equals(peer)),
    },
    connectionManager: {
      maxConnections: limits.MAX_CONNECTIONS,
      inboundConnectionThreshold: limits.INBOUND_CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: limits.MAX_PENDING_INBOUND,
      inboundUpgradeTimeout: limits.UPGRADE_TIMEOUT_MS,
      inboundStreamProtocolNegotiationTimeout: limits.STREAM_NEGOTIATION_TIMEOUT_MS,
      outboundStreamProtocolNegotiationTimeout: limits.STREAM_NEGOTIATION_TIMEOUT_MS,
      // Redialling is the exit's own job (relay/exit/entry-link.ts).
      reconnectRetries: 0,
    },
    // It would ping clients too, and so keep their workers awake; links between relays are watched one by one.
    connectionMonitor: { enabled: false },
    services: {
      // The entry asks exits what they speak when they connect; clients are not asked.
      identify: identify({ runOnConnectionOpen: false }),
      ping: ping(),
      websockets: (components) => new InboundWebSockets(components),
      listener: ({ transportManager }) => ({ listen: (addresses: Multiaddr[]) => transportManager.listen(addresses) }),
    },
  });
}
