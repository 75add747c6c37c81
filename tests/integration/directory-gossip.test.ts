// The directory among relays: what one says of itself comes to all, whoever is asked; what is known outlives a restart; and who lies, floods or has a wrong clock is found out, and is in
// nobody's way.

import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { pino } from 'pino';
import { serveDirectory } from '../../relay/directory/serve.ts';
import { peerLabel } from '../../relay/identity.ts';
import { encodeDescriptor } from '../../src/core/directory/descriptor.ts';
import { Directory } from '../../src/core/directory/directory.ts';
import { keyPrefixOf } from '../../src/core/directory/peer-key.ts';
import { DIRECTORY_PROTOCOL } from '../../src/core/directory/directory-messages.ts';
import { askDirectory } from '../../src/net/directory-client.ts';
import { descriptorOf, relayKeys, sign } from '../support/descriptors.ts';
import {
  createDirectoryBench,
  createNode,
  type DirectoryBench,
  type DirectoryRelay,
} from '../support/directory-relay.ts';
import { eventually } from '../support/eventually.ts';
import { isLong } from '../support/length.ts';

const HOUR = 3_600_000;
let bench: DirectoryBench;
beforeAll(async () => void (bench = await createDirectoryBench()));
afterAll(() => bench.clean());

const labels = (...relays: DirectoryRelay[]) => relays.map(({ identity }) => identity.label).sort();
const knows = (relay: DirectoryRelay, ...others: DirectoryRelay[]) =>
  eventually(async () =>
    expect((await bench.directoryOf(relay)).map(({ peer }) => peer).sort()).toEqual(labels(...others)),
  );
const said = (relay: DirectoryRelay, event: string): boolean => relay.log.some((line) => line.includes(`"${event}"`));

test('a chain of relays comes to know each other, and an exit says which entries it can be had through', async () => {
  const first = await bench.start();
  const second = await bench.start({ neighbours: [first.address] });
  const third = await bench.start({ neighbours: [second.address] });
  const exit = await bench.start({ entries: [third.address] });
  for (const relay of [first, second, third, exit]) await knows(relay, first, second, third, exit);
  const listed = (await bench.directoryOf(first)).find(({ peer }) => peer === exit.identity.label);
  expect(listed?.exit?.entries).toEqual([keyPrefixOf(third.identity.label)]);

  // Who was there before says it anew, and nobody takes it for another.
  await second.stop();
  const fourth = await bench.start({ neighbours: [first.address] });
  const again = await bench.start({ neighbours: [first.address], again: second });
  for (const relay of [first, again, third, exit]) await knows(relay, first, again, third, exit, fourth);
  expect(said(again, 'directory-key-twice')).toBe(false);
});

test('an exit visits nobody: who it is not linked to would take it for an exit of theirs', async () => {
  const [entry, other] = [await bench.start(), await bench.start()];
  const between = await bench.start({ neighbours: [entry.address, other.address] });
  const exit = await bench.start({ entries: [entry.address] });
  await knows(other, entry, other, between, exit);
  await knows(exit, entry, other, between, exit);
  expect(other.node.getPeers().some((peer) => peer.equals(exit.identity.peerId))).toBe(false);
});

test('whoever it began with is gone: a relay begins with what it kept', async () => {
  const [one, other] = [await bench.start(), await bench.start()];
  const relay = await bench.start({ neighbours: [one.address, other.address] });
  await knows(relay, one, other, relay);
  await relay.stop();
  await one.stop();
  const again = await bench.start({ again: relay });
  const fresh = await bench.start({ neighbours: [other.address] });
  await knows(again, one, other, again, fresh);
});

