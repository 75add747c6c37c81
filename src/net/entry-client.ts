// The worker's line to an entry: libp2p over WebSocket and TLS. Nothing is loaded or started before the first entry is dialled, and
// nothing is dialled but what is asked for here. Built in background/app.ts.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { Connection } from '@libp2p/interface';
import { ping, type Ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import { SESSION_PROTOCOL } from '../core/wire/session-protocol.ts';
import { EntryUnreachableError, type EntryAddress, type EntryClient } from '../ports/entry-client.ts';
import { DIRECTORY_PROTOCOL } from '../core/directory/directory-messages.ts';
import { DirectoryError } from '../core/directory/directory-error.ts';
import { installClosableWebSocket } from './closable-websocket.ts';
import { askDirectory } from './directory-client.ts';
import { presuming, presumingSecurity } from './presumed-protocol.ts';
import { peerFromLabel } from './peer-label.ts';
import { openSession } from './session-client.ts';

type Node = Libp2p<{ ping: Ping }>;

/** https://github.com/libp2p/specs/blob/master/noise/README.md */
const NOISE = '/noise';

/** Two guards, another while changing to it, and those that were asked for the directory just now. */
const MAX_CONNECTIONS = 16;

/** Often enough that Chrome keeps the worker of a private tab alive (30 s without traffic end it), and that a lost entry is noticed. */
const HEARTBEAT_MS = 10_000;

/** @param seed of the worker's own peer key, 32 bytes: the same while the browser runs, or an entry would take each worker for another client */
export function createEntryClient(seed: () => Promise<Uint8Array>): EntryClient {
  /** Peers that `reach` was called for, to their labels: nobody else is dialled, whatever in libp2p wants to. */
  const wanted = new Map<string, string>();
  const listeners = new Set<(peer: string) => void>();
  let node: Promise<Node> | undefined;

  const start = async (): Promise<Node> => {
    installClosableWebSocket();
    const started = await createLibp2p({
      privateKey: await generateKeyPairFromSeed('Ed25519', await seed()),
      transports: [presumingSecurity(webSockets(), NOISE)],
      connectionEncrypters: [noise()],
      streamMuxers: [presuming(yamux(), [SESSION_PROTOCOL, DIRECTORY_PROTOCOL])],
      services: { identify: identify(), ping: ping() },
      connectionManager: { maxConnections: MAX_CONNECTIONS },
      connectionMonitor: { pingInterval: HEARTBEAT_MS },
      connectionGater: {
        // In place of libp2p's own, which refuses private addresses: an entry may be on this network, as in the devnet.
        denyDialMultiaddr: () => false,
        denyDialPeer: (peer) => !wanted.has(peer.toString()),
        denyInboundConnection: () => true,
      },
    });
    started.addEventListener('peer:disconnect', ({ detail: peer }) => {
      const label = wanted.get(peer.toString());
      wanted.delete(peer.toString());
      if (label !== undefined) listeners.forEach((listener) => listener(label));
    });
    return started;
  };

  const connectionTo = async (label: string): Promise<Connection> => {
    const peer = peerFromLabel(label);
    const connection = peer && (await node)?.getConnections(peer)[0];
    if (connection === undefined) throw new EntryUnreachableError('the entry is not connected');
    return connection;
  };

  return {
    reach: async (entry, { signal }) => {
      const peer = peerFromLabel(entry.peer);
      if (peer === undefined) throw new EntryUnreachableError('the entry has no peer id');
      try {
        node ??= start();
        const running = await node;
        const wasThere = running.getConnections(peer).length > 0;
        wanted.set(peer.toString(), entry.peer);
        const connection = await running.dial(multiaddr(`${addressOf(entry)}/p2p/${peer.toString()}`), { signal });
        // Noise has proved it by now; a later libp2p that returned another connection must not pass for the entry.
        if (!connection.remotePeer.equals(peer)) throw new EntryUnreachableError('another peer answered');
        const roundTrip = running.services.ping.ping(connection.remotePeer, { signal }).catch(() => undefined);
        return { roundTrip, wasThere };
      } catch (error) {
        throw new EntryUnreachableError('the entry cannot be reached', { cause: error });
      }
    },
    session: async (label, { signal }) => {
      const connection = await connectionTo(label);
      return openSession(connection, (await node)?.peerId.toString() ?? '', { signal });
    },
    directory: async (label, mark, { signal }) => {
      const connection = await connectionTo(label);
      try {
        return await askDirectory(connection, mark, { signal });
      } catch (error) {
        if (error instanceof DirectoryError) throw error;
        throw new EntryUnreachableError('the entry does not answer', { cause: error });
      }
    },
    leave: async (label) => {
      const peer = peerFromLabel(label);
      // First, so that nobody is told of a loss.
      if (peer !== undefined) wanted.delete(peer.toString());
      const running = await node;
      const open = peer === undefined ? [] : (running?.getConnections(peer) ?? []);
      await Promise.all(open.map((connection) => connection.close()));
    },
    onLost: (listener) => void listeners.add(listener),
    stop: async () => {
      const running = node;
      node = undefined;
      wanted.clear();
      await (await running)?.stop();
    },
  };
}

/** Names of entries resolve to the family of the address in their first label. */
function addressOf({ host, port }: EntryAddress): string {
  return `/dns/${host}/tcp/${port}/tls/ws`;
}
