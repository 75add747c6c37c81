// Attacks of a stranger who has a key and speaks libp2p: streams of every protocol of the relays, with garbage in them.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DIRECTORY_PROTOCOL } from '../../src/core/directory/directory-messages.ts';
import { TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import { SESSION_PROTOCOL, TRANSIT_PROTOCOL } from '../../src/core/wire/session-protocol.ts';
import type { Attack } from './target.ts';

const PROTOCOLS = [
  ...[TUNNEL_PROTOCOL, SESSION_PROTOCOL, TRANSIT_PROTOCOL, DIRECTORY_PROTOCOL],
  ...['/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0', '/ipfs/ping/1.0.0', '/no/such/1.0.0'],
];
const BYTES = [1, 33, 300, 70_000];

const garbageStreams: Attack = async ({ address }, signal) => {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  try {
    for (let round = 0; !signal.aborted; round += 1) {
      try {
        const connection = await node.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) });
        const protocol = PROTOCOLS[round % PROTOCOLS.length]!;
        const stream = await connection.newStream(protocol, { signal: AbortSignal.timeout(2_000) });
        stream.send(randomBytes(BYTES[round % BYTES.length]!));
        if (round % 3 === 0) stream.abort(new Error('done'));
        else if (round % 3 === 1) await stream.close({ signal: AbortSignal.timeout(1_000) });
        if (round % 50 === 49) await connection.close();
      } catch {
        // Refused: that is what it is for.
      }
      await delay(5);
    }
  } finally {
    await node.stop();
  }
};

export const LIBP2P_ATTACKS: Record<string, Attack> = { 'garbage in every protocol': garbageStreams };
