// What a relay's node remembers of peers that are gone: nothing, however they leave and whatever they said of themselves.

import { once } from 'node:events';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Libp2p } from '@libp2p/interface';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetPeers } from '../../relay/net/forget-peers.ts';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';
import { eventually } from '../support/eventually.ts';
import { startPayerNode } from '../support/session-wire.ts';

let relay: RelayNode;
beforeAll(async () => {
  relay = await createRelayNode({
    privateKey: await generateKeyPair('Ed25519'),
    listen: [{ host: '127.0.1.62', port: 0 }],
    mayDial: [],
  });
});
afterAll(() => relay.stop());

test('a stranger that was asked who it is is forgotten when it leaves, and known while it is there', async () => {
  const stranger: Libp2p = await startPayerNode();
  const opened = once(relay, 'connection:open') as unknown as Promise<[CustomEvent]>;
  await stranger.dial(relay.getMultiaddrs());
  await opened;
  const [connection] = relay.getConnections(stranger.peerId);
  await relay.services.identify.identify(connection!);
  expect((await relay.peerStore.all()).map(({ id }) => id.toString())).toEqual([stranger.peerId.toString()]);
  await stranger.stop();
  await eventually(async () => expect(await relay.peerStore.all()).toEqual([]));
});

test('what comes to be written after its end goes a moment later', async () => {
  const stranger: Libp2p = await startPayerNode();
  // The same watch with another patience, beside the node's own.
  forgetPeers(relay, 50);
  await stranger.dial(relay.getMultiaddrs());
  await eventually(() => expect(relay.getConnections(stranger.peerId)).toHaveLength(1));
  const gone = new Promise((resolve) => relay.addEventListener('peer:disconnect', resolve, { once: true }));
  await stranger.stop();
  await gone;
  await relay.peerStore.merge(stranger.peerId, { protocols: ['/late/1.0.0'] });
  await eventually(async () => expect(await relay.peerStore.all()).toEqual([]));
});
