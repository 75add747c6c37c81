// The entry's own name: TLS ends there, and what is inside is HTTP, a WebSocket, and libp2p in it. (libp2p as it should be comes by it in protocols.ts.)

import { Conversation, dialTls, converse, statusOf } from '../conversation.ts';
import { ownRequests, upgradeRequest } from '../corpus/http.ts';
import { openings } from '../corpus/libp2p-bytes.ts';
import { mutate } from '../mutate.ts';
import { inputs, perTarget, type Round, type Surface } from '../surface.ts';

const corpusOf = perTarget(({ entry }) => ({
  requests: [...ownRequests(entry.ownName, ['/', '/favicon.ico']), upgradeRequest(entry.ownName)],
  upgrade: upgradeRequest(entry.ownName),
}));

/** An answer is the end of its connection, a wrong request too. */
const REQUESTS = 3;

const dial = ({ target, localAddress }: Round) =>
  dialTls(target.entry.tunnels, localAddress, { servername: target.entry.ownName, ca: target.ca });

const http: Surface = {
  weight: 6,
  hands: 2,
  round: async (round) => {
    const { requests } = corpusOf(round.target);
    await converse(await dial(round), inputs(round, 'text', requests, REQUESTS), round, statusOf);
  },
};

/** RFC 6455 §5.2, masked as a client's are, with a mask that changes nothing. @param first FIN, reserved bits and opcode */
function webSocketFrame(first: number, payload: Uint8Array): Buffer {
  const mask = Buffer.alloc(4);
  const size = payload.length;
  const length = size < 126 ? Buffer.from([0x80 | size]) : Buffer.from([0x80 | 126, (size >> 8) & 0xff, size & 0xff]);
  return Buffer.concat([Buffer.from([first]), length, mask, payload]);
}

const OPCODE = { more: 0x02, last: 0x80, text: 0x81, binary: 0x82, close: 0x88, ping: 0x89, pong: 0x8a };
const FRAMES = [
  ...openings().map((bytes) => webSocketFrame(OPCODE.binary, bytes)),
  ...[webSocketFrame(OPCODE.text, Buffer.from('text')), webSocketFrame(OPCODE.ping, Buffer.from('x'))],
  ...[webSocketFrame(OPCODE.pong, Buffer.alloc(0)), webSocketFrame(OPCODE.close, Buffer.from([0x03, 0xe8]))],
  ...[webSocketFrame(OPCODE.more, Buffer.from([19])), webSocketFrame(OPCODE.last, Buffer.from('/multistream/1.0.0\n'))],
];
const FRAMES_ON_ONE = 12;

/** Right ones in the wrong order, too. */
function nextFrame({ random, isValid }: Round): Buffer {
  if (isValid) return FRAMES[0]!;
  return random.draw() < 0.3 ? random.pick(FRAMES) : mutate(random, 'bytes', FRAMES);
}

const webSockets: Surface = {
  weight: 12,
  hands: 3,
  round: async (round) => {
    const { upgrade } = corpusOf(round.target);
    const conversation = new Conversation(await dial(round));
    const answer = await conversation.say(upgrade);
    round.answered(statusOf(answer));
    for (let made = 0; made < FRAMES_ON_ONE && !conversation.isOver() && !round.signal.aborted; made += 1) {
      await conversation.say(nextFrame(round));
      round.sent();
      round.answered(conversation.isOver() ? 'ended' : 'goes on');
    }
    await conversation.end();
  },
};

export const OWN_NAME = { 'HTTP at the own name': http, 'WebSockets at the own name': webSockets };
