// A program that floods a relay with descriptors, in a process of its own, so that its work is not measured as the relay's. Says where it can be asked; is told on its input whom to flood and for how long; says when it is
// done. Each word is a line of JSON.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { askDirectory } from '../../src/net/directory-client.ts';
import type { ReadMark } from '../../src/core/directory/directory.ts';
import { makeDescriptors, serveAll } from './descriptor-flood.ts';
import { createNode } from './directory-relay.ts';

export type FloodOrder = {
  /** With its peer id. */
  relay: string;
  phaseMs: number;
  /** Keys that dial and ask, beside the one that the relay asks by itself. */
  connections: number;
};

const count = Number(process.argv[2]);

async function node(number: number) {
  const made = await createNode({ mayDial: [] });
  const directory = await serveAll(made.node, `0x${String(number).padStart(32, '0')}`);
  return { ...made, ...directory, mark: undefined as ReadMark | undefined };
}

const say = (words: object): void => void process.stdout.write(`${JSON.stringify(words)}\n`);

// Half of it under as many names as it has relays, half under one; in no order.
const flood = [
  ...(await makeDescriptors('flood', count / 2, 120)),
  ...(await makeDescriptors('one-hand', count / 2, 200, { oneHand: true })),
].sort((one, other) => (one.signed.peerSignature < other.signed.peerSignature ? -1 : 1));
const first = await node(2);
const orders = createInterface({ input: process.stdin });
say({ address: String(first.node.getMultiaddrs()[0]) });

const [line] = (await once(orders, 'line')) as [string];
const { relay, phaseMs, connections } = JSON.parse(line) as FloodOrder;
const peer = peerIdFromString(relay.split('/p2p/')[1]!);
const others = await Promise.all(Array.from({ length: connections }, (_, each) => node(100 + each)));
const began = performance.now();
let offered = 0;
while (offered < count) {
  const due = flood.slice(offered, Math.ceil((count * (performance.now() - began)) / phaseMs));
  offered += due.length;
  for (const each of [first, ...others]) each.add(due);
  // As relays do: whoever asks is asked back.
  await Promise.all(
    others.map(async (each) => {
      each.mayDial.push(peer);
      const connection = await each.node.dial(multiaddr(relay));
      ({ mark: each.mark } = await askDirectory(connection, each.mark, { signal: AbortSignal.timeout(10_000) }));
    }),
  ).catch(() => undefined);
  await delay(1000);
}
say({ offered, asked: first.asked() + others.reduce((sum, each) => sum + each.asked(), 0) });
// Until it is ended: what is being read goes on.
