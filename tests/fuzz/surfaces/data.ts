// Data connections at an entry (docs/protocol/data.md): a stranger asks for keys on its link, comes with right ones and wrong ones, speaks before there is a tunnel, and answers
// tunnels with frames that are wrong.

import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';
import { TUNNEL_PROTOCOL, TUNNEL_STATUS } from '../../../src/core/tunnel/protocol.ts';
import { writeHeader } from '../../../relay/data/frame-reader.ts';
import {
  DATA_PROTOCOL,
  DATA_SERVER_NAME,
  DATA_TLS,
  decodeDataKeys,
  MAX_KEYS,
  type DataKey,
} from '../../../relay/data/protocol.ts';
import { FrameReader } from '../../../src/core/wire/frames.ts';
import { makeHello } from '../../support/relay-hello.ts';
import { ZONE } from '../../support/relay-process.ts';
import { Conversation, converse, dialTcp, HungUpError } from '../conversation.ts';
import { framed } from '../frames.ts';
import { drawBytes } from '../mutate.ts';
import type { Handlers, Stranger } from '../strangers.ts';
import { input, inputs, type Round, type Surface } from '../surface.ts';
import { asking, openStream } from './protocols.ts';

const QUESTIONS = [1, 2, MAX_KEYS].map((count) => Uint8Array.of(count));
const STREAMS = 20;
/** Keys of one round; each is a handshake. */
const KEYS = 4;
const FRAMES_ON_ONE = 10;
const SECURE_MS = 2_000;
/** An entry asks who came before it takes them for an exit; until then their name leads nowhere. */
const KNOWN_MS = 100;

const bytesFrame = (bytes: Uint8Array): Buffer => Buffer.concat([writeHeader('bytes', bytes.length), bytes]);
const FRAMES = [
  bytesFrame(Buffer.alloc(300, 'x')),
  bytesFrame(Buffer.alloc(0)),
  writeHeader('came', 1),
  Buffer.concat([bytesFrame(Buffer.alloc(20, 'y')), writeHeader('came', 300)]),
];
const ACCEPTED = bytesFrame(Uint8Array.of(TUNNEL_STATUS.accepted));

async function keysOf({ connection }: Stranger, round: Round): Promise<{ port: number; keys: DataKey[] }> {
  const conversation = await openStream(connection, DATA_PROTOCOL);
  const answer = await conversation.say(framed({ ...round, isValid: true }, Uint8Array.of(KEYS)), SECURE_MS);
  await conversation.end();
  const [message] = new FrameReader().push(answer);
  if (message === undefined) throw new HungUpError('no keys');
  return decodeDataKeys(message, KEYS);
}

async function secure(round: Round, port: number, { id, psk }: DataKey): Promise<TLSSocket> {
  const socket = await dialTcp({ ...round.target.entry.tunnels, port }, round.localAddress);
  const tls = connectTls({
    ...DATA_TLS,
    ...{ socket, servername: DATA_SERVER_NAME, checkServerIdentity: () => undefined },
    pskCallback: () => ({ identity: id, psk }),
  });
  tls.on('error', () => undefined);
  socket.once('close', () => tls.destroy());
  const signal = AbortSignal.timeout(SECURE_MS);
  const closed = once(tls, 'close', { signal }).then(() => Promise.reject(new HungUpError('no handshake')));
  await Promise.race([once(tls, 'secureConnect', { signal }), closed]);
  closed.catch(() => undefined);
  return tls;
}

const questions: Surface = {
  weight: 10,
  hands: 2,
  round: asking({ protocol: DATA_PROTOCOL, count: STREAMS, word: 'keys' }, (round) => input(round, 'bytes', QUESTIONS)),
};

/** A key that nobody has, or one that is right in its name alone. */
async function comeWithWrongKey(round: Round, port: number, key: DataKey): Promise<void> {
  const { random } = round;
  const wrong =
    random.draw() < 0.5
      ? { ...key, psk: drawBytes(random, 32) }
      : { ...key, id: random.pick(['', 'x', 'f'.repeat(100)]) };
  const tls = await secure(round, port, wrong).catch(() => undefined);
  round.sent();
  round.answered(tls === undefined ? 'no handshake' : 'let in with a wrong key');
  tls?.destroy();
}

const frames: Surface = {
  weight: 10,
  hands: 3,
  round: async (round) => {
    const { random, target, localAddress, isValid } = round;
    const handlers: Handlers = { [TUNNEL_PROTOCOL]: (stream) => stream.abort(new HungUpError('not on the link')) };
    const stranger = await round.strangers.meet({ address: target.entry.address, localAddress, handlers });
    try {
      const { port, keys } = await keysOf(stranger, round);
      await delay(KNOWN_MS);
      const [address = ''] = target.entry.tunnels.host.split(':');
      const serverName = formatCircuitName({ address, peer: stranger.label, zone: ZONE });
      for (const key of keys) {
        if (!isValid && random.draw() < 0.2) {
          await comeWithWrongKey(round, port, key);
          continue;
        }
        const tls = await secure(round, port, key);
        if (!isValid && random.draw() < 0.2) {
          // Before there is a tunnel.
          await converse(tls, inputs(round, 'bytes', FRAMES, 1), round, () => 'bytes');
          continue;
        }
        const hello = once(tls, 'data', { signal: AbortSignal.timeout(SECURE_MS) });
        hello.catch(() => undefined);
        const browser = await dialTcp(target.entry.tunnels, localAddress);
        browser.resume();
        browser.write(makeHello({ serverName }));
        await hello;
        const conversation = new Conversation(tls);
        await conversation.say(random.draw() < 0.9 ? ACCEPTED : input(round, 'bytes', [ACCEPTED]));
        round.sent();
        for (let made = 0; made < FRAMES_ON_ONE && !conversation.isOver(); made += 1) {
          const answer = await conversation.say(isValid ? FRAMES[0]! : input(round, 'bytes', FRAMES));
          round.sent();
          round.answered(answer.length > 0 ? 'frames' : conversation.isOver() ? 'cut' : 'nothing');
        }
        browser.destroy();
        await conversation.end();
      }
    } finally {
      await stranger.leave();
    }
  },
};

export const DATA = { 'keys of data connections': questions, 'frames of data connections': frames };
