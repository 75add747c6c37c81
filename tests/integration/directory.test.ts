// The directory between two real libp2p nodes: what a relay has arrives whole, again only what is new, and a relay that breaks the protocol is found out.

import { deflateRawSync } from 'node:zlib';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { lpStream } from '@libp2p/utils';
import type { Connection, Stream } from '@libp2p/interface';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serveDirectory } from '../../relay/directory/serve.ts';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';
import { encodeDescriptor } from '../../src/core/directory/descriptor.ts';
import { DIRECTORY_PROTOCOL, encodePage } from '../../src/core/directory/directory-messages.ts';
import { Directory } from '../../src/core/directory/directory.ts';
import { openDescriptor, type OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { joinEntries } from '../../src/core/directory/page.ts';
import { labelOfKey } from '../../src/core/directory/peer-key.ts';
import { askDirectory } from '../../src/net/directory-client.ts';
import { DAY, descriptorOf, DEVNET, KEYS, relayKeys, sign } from '../support/descriptors.ts';

const EPOCH = `0x${'0e'.repeat(16)}` as const;
const log = pino({ enabled: false });
let relay: RelayNode;
let client: RelayNode;
let connection: Connection;
let directory: Directory;
const signal = AbortSignal.timeout(100_000);

beforeAll(async () => {
  relay = await createRelayNode({
    privateKey: await generateKeyPair('Ed25519'),
    listen: [{ host: '127.0.1.46', port: 0 }],
    mayDial: [],
  });
  client = await createRelayNode({
    privateKey: await generateKeyPair('Ed25519'),
    listen: [],
    mayDial: [relay.peerId],
  });
  connection = await client.dial(relay.getMultiaddrs());
});
afterAll(async () => {
  await client.stop();
  await relay.stop();
});
beforeEach(async () => {
  directory = new Directory({ epoch: EPOCH, limit: 100_000, isVouched: () => true });
  await relay.unhandle(DIRECTORY_PROTOCOL);
  await serveDirectory({ node: relay, directory, log, now: () => DAY * 1000 });
});

/** As if both keys had signed it. */
function unsigned(number: number, sequence = 1n): OpenedDescriptor {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, number);
  const descriptor = {
    ...descriptorOf({ peer: labelOfKey(key), payee: `0x${number.toString(16).padStart(40, '0')}` }),
    sequence,
  };
  const signatures = {
    peerSignature: `0x${'00'.repeat(64)}`,
    payeeSignature: `0x${'00'.repeat(65)}`,
  } as const;
  return { descriptor, signed: { descriptor: encodeDescriptor(descriptor), ...signatures } };
}

test('what a relay has comes whole and can be opened', async () => {
  const keys = await Promise.all([1, 2, 3].map(relayKeys));
  const init = { keys: KEYS, chainId: DEVNET.chainId, now: DAY * 1000 };
  for (const each of keys) directory.consider(await openDescriptor(await sign(descriptorOf(each), each), init));
  const { entries, mark } = await askDirectory(connection, undefined, { signal });
  const opened = await Promise.all(entries.map((entry) => openDescriptor(entry, init)));
  expect(opened.map(({ descriptor }) => descriptor)).toEqual(keys.map(descriptorOf));
  expect(mark).toEqual(directory.mark);
});

test('thousands come in pages, and later only what is new', async () => {
  // More than 4 MB, which is where libp2p's own reader of frames gives up.
  const many = 12_000;
  for (let number = 0; number < many; number += 1) directory.consider(unsigned(number));
  const first = await askDirectory(connection, undefined, { signal });
  expect(first.entries).toEqual(directory.since(undefined).map(({ signed }) => signed));
  expect((await askDirectory(connection, first.mark, { signal })).entries).toEqual([]);

  directory.consider(unsigned(7, 2n));
  directory.consider(unsigned(many));
  const second = await askDirectory(connection, first.mark, { signal });
  expect(second.entries).toEqual([unsigned(7, 2n).signed, unsigned(many).signed]);
  // A directory that began anew has other numbers.
  const other = { epoch: `0x${'0f'.repeat(16)}` as const, version: second.mark.version };
  expect((await askDirectory(connection, other, { signal })).entries).toHaveLength(many + 1);
});