test('also where all that it kept is over: after a month one of them is enough', async () => {
  const month = 30 * 24 * HOUR;
  const [one, gone] = [await bench.start({ clockAhead: -month }), await bench.start({ clockAhead: -month })];
  const relay = await bench.start({ clockAhead: -month, neighbours: [one.address, gone.address] });
  await eventually(() => expect(relay.size()).toBe(3));
  await Promise.all([relay, one, gone].map((each) => each.stop()));
  const now = await bench.start({ again: one });
  const again = await bench.start({ again: relay });
  await knows(again, now, again);
});

test('a stored directory that is cut, or something else, is not in the way of a start', async () => {
  const relay = await bench.start();
  const file = bench.fileOf(relay);
  await relay.stop();
  const whole = readFileSync(file);
  for (const content of ['something else', '', whole.subarray(0, -7)]) {
    writeFileSync(file, content);
    const again = await bench.start({ again: relay });
    expect(said(again, 'directory-not-read')).toBe(true);
    await knows(again, again);
    await again.stop();
  }
});

test('whoever has read from a relay need not read all again after its restart, and misses nothing', async () => {
  const relay = await bench.start();
  const reader = await bench.start({ neighbours: [relay.address] });
  await knows(reader, relay, reader);
  await relay.stop();
  const epochOf = (each: DirectoryRelay) => readFileSync(bench.fileOf(each)).subarray(5, 21).toString('hex');
  const before = epochOf(relay);
  const again = await bench.start({ again: relay });
  const fresh = await bench.start({ neighbours: [again.address] });
  await knows(reader, again, reader, fresh);
  await again.stop();
  expect(epochOf(again)).toBe(before);
});

test('two relays with one key: it is said, and the others go on', async () => {
  const middle = await bench.start();
  const one = await bench.start({ neighbours: [middle.address] });
  await knows(one, middle, one);
  // Another machine with a copy of the key: another address and another payee.
  const impostor = await bench.start({ neighbours: [middle.address], twinOf: one });
  await eventually(() => expect(said(one, 'directory-key-twice') || said(impostor, 'directory-key-twice')).toBe(true));
  await knows(middle, middle, one);
});

test('a relay whose clock is two hours off is told so, and nobody takes what it says', async () => {
  const hub = await bench.start();
  const others = [await bench.start({ neighbours: [hub.address] }), await bench.start({ neighbours: [hub.address] })];
  await knows(hub, hub, ...others);
  for (const clockAhead of [2, -26, -2].map((hours) => hours * HOUR)) {
    const wrong = await bench.start({
      ...{ neighbours: [hub.address, others[0]!.address], clockAhead },
    });
    await eventually(() => expect(said(wrong, 'directory-clock')).toBe(true));
    // Two hours behind, what it says still holds for 22.
    if (clockAhead !== -2 * HOUR) await knows(hub, hub, ...others);
    await wrong.stop();
  }
});

test('who comes by itself sets nobody’s clock', async () => {
  const hub = await bench.start();
  const liars: DirectoryRelay[] = [];
  for (let made = 0; made < 3; made += 1)
    liars.push(await bench.start({ neighbours: [hub.address], clockAhead: 2 * HOUR }));
  // Each has been asked back, since what it says of itself does not hold yet.
  const refused = (): Set<string> =>
    new Set(hub.log.flatMap((line) => /"directory-read","relay":"(\w+)".*"untimely":[1-9]/.exec(line)?.[1] ?? []));
  await eventually(() => expect([...refused()].sort()).toEqual(labels(...liars)));
  expect(said(hub, 'directory-clock')).toBe(false);
});

test.runIf(isLong)(
  'netsplit: two halves that do not reach each other are one again when one link is there',
  async () => {
    const [left, right] = [await bench.start(), await bench.start()];
    const [l, r] = [
      await bench.start({ neighbours: [left.address] }),
      await bench.start({ neighbours: [right.address] }),
    ];
    await knows(left, left, l);
    await knows(right, right, r);
    const bridge = await bench.start({ neighbours: [left.address, right.address] });
    for (const each of [left, right, l, r]) await knows(each, left, right, l, r, bridge);
  },
);

