// A protocol that is presumed to be spoken: nobody waits for the word, what is sent goes along with the question, and a word that is not yes ends the stream. Two real nodes of libp2p over TCP, and an
// answer in every number of pieces.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { byteStream } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import fc from 'fast-check';
import { createLibp2p, type Libp2p } from 'libp2p';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { presumeProtocol, presuming, presumingSecurity } from '../../../src/net/presumed-protocol.ts';

const SPOKEN = '/test/spoken/1.0.0';
const UNSPOKEN = '/test/unspoken/1.0.0';
const ANSWER = Buffer.concat(
  ['/multistream/1.0.0\n', `${SPOKEN}\n`].map((line) => Buffer.from(`${String.fromCharCode(line.length)}${line}`)),
);

describe('between two nodes', () => {
  let dialler: Libp2p;
  let listener: Libp2p;
  /** Between them: what it holds back has not arrived. */
  let holds: boolean;
  let held: Buffer[];
  let toDialler: Socket;
  let address: string;
  const heard: string[] = [];

  beforeEach(async () => {
    heard.length = 0;
    holds = false;
    held = [];
    const options = { connectionEncrypters: [noise()], connectionMonitor: { enabled: false } };
    listener = await createLibp2p({
      ...{ ...options, transports: [tcp()], streamMuxers: [yamux()] },
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    });
    await listener.handle(SPOKEN, (stream: Stream) => {
      stream.addEventListener('message', ({ data }) => {
        heard.push(Buffer.from(data.subarray()).toString());
        stream.send(Buffer.from('answer'));
      });
    });
    const real = Number(
      listener
        .getMultiaddrs()[0]!
        .getComponents()
        .find(({ name }) => name === 'tcp')!.value,
    );
    const between = createServer((socket) => {
      toDialler = socket;
      const onward = connect(real, '127.0.0.1');
      for (const each of [socket, onward])
        each.on('error', () => undefined).on('close', () => [socket, onward].forEach((end) => end.destroy()));
      socket.pipe(onward);
      onward.on('data', (data: Buffer) => (holds ? held.push(data) : socket.write(data)));
    }).listen(0, '127.0.0.1');
    await once(between, 'listening');
    between.unref();
    address = `/ip4/127.0.0.1/tcp/${(between.address() as AddressInfo).port}/p2p/${listener.peerId.toString()}`;
    dialler = await createLibp2p({
      ...options,
      transports: [presumingSecurity(tcp(), '/noise')],
      streamMuxers: [presuming(yamux(), [SPOKEN, UNSPOKEN])],
    });
  });
  afterEach(async () => {
    await Promise.all([dialler.stop(), listener.stop()]);
  });

  test('what is sent arrives before the other side’s word is heard, and its answers come without that word', async () => {
    const connection = await dialler.dial(multiaddr(address));
    holds = true;
    const stream = await connection.newStream(SPOKEN);
    stream.send(Buffer.from('question'));
    await expect.poll(() => heard).toEqual(['question']);
    holds = false;
    toDialler.write(Buffer.concat(held));
    const read = await byteStream(stream).read({ bytes: 6 });
    expect(Buffer.from(read.subarray()).toString()).toBe('answer');
  });

  test('of one that is not spoken the stream ends with that error, and the connection stays', async () => {
    const connection = await dialler.dial(multiaddr(address));
    const stream = await connection.newStream(UNSPOKEN);
    const ended = once(stream, 'close') as Promise<[{ error?: Error }]>;
    stream.send(Buffer.from('question'));
    const [{ error }] = await ended;
    expect(error?.name).toBe('UnsupportedProtocolError');
    expect(connection.status).toBe('open');
    expect(heard).toEqual([]);
  });
});

describe('an answer', () => {
  /** What a stream of libp2p is to whoever reads it. */
  const begin = () => {
    const came: Buffer[] = [];
    const errors: Error[] = [];
    const stream = {
      onData: (data: Uint8Array) => void came.push(Buffer.from(data)),
      abort: (error: Error) => void errors.push(error),
    };
    presumeProtocol(stream as unknown as Stream, SPOKEN);
    expect(Buffer.concat(came)).toEqual(ANSWER);
    came.length = 0;
    return { stream, errors, came: () => Buffer.concat(came) };
  };
  const inPieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
    const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
    return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  };

  test('in any pieces is taken out of what follows it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.nat(), { maxLength: 8 }), (rest, cuts) => {
        const { stream, errors, came } = begin();
        for (const piece of inPieces(Buffer.concat([ANSWER, rest]), cuts)) stream.onData(piece);
        expect(errors).toEqual([]);
        expect(came()).toEqual(Buffer.from(rest));
      }),
    );
  });

  test('that differs in any byte ends the stream, and nothing of it is passed on', () => {
    fc.assert(
      fc.property(
        fc.nat(ANSWER.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.array(fc.nat(), { maxLength: 4 }),
        (at, change, cuts) => {
          const { stream, errors, came } = begin();
          const wrong = Buffer.from(ANSWER);
          wrong[at]! ^= change;
          for (const piece of inPieces(wrong, cuts)) if (errors.length === 0) stream.onData(piece);
          expect(errors.map(({ name }) => name)).toEqual(['UnsupportedProtocolError']);
          expect(came()).toEqual(Buffer.alloc(0));
        },
      ),
    );
  });
});