test('an empty directory is one', async () => {
  expect(await askDirectory(connection, undefined, { signal })).toEqual({
    ...{ entries: [], mark: directory.mark, time: DAY },
  });
});

describe('a relay that breaks the protocol', () => {
  const mark = { epoch: EPOCH, version: 1 };
  const one = unsigned(1).signed;
  const columnsOf = (entries: (typeof one)[]) => {
    const { descriptors, signatures } = joinEntries(entries);
    return { descriptors: deflateRawSync(descriptors), signatures };
  };
  const answerWith = async (send: (frames: ReturnType<typeof lpStream>, stream: Stream) => Promise<void>) => {
    await relay.unhandle(DIRECTORY_PROTOCOL);
    await relay.handle(DIRECTORY_PROTOCOL, async (stream) => {
      const frames = lpStream(stream);
      await frames.read();
      // It is cut in the middle.
      await send(frames, stream).catch(() => undefined);
    });
  };
  const ask = () => askDirectory(connection, undefined, { signal });

  test('by a page that inflates to far more than it is', async () => {
    const descriptors = deflateRawSync(new Uint8Array(50_000_000));
    expect(descriptors.length).toBeLessThan(61_000);
    await answerWith((frames) =>
      frames.write(
        encodePage({ mark, time: DAY, isLast: true, columns: { descriptors, signatures: new Uint8Array(129) } }),
      ),
    );
    await expect(ask()).rejects.toMatchObject({ code: 'too-large' });
  });

  test('by bytes that are not compressed', async () => {
    const columns = { descriptors: one.descriptor, signatures: new Uint8Array(129) };
    await answerWith((frames) => frames.write(encodePage({ mark, time: DAY, isLast: true, columns })));
    await expect(ask()).rejects.toMatchObject({ code: 'malformed' });
  });

  test('by pages of nothing', async () => {
    await answerWith(async (frames) => {
      for (let page = 0; page < 100; page += 1)
        await frames.write(encodePage({ mark, time: DAY, isLast: false, columns: undefined }));
    });
    await expect(ask()).rejects.toMatchObject({ code: 'malformed' });
  });

  test('by a directory without an end', async () => {
    const descriptors = deflateRawSync(Uint8Array.from({ length: 800 }, (_, at) => (at % 2 === 0 ? 1 : 7)));
    const columns = { descriptors, signatures: new Uint8Array(400 * 129) };
    await answerWith(async (frames) => {
      for (;;) await frames.write(encodePage({ mark, time: DAY, isLast: false, columns }));
    });
    await expect(ask()).rejects.toMatchObject({ code: 'too-large' });
  });

  test('by a frame that is too long', async () => {
    await answerWith((frames) => frames.write(new Uint8Array(70_000)));
    await expect(ask()).rejects.toMatchObject({ code: 'malformed' });
  });

  test('by an end in the middle', async () => {
    const page = encodePage({ mark, time: DAY, isLast: false, columns: columnsOf([one]) });
    await answerWith(async (frames, stream) => {
      await frames.write(page);
      await stream.close();
    });
    await expect(ask()).rejects.toMatchObject({ code: 'unfinished' });
  });

  test('by silence, which ends with the asker’s patience', async () => {
    await answerWith(() => Promise.resolve());
    await expect(askDirectory(connection, undefined, { signal: AbortSignal.timeout(300) })).rejects.toThrow(
      /timeout|aborted/i,
    );
  });
});

test('who asks nonsense gets nothing, and others are answered', async () => {
  for (const question of [Uint8Array.of(10, 1, 1), new Uint8Array(300)]) {
    const stream = await connection.newStream(DIRECTORY_PROTOCOL);
    const frames = lpStream(stream);
    await frames.write(question);
    await expect(frames.read()).rejects.toThrow();
  }
  expect((await askDirectory(connection, undefined, { signal })).entries).toEqual([]);
});