test('who passes on what nobody signed is found out: nothing of it is taken, and it is not asked again', async () => {
  const honest = await bench.start();
  const [forged] = await bench.read(honest);
  const liar = await createNode({ mayDial: [] });
  let asked = 0;
  const asking = new Directory({ epoch: `0x${'01'.repeat(16)}`, limit: 10 });
  const keys = await relayKeys(99);
  const descriptor = { ...descriptorOf(keys), validFrom: Math.floor(Date.now() / 1000) };
  asking.consider({ descriptor, signed: { ...forged!, descriptor: encodeDescriptor(descriptor) } });
  await serveDirectory({
    ...{ node: liar.node, directory: asking, log: pino({ enabled: false }), now: Date.now },
    onAsked: () => (asked += 1),
  });
  const address = String(liar.node.getMultiaddrs()[0]);
  const relay = await bench.start({ neighbours: [address, honest.address] });
  await eventually(() => expect(relay.log.join()).toContain('"code":"bad-signature"'));
  await knows(relay, relay, honest);
  expect(asked).toBe(1);
  await liar.node.stop();
});

test.runIf(isLong)(
  'a flood of one operator: the relay answers all the while, takes its part and no more, and still takes others',
  async () => {
    const flooder = await createNode({ mayDial: [] });
    const flood = new Directory({ epoch: `0x${'02'.repeat(16)}`, limit: 10_000, isVouched: () => true });
    const keys = await relayKeys(7);
    const now = Math.floor(Date.now() / 1000);
    // Signed as the contents of pages are: only what is taken is ever opened.
    for (let number = 0; number < 2000; number += 1) {
      const peerKey = await generateKeyPair('Ed25519');
      const peer = peerLabel(peerIdFromPrivateKey(peerKey));
      const descriptor = { ...descriptorOf({ ...keys, peer }), validFrom: now };
      flood.consider({ descriptor, signed: await sign(descriptor, { ...keys, peerKey }) });
    }
    await serveDirectory({ node: flooder.node, directory: flood, log: pino({ enabled: false }), now: Date.now });
    const relay = await bench.start({ neighbours: [String(flooder.node.getMultiaddrs()[0])] });
    // Of one network, as these say: fewer than of one payee.
    await eventually(() => expect(relay.size()).toBe(1 + 32));
    const honest = await bench.start({ neighbours: [relay.address] });
    await eventually(() => expect(relay.size()).toBe(2 + 32));
    await eventually(() => expect(honest.size()).toBe(2 + 32));
    await flooder.node.stop();
  },
);

test.runIf(isLong)('however many ask, few are asked back at once: their answers are memory', async () => {
  const relay = await bench.start();
  let open = 0;
  let most = 0;
  const release = Promise.withResolvers<undefined>();
  const strangers = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const { node } = await createNode({ mayDial: [relay.identity.peerId] });
      await node.handle(DIRECTORY_PROTOCOL, async (stream) => {
        most = Math.max(most, (open += 1));
        await release.promise;
        open -= 1;
        stream.abort(new Error('no answer'));
      });
      return node;
    }),
  );
  const ask = async (node: (typeof strangers)[number]): Promise<void> => {
    const connection = await node.dial(multiaddr(relay.address));
    await askDirectory(connection, undefined, { signal: AbortSignal.timeout(10_000) });
  };
  for (let round = 0; round < 3; round += 1) await Promise.all(strangers.map(ask));
  await eventually(() => expect(open).toBeGreaterThan(0));
  // Two of those that asked, and two of those that are there in the rounds meanwhile.
  expect(most).toBeLessThanOrEqual(4);
  // Whoever the operator told of is asked all the same.
  const told = await bench.start({ neighbours: [relay.address] });
  await eventually(async () => expect((await bench.directoryOf(told)).length).toBeGreaterThan(1));
  release.resolve(undefined);
  for (const node of strangers) await node.stop();
});
