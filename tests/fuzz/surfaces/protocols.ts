// Streams that a stranger opens on a relay: every protocol that an entry handles, over TCP and over the WebSocket of its own name.

import type { Connection } from '@libp2p/interface';
import { DIRECTORY_PROTOCOL } from '../../../src/core/directory/directory-messages.ts';
import { encodeSessionMessage } from '../../../src/core/wire/session-messages.ts';
import { SESSION_PROTOCOL, TRANSIT_PROTOCOL } from '../../../src/core/wire/session-protocol.ts';
import { TUNNEL_PROTOCOL } from '../../../src/core/tunnel/protocol.ts';
import { questions } from '../corpus/directory.ts';
import { greeting, sessionBodies, sessionMessages } from '../corpus/session.ts';
import { framed, wordsOf } from '../frames.ts';
import { drawBytes, mutate } from '../mutate.ts';
import { StreamConversation } from '../strangers.ts';
import { input, type Round, type Surface } from '../surface.ts';

const BODIES = sessionBodies('payer');
/** Of a payee they are not answered, and of them a peer may send more. */
const VOUCHERS = BODIES.filter(({ type }) => type === 'voucher');
const MESSAGES = sessionMessages('payer');
const OTHER_SIDE = sessionMessages('payee');
const QUESTIONS = questions();
/** A directory's stream has one. */
const QUESTIONS_OF_ONE = 25;
/** Beyond it the payee has told this peer to wait (relay/session/limits.ts). */
const MESSAGES_ON_ONE = 30;
/** On one connection a payee lets in four at once. */
const STREAMS = 2;
const OPEN_MS = 2_000;

export async function openStream(connection: Connection, protocol: string): Promise<StreamConversation> {
  return new StreamConversation(await connection.newStream(protocol, { signal: AbortSignal.timeout(OPEN_MS) }));
}

/** A message that is wrong in its form, in its place, in what it says, or in who says it. */
function nextMessage({ random, isValid }: Round, request: number): Buffer {
  if (isValid) return greeting(request)[0]!;
  const kind = random.draw();
  if (kind < 0.35) return mutate(random, 'protobuf', MESSAGES);
  if (kind < 0.38) return mutate(random, 'protobuf', OTHER_SIDE);
  const body = random.pick(kind < 0.8 ? VOUCHERS : BODIES);
  const number = random.draw() < 0.1 ? random.between(0, request) : request;
  return Buffer.from(encodeSessionMessage({ request: number, body }));
}

/** Until the stream ends, or the payee is told no more. */
export async function speakAsPayer(round: Round, conversation: StreamConversation, greets: boolean): Promise<boolean> {
  let request = 1;
  if (greets)
    for (const message of greeting(request)) await conversation.say(framed({ ...round, isValid: true }, message));
  request += 2;
  for (let made = 0; made < MESSAGES_ON_ONE && !conversation.isOver() && !round.signal.aborted; made += 1) {
    const answer = await conversation.say(framed(round, nextMessage(round, request)));
    const words = wordsOf(answer, 'payee').map(({ word }) => word);
    request += random1(round);
    // What came after it was not looked at.
    if (words.includes('rate_limited')) return false;
    round.sent();
    round.answered(words.find((word) => word !== 'meter') ?? (conversation.isOver() ? 'ended' : 'nothing'));
  }
  return true;
}

function random1({ random }: Round): number {
  return random.draw() < 0.9 ? 1 : random.between(0, 2 ** 20);
}

const sessions: Surface = {
  weight: 60,
  hands: 6,
  round: async (round) => {
    const { paid } = round.target;
    const address = round.random.draw() < 0.25 ? paid.webAddress : paid.address;
    const { connection, leave } = await round.strangers.meet({ address, localAddress: round.localAddress });
    try {
      for (let made = 0; made < STREAMS && !round.signal.aborted; made += 1) {
        const conversation = await openStream(connection, SESSION_PROTOCOL);
        const goesOn = await speakAsPayer(round, conversation, made === 0);
        await conversation.end();
        if (!goesOn) break;
      }
    } finally {
      await leave();
    }
  },
};

/** What a stranger asks an entry, one question on each stream. @param word what an answer is called */
export function asking(
  { protocol, count, word }: { protocol: string; count: number; word: string },
  next: (round: Round) => Buffer,
): Surface['round'] {
  return async (round) => {
    const { localAddress, target, signal } = round;
    const { connection, leave } = await round.strangers.meet({ address: target.entry.address, localAddress });
    try {
      for (let made = 0; made < count && connection.status === 'open' && !signal.aborted; made += 1) {
        const conversation = await openStream(connection, protocol);
        const answer = await conversation.say(framed(round, next(round)));
        round.sent();
        round.answered(answer.length > 0 ? word : conversation.isOver() ? 'ended' : 'nothing');
        await conversation.end();
      }
    } finally {
      await leave();
    }
  };
}

const directory: Surface = {
  weight: 40,
  hands: 3,
  round: asking({ protocol: DIRECTORY_PROTOCOL, count: QUESTIONS_OF_ONE, word: 'page' }, (round) =>
    input(round, 'protobuf', QUESTIONS),
  ),
};

/** Those of libp2p, those that an entry does not take, and names that nobody has. */
const OTHERS = [
  ...['/ipfs/ping/1.0.0', '/ipfs/ping/1.0.0', '/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0', TUNNEL_PROTOCOL],
  ...[TRANSIT_PROTOCOL, SESSION_PROTOCOL, '/no/such/1.0.0', '/\u{1f600}/1', `/${'long'.repeat(200)}/1.0.0`],
];
const STREAMS_OF_OTHERS = 20;

const others: Surface = {
  weight: 25,
  hands: 3,
  round: async (round) => {
    const { localAddress, target, random, signal } = round;
    const { connection, leave } = await round.strangers.meet({ address: target.entry.address, localAddress });
    try {
      for (let made = 0; made < STREAMS_OF_OTHERS && connection.status === 'open' && !signal.aborted; made += 1) {
        const protocol = round.isValid ? OTHERS[0]! : random.pick(OTHERS);
        round.sent();
        try {
          const conversation = await openStream(connection, protocol);
          const bytes = drawBytes(random, round.isValid ? 32 : random.pick([0, 1, 31, 32, 33, 300, 5_000]));
          const answer = await conversation.say(bytes);
          round.answered(answer.length > 0 ? 'bytes' : conversation.isOver() ? 'ended' : 'nothing');
          if (random.draw() < 0.5) await conversation.end();
          else conversation.stream.abort(new Error('broken off'));
        } catch {
          round.answered('not spoken');
        }
      }
    } finally {
      await leave();
    }
  },
};

export const PROTOCOLS = {
  [SESSION_PROTOCOL]: sessions,
  [DIRECTORY_PROTOCOL]: directory,
  'ping, identify and protocols that an entry does not take': others,
};
