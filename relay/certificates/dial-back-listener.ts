// Where brokers find a relay that listens nowhere, as an exit behind its entries: a libp2p node under the relay's peer id, open only while a challenge is being registered. It speaks no protocol
// but the handshake. Called by autotls-source.ts.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';
import type { HostPort } from '../config/schema.ts';
import { formatHostPort } from '../config/schema.ts';
import { AutotlsError } from './autotls-error.ts';

/** Runs `work` with the listener open; several zones may be under way at once. */
export type WithListener = (work: () => Promise<void>) => Promise<void>;

/** One broker at a time comes; more are somebody else. */
const MAX_CONNECTIONS = 8;

export function createDialBackListener({ host, port }: HostPort, privateKey: PrivateKey): WithListener {
  let users = 0;
  let node: Promise<Libp2p> | undefined;
  const open = (): Promise<Libp2p> =>
    createLibp2p({
      privateKey,
      addresses: { listen: [`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialPeer: () => true },
      connectionManager: { maxConnections: MAX_CONNECTIONS },
      connectionMonitor: { enabled: false },
    });
  return async (work) => {
    users += 1;
    try {
      await (node ??= open()).catch((error: unknown) => {
        throw new AutotlsError('state', `${formatHostPort({ host, port })} cannot be listened on`, { cause: error });
      });
      await work();
    } finally {
      users -= 1;
      if (users === 0) {
        const closing = node;
        node = undefined;
        await closing?.then((opened) => opened.stop()).catch(() => undefined);
      }
    }
  };
}
