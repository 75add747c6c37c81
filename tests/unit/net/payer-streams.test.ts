// What a payee may do to the stream of its payer: the worker's end (src/net) and that of an entry which pays an exit (relay/transit), over a stream with the
// real logic of libp2p. Whatever comes, the payer gets messages in their order or the end, and nothing is kept of what is too long.

import type { Connection } from '@libp2p/interface';
import { describe, expect, test } from 'vitest';
import { openTransitStream } from '../../../relay/transit/stream.ts';
import { encodeFrame, MAX_FRAME_BYTES } from '../../../src/core/wire/frames.ts';
import { encodeField, encodeVarint } from '../../../src/core/wire/protobuf.ts';
import { encodeSessionMessage, type SessionMessage } from '../../../src/core/wire/session-messages.ts';
import { openSession } from '../../../src/net/session-client.ts';
import { settled } from '../../support/session-payee.ts';
import { WindowedStream } from '../../support/windowed-stream.ts';

const signal = new AbortController().signal;
const refusal = (request: number): Uint8Array<ArrayBuffer> =>
  encodeFrame(encodeSessionMessage({ request, body: { type: 'error', code: 'bad_sig' } }));
/** Its body has a number that this version does not know. */
const unknown = encodeFrame(Uint8Array.from([...encodeField(1, 1n), ...encodeField(100, new Uint8Array(3))]));
/** That a payer says, and no payee. */
const request = encodeSessionMessage({ request: 1, body: { type: 'quoteRequest', chainId: 1 } });

type Heard = { requests: number[]; ended: number; send: (message: SessionMessage) => void };

const ends: [string, (connection: Connection, heard: Heard) => Promise<void>][] = [
  [
    'the worker',
    async (connection, heard) => {
      const stream = await openSession(connection, 'payer', { signal });
      stream.onMessage((message) => void heard.requests.push(message.request));
      stream.onEnd(() => void (heard.ended += 1));
      heard.send = (message) => stream.send(message);
    },
  ],
  [
    'an entry',
    async (connection, heard) => {
      const stream = await openTransitStream(connection, signal, {
        message: (message) => void heard.requests.push(message.request),
        end: () => void (heard.ended += 1),
      });
      heard.send = (message) => stream.send(message);
    },
  ],
];

describe.each(ends)('%s', (_, open) => {
  async function connect(): Promise<{ stream: WindowedStream; heard: Heard }> {
    const stream = new WindowedStream();
    const connection = { newStream: async () => stream, remotePeer: { toString: () => 'payee' } };
    const heard: Heard = { requests: [], ended: 0, send: () => undefined };
    await open(connection as unknown as Connection, heard);
    return { stream, heard };
  }

  test('reads messages in whatever pieces, twice the same and out of order as they come', async () => {
    const { stream, heard } = await connect();
    const bytes = Buffer.concat([refusal(3), refusal(3), refusal(1)]);
    for (const byte of bytes) stream.onData(Uint8Array.of(byte));
    await settled();
    expect(heard).toMatchObject({ requests: [3, 3, 1], ended: 0 });
  });

  test('passes over a message of a later version', async () => {
    const { stream, heard } = await connect();
    stream.onData(Buffer.concat([unknown, refusal(2)]));
    await settled();
    expect(heard).toMatchObject({ requests: [2], ended: 0 });
  });

  test.each<[string, Uint8Array]>([
    ['a frame of more than 64 KiB', Uint8Array.from(encodeVarint(BigInt(MAX_FRAME_BYTES + 1)))],
    ['an empty frame', Uint8Array.of(0)],
    ['a message that is none', encodeFrame(Uint8Array.of(0xff, 0xff))],
    ['what only a payer says', encodeFrame(request)],
  ])('cuts the stream at %s, and hears nothing after it', async (_, bytes) => {
    const { stream, heard } = await connect();
    stream.onData(refusal(1));
    stream.onData(Buffer.concat([bytes, refusal(2)]));
    await settled();
    expect(stream.reset).toBe(true);
    expect(heard).toMatchObject({ requests: [1], ended: 1 });
    expect(() => heard.send({ request: 1, body: { type: 'quoteRequest', chainId: 1 } })).toThrow('has ended');
  });

  test('takes a stream that ends inside of a frame for one that has ended', async () => {
    const { stream, heard } = await connect();
    stream.onData(refusal(1).subarray(0, 3));
    stream.onRemoteCloseWrite();
    await settled();
    expect(heard).toMatchObject({ requests: [], ended: 1 });
  });

  test('cuts off a payee that does not read', async () => {
    const { stream, heard } = await connect();
    const tell = (): void => {
      for (let n = 1; n < 10_000; n += 1) heard.send({ request: n, body: { type: 'quoteRequest', chainId: 1 } });
    };
    expect(tell).toThrow('has ended');
    await settled();
    expect(stream.reset).toBe(true);
    expect(heard.ended).toBe(1);
  });
});
