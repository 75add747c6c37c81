// Proves that a relay answers under its peer id at an address that it named: one libp2p connection, closed at once. It dials public addresses only, and with a key of its own that
// says nothing of this relay. Called by handle.ts.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { PeerId } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { BrokerError } from './broker-error.ts';
import type { DialableAddress } from './registration-body.ts';

export type DialBack = {
  /** Resolves when one of the addresses led to the peer; throws `BrokerError`. */
  prove(peer: PeerId, addresses: readonly DialableAddress[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Dials at once; the next ones are told to come again. Each is a socket for `DIAL_MS` at most. */
const MAX_DIALS = 32;
/** Of one registration. */
const MAX_ADDRESSES = 8;
/** TCP, noise and yamux: four round trips, each address tried beside the others. */
const DIAL_MS = 10_000;

/** @param mayDial whether an address is one of the public internet */
export async function createDialBack(mayDial: (address: string) => boolean): Promise<DialBack> {
  const node = await createLibp2p({
    addresses: { listen: [] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // What may be dialled was decided below.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { reconnectRetries: 0, maxParallelDials: MAX_DIALS },
    connectionMonitor: { enabled: false },
  });
  let dialling = 0;

  const dial = async (peer: PeerId, addresses: readonly DialableAddress[], signal: AbortSignal): Promise<void> => {
    const targets = addresses.map(({ address }) => address.encapsulate(`/p2p/${peer.toString()}`));
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]);
      const connection = await node.dial(targets, { signal: limited, force: true });
      const met = connection.remotePeer.equals(peer);
      connection.abort(new Error('seen'));
      if (!met) throw new BrokerError('unreachable');
    } catch (error) {
      throw error instanceof BrokerError ? error : new BrokerError('unreachable', { cause: error });
    } finally {
      // It would keep what it learned of everybody who ever came.
      await node.peerStore.delete(peer).catch(() => undefined);
    }
  };

  return {
    prove: async (peer, addresses, signal) => {
      const own = addresses.filter((each) => each.peer === undefined || each.peer === peer.toString());
      if (own.length === 0) throw new BrokerError('no-address');
      const open = own.filter(({ host }) => mayDial(host));
      if (open.length === 0) throw new BrokerError('private-address');
      if (dialling >= MAX_DIALS) throw new BrokerError('busy');
      dialling += 1;
      try {
        await dial(peer, open.slice(0, MAX_ADDRESSES), signal);
      } finally {
        dialling -= 1;
      }
    },
    close: async () => node.stop(),
  };
}
